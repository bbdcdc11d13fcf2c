package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/**
 * What all tests on a faulty network share: a backend object behind a proxy, and others without a
 * proxy that see what it did.
 */
@Tag(Tags.NETWORK)
@Timeout(300)
abstract class NetworkContract extends StoreContract {

  /** A lease duration that outlasts whatever the network does. */
  static final Duration HELD = Duration.ofMinutes(10);

  /** A call time-out that no call reaches if it gets its replies. */
  private static final Duration PATIENT = Duration.ofSeconds(10);

  /** More replies than most calls get, so that each reply is lost once. */
  private static final int REPLIES = 16;

  /**
   * More than one round, since the lost reply may belong to another request, such as a login of the
   * pool.
   */
  private static final int ROUNDS = 10;

  TcpProxy proxy;

  /** The backend object behind the proxy. */
  Backend backend;

  JobQueue jobs;
  LeaseStore leases;

  /** The same queues, through another backend object that connects to the server directly. */
  JobQueue others;

  LeaseStore otherLeases;

  private boolean open;

  /** Whether a reply was lost since this was last set to false. */
  private boolean swallowed;

  /**
   * Makes the store under test, with its own data. The kit calls it once per test class.
   *
   * @return the fixture, which the kit closes
   * @throws Exception if it cannot be made
   */
  @Override
  protected abstract NetworkFixture fixture() throws Exception;

  @BeforeEach
  void openBehindProxy() {
    InetSocketAddress server = network().server();
    proxy = new TcpProxy(server.getHostString(), server.getPort());
    others = two.jobQueue();
    otherLeases = two.leaseStore();
    take(opened(PATIENT));
  }

  private NetworkFixture network() {
    return (NetworkFixture) bare.fixture;
  }

  private void take(Backend opened) {
    open = true;
    backend = calls.recorded(opened, "store", "jobs", "admin");
    jobs = backend.jobQueue();
    leases = backend.leaseStore();
  }

  /** Opens a backend object behind the proxy. */
  final Backend opened(Duration callTimeout) {
    try {
      return network().open(new InetSocketAddress("localhost", proxy.port()), callTimeout);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the store under test could not be opened", e);
    }
  }

  /** Replaces the backend object with one whose calls give up on the server sooner. */
  final void takeWithCallTimeout(Duration callTimeout) {
    closeBackend();
    // On a slow machine even opening the backend object may exceed that time-out.
    eventually(() -> take(opened(callTimeout)));
  }

  /** Harmless if called twice; closing a store's backend object twice need not be. */
  final void closeBackend() {
    if (open) {
      open = false;
      backend.close();
    }
  }

  @AfterEach
  void close() {
    proxy.heal();
    assertEnds("close", this::closeBackend);
    proxy.close();
  }

  final JobAdmin admin() {
    return backend.jobAdmin();
  }

  final JobAdmin otherAdmin() {
    return two.jobAdmin();
  }

  /**
   * A call that loses a reply.
   *
   * @param done whether the call took effect, as other backend objects see it
   * @param after checks the state afterwards, or repeats the call
   */
  record Attempt(Runnable call, BooleanSupplier done, Runnable after) {}

  /**
   * Loses each reply of a call in turn. If the request had taken effect, the call must say that its
   * outcome is unknown, or must have repeated the request and got an answer. It must never say that
   * nothing was done when something was.
   */
  final void loseReplies(Supplier<Attempt> attempts) {
    loseReplies(REPLIES, attempts);
  }

  /**
   * The same for any call.
   *
   * @param replies more replies than the call gets
   */
  final void loseReplies(int replies, Supplier<Attempt> attempts) {
    boolean wasDone = false;
    boolean failed = false;
    swallowed = false;
    for (int i = 0; i < replies * ROUNDS && (i < replies || !wasDone); i++) {
      Attempt attempt = attempts.get();
      StoreException lost = withReplyLost(i % replies, attempt.call);
      if (lost != null) {
        boolean done = attempt.done.getAsBoolean();
        assertThat(lost.isOutcomeUnknown() || !done)
            .as(
                "the outcome is unknown, or nothing was done, after the failure: %s",
                lost.getMessage())
            .isTrue();
        wasDone |= done;
        failed = true;
      }
      attempt.after.run();
    }
    assertThat(wasDone || (swallowed && !failed))
        .as("at least one lost reply was to a request that had taken effect")
        .isTrue();
  }

