package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

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
 * What the tests on a faulty network have in common: a backend object behind a proxy, and others
 * that see from outside what it did.
 */
@Tag(Tags.NETWORK)
@Timeout(300)
abstract class NetworkContract extends StoreContract {

  /** For leases that last, whatever the network does. */
  static final Duration HELD = Duration.ofMinutes(10);

  /** Long enough for every call that gets its answers. */
  private static final Duration PATIENT = Duration.ofSeconds(10);

  /** More than any call gets replies, so that each of them is lost once. */
  private static final int REPLIES = 16;

  /** A reply to somebody else, such as a login of the pool's, may be lost instead. */
  private static final int ROUNDS = 10;

  TcpProxy proxy;

  /** The backend object behind the proxy. */
  TestBackend backend;

  JobQueue jobs;
  LeaseStore leases;

  /** The same of another backend object, which goes straight to the server. */
  JobQueue others;

  LeaseStore otherLeases;

  private boolean open;

  /** Whether a reply was lost since this was last false. */
  private boolean swallowed;

  /**
   * Makes the store under test, with data of its own. Called once per test class.
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
    others = two.requireJobQueue();
    otherLeases = two.requireLeaseStore();
    take(opened(PATIENT));
  }

  private NetworkFixture network() {
    return (NetworkFixture) bare.fixture;
  }

  private void take(TestBackend opened) {
    open = true;
    backend = calls.recorded(opened, "store", "jobs", "admin");
    jobs = backend.requireJobQueue();
    leases = backend.requireLeaseStore();
  }

  /** A backend object behind the proxy. */
  final TestBackend opened(Duration callTimeout) {
    try {
      return network().open(new InetSocketAddress("localhost", proxy.port()), callTimeout);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the store under test could not be opened", e);
    }
  }

  /** Goes on with a backend object whose calls give the server up sooner. */
  final void takeWithCallTimeout(Duration callTimeout) {
    closeBackend();
    // On a slow machine even what is opened now may run into it.
    eventually(() -> take(opened(callTimeout)));
  }

  /** Harmless when done twice, which a store need not be. */
  final void closeBackend() {
    if (open) {
      open = false;
      backend.onClose().run();
    }
  }

  @AfterEach
  void close() {
    proxy.heal();
    assertEnds("close", this::closeBackend);
    proxy.close();
  }

  final JobAdmin admin() {
    return backend.requireJobAdmin();
  }

  final JobAdmin otherAdmin() {
    return two.requireJobAdmin();
  }

  /**
   * A call, in which a reply is lost.
   *
   * @param done whether it was done, as others see it
   * @param after what is true of it afterwards, or is repeated
   */
  record Attempt(Runnable call, BooleanSupplier done, Runnable after) {}

  /**
   * Loses each reply of a call in turn. Some were to a request that had been done, and the call
   * must have said that its outcome is unknown, or have asked again and been answered; none may
   * have said that nothing was done when it was.
   */
  final void loseReplies(Supplier<Attempt> attempts) {
    boolean wasDone = false;
    boolean failed = false;
    swallowed = false;
    for (int i = 0; i < REPLIES * ROUNDS && (i < REPLIES || !wasDone); i++) {
      Attempt attempt = attempts.get();
      StoreException lost = withReplyLost(i % REPLIES, attempt.call);
      if (lost != null) {
        boolean done = attempt.done.getAsBoolean();
        assertThat(lost.isOutcomeUnknown() || !done)
            .as("says that the outcome is unknown, or was not done: %s", lost.getMessage())
            .isTrue();
        wasDone |= done;
        failed = true;
      }
      attempt.after.run();
    }
    assertThat(wasDone || (swallowed && !failed))
        .as("the reply to what was done was lost")
        .isTrue();
  }

  /** Loses each reply of a call that changes nothing: it fails, or its answer is right. */
  final void loseRepliesOfRead(Runnable read) {
    swallowed = false;
    for (int i = 0; i < REPLIES; i++) {
      withReplyLost(i, read);
    }
    assertThat(swallowed).as("a reply was lost").isTrue();
    read.run();
  }

  /** Returns how a call fails of which a reply is lost; null if it does without. */
  private @Nullable StoreException withReplyLost(int reply, Runnable call) {
    proxy.swallowReplyAfter(reply);
    try {
      return failureOf("a call of which a reply is lost", call);
    } finally {
      swallowed |= proxy.hasSwallowed();
      proxy.heal();
    }
  }

  /** Returns how a call fails, which has to end by itself; null if it does not fail. */
  final @Nullable StoreException failureOf(String what, Runnable call) {
    return catchThrowableOfType(StoreException.class, () -> assertEnds(what, call));
  }

  /** The call time-out where calls are to run into it. */
  Duration impatient() {
    return Duration.ofMillis(500);
  }

  /** A call that takes so long does not end by itself: no machine is that slow. */
  Duration endless() {
    return Duration.ofMinutes(1);
  }

  /** A call that has no end is left behind, so that it can be told which it was. */
  final void assertEnds(String what, Runnable call) {
    var running = new FutureTask<@Nullable Void>(call, null);
    start("call", running);
    try {
      running.get(endless().toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      fail("%s does not end within %d s", what, endless().toSeconds());
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      // A Runnable throws nothing else.
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

  /** Waits until a count has grown, and does something for it from time to time. */
  final void awaitMore(AtomicInteger count, Runnable nudge) throws InterruptedException {
    int before = count.get();
    long begin = System.nanoTime();
    while (count.get() == before) {
      if (System.nanoTime() - begin > endless().toNanos()) {
        fail("nothing goes on within %d s", endless().toSeconds());
      }
      nudge.run();
      Thread.sleep(10);
    }
  }

  /** As a worker does it, which repeats what failed. */
  final void eventually(Runnable call) {
    long begin = System.nanoTime();
    while (failureOf("a call that is repeated", call) != null) {
      if (System.nanoTime() - begin > endless().toNanos()) {
        fail("a call that is repeated fails for %d s", endless().toSeconds());
      }
    }
  }

  /** Enqueues a job that is alone in its queue, and named like it. */
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