  /** Loses each reply of a read in turn: the read fails, or its answer is right. */
  final void loseRepliesOfRead(Runnable read) {
    swallowed = false;
    for (int i = 0; i < REPLIES; i++) {
      withReplyLost(i, read);
    }
    assertThat(swallowed).as("whether a reply was lost").isTrue();
    read.run();
  }

  /** Returns how a call fails that loses a reply; null if it succeeds all the same. */
  private @Nullable StoreException withReplyLost(int reply, Runnable call) {
    proxy.swallowReplyAfter(reply);
    try {
      return failureOf("a call that lost a reply", call);
    } finally {
      swallowed |= proxy.hasSwallowed();
      proxy.heal();
    }
  }

  /** Returns how a call fails, or null if it succeeds. In either case it must return by itself. */
  final @Nullable StoreException failureOf(String what, Runnable call) {
    return catchThrowableOfType(StoreException.class, () -> assertEnds(what, call));
  }

  /** The call time-out for tests in which calls must reach it. */
  Duration impatient() {
    return Duration.ofMillis(500);
  }

  /** A call that takes this long hangs: no machine is that slow. */
  Duration endless() {
    return Duration.ofMinutes(1);
  }

  /**
   * How much longer than a store says a call may take on a machine that others keep busy. A call
   * that hangs takes longer.
   */
  Duration margin() {
    return Duration.ofSeconds(15);
  }

  /**
   * Fails unless calls that are made at once end, each in any way, within a time and the margin. It
   * leaves those behind that do not.
   */
  final void assertAllEnd(Map<String, Runnable> all, Duration within) throws InterruptedException {
    var running = new CountDownLatch(all.size());
    Set<String> names = ConcurrentHashMap.newKeySet();
    names.addAll(all.keySet());
    all.forEach(
        (name, call) ->
            start(
                name,
                () -> {
                  try {
                    call.run();
                  } catch (StoreException e) {
                    // A call may fail, if only it ends.
                  } finally {
                    names.remove(name);
                    running.countDown();
                  }
                }));
    running.await(within.plus(margin()).toMillis(), TimeUnit.MILLISECONDS);
    assertThat(names).as("calls that have not ended %s after %s", margin(), within).isEmpty();
  }

  /** Fails if the call hangs. It then leaves the call behind, so that the failure can name it. */
  final void assertEnds(String what, Runnable call) {
    var running = new FutureTask<@Nullable Void>(call, null);
    start("call", running);
    try {
      running.get(endless().toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      fail("%s did not return within %d s", what, endless().toSeconds());
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      // A Runnable can throw nothing else.
      throw (RuntimeException) e.getCause();
    }
  }

  static Thread start(String role, Runnable task) {
    var thread = new Thread(task, "lease-test-" + role);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }

  /** Waits until a count has grown, and calls the nudge from time to time. */
  final void awaitMore(AtomicInteger count, Runnable nudge) throws InterruptedException {
    int before = count.get();
    long begin = System.nanoTime();
    while (count.get() == before) {
      if (System.nanoTime() - begin > endless().toNanos()) {
        fail("nothing happened within %d s", endless().toSeconds());
      }
      nudge.run();
      Thread.sleep(10);
    }
  }

  /** Repeats a call until it succeeds, as a worker does. */
  final void eventually(Runnable call) {
    long begin = System.nanoTime();
    while (failureOf("a repeated call", call) != null) {
      if (System.nanoTime() - begin > endless().toNanos()) {
        fail("a repeated call kept failing for %d s", endless().toSeconds());
      }
    }
  }

  /** Enqueues a job that is alone in its queue, and has the queue's name as its id. */
  final String enqueued() {
    String name = unique("job");
    others.enqueue(List.of(job(name)));
    return name;
  }

  static NewJob job(String name) {
    return job(name, name, Due.now());
  }

  static NewJob job(String queue, String id, Due due) {
    return NewJob.builder(queue, id, "kit", "payload").due(due).build();
  }

  /** Enqueues a job that is alone in its queue, and claims it. */
  final JobLease held() {
    return others.claim(ClaimRequest.of(enqueued(), "worker", 1, HELD)).jobs().get(0).lease();
  }

  final Job find(String name) {
    return others.find(name, name).orElseThrow();
  }

  final JobState stateOf(String name) {
    return find(name).state();
  }
}
