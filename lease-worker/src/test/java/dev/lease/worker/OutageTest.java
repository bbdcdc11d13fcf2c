package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Backend;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobState;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutageTest extends WorkerFixture {

  @ParameterizedTest(name = "W11 claims resume by themselves after any number of {0}")
  @ValueSource(
      classes = {StoreException.class, IllegalStateException.class, NoClassDefFoundError.class})
  void resumes(Class<? extends Throwable> kind) {
    CountDownLatch failures = latch(10);
    jobs.onClaim =
        (queue, call) -> {
          if (failures.getCount() > 0) {
            failures.countDown();
            fail(kind);
          }
          return call.get();
        };
    enqueue("a");
    start(config(), (payload, context) -> {});

    awaitState("a", JobState.DONE);
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .asString()
        .contains("tries again until it can");
    eventually(() -> logs.at(Level.INFO).stream().anyMatch(line -> line.contains("again after")));
  }

  private static void fail(Class<? extends Throwable> kind) {
    if (kind == StoreException.class) {
      throw StoreException.notDone("down", null);
    }
    if (kind == IllegalStateException.class) {
      throw new IllegalStateException("down");
    }
    throw new NoClassDefFoundError("down");
  }

  @Test
  @DisplayName("W11 a worker that starts while the store is down starts, and works when it is up")
  void startsDown() {
    CountDownLatch up = latch();
    CountDownLatch asked = latch(3);
    jobs.onClaim =
        (queue, call) -> {
          if (up.getCount() > 0) {
            asked.countDown();
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    Worker worker = start(config(), (payload, context) -> {});
    eventually(() -> asked.getCount() == 0);
    assertThat(worker.status().running()).isTrue();
    enqueue("a");
    up.countDown();
    awaitState("a", JobState.DONE);
  }

  @Test
  @DisplayName("W11 a worker whose store is closed before it stops, and says so")
  void closedStore() throws Exception {
    Backend closedEarly = again();
    Worker worker =
        start(
            Parts.worker(closedEarly.jobQueue())
                .config(config().build())
                .handle(TEXT, (payload, context) -> {}, patient()));
    enqueue("a");
    awaitState("a", JobState.DONE);

    closedEarly.close();

    eventually(() -> worker.status().state() == WorkerStatus.State.STOPPED);
    assertThat(logs.at(Level.ERROR))
        .anyMatch(line -> line.contains("was closed before the worker, which stops now"));
    worker.stop();
  }

  @Test
  @DisplayName("W11 a worker whose store is closed stops, though it only extends a lease")
  void closedWhileExtending() throws Exception {
    Backend closedEarly = again();
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    Worker worker =
        start(
            Parts.worker(closedEarly.jobQueue())
                .config(keptLease().build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      running.countDown();
                      passStubbornly(end);
                    },
                    patient()));
    enqueue("a");
    pass(running);

    closedEarly.close();

    // Its one slot is taken, so it does not claim.
    eventually(() -> worker.status().state() == WorkerStatus.State.STOPPED);
    end.countDown();
    assertThat(logs.at(Level.ERROR))
        .anyMatch(line -> line.contains("was closed before the worker, which stops now"))
        .noneMatch(line -> line.contains("tries again"));
  }

  @Test
  @DisplayName("W11 a worker whose store is closed stops, though it only settles a job")
  void closedWhileSettling() throws Exception {
    Backend closedEarly = again();
    enqueue("a");
    // The first claim finds less than it asks for, so the next one is far.
    Worker worker =
        start(
            Parts.worker(closedEarly.jobQueue())
                .config(config().concurrency(2).pollInterval(FAR).maxBackoff(FAR).build())
                .handle(TEXT, (payload, context) -> closedEarly.close(), patient()));

    eventually(() -> worker.status().state() == WorkerStatus.State.STOPPED);
    assertThat(logs.at(Level.ERROR))
        .anyMatch(line -> line.contains("was closed before the worker, which stops now"))
        .noneMatch(line -> line.contains("tries again"));
  }

  @Test
  @DisplayName("W11 an outage is one ERROR and one INFO, whatever of the store fails, each time")
  void loggedOnce() {
    var outage = new StoreOutage("w", NO_EVENTS, () -> {});
    for (int i = 0; i < 2; i++) {
      outage.failed("q", "claim", new IllegalStateException());
      outage.failed("q", "extend", new IllegalStateException());
      outage.failed("q", "claim", new IllegalStateException());
      outage.succeeded("q", "extend");
      outage.succeeded("q", "settle");
      outage.succeeded("other", "claim");
      outage.succeeded("q", "claim");
      outage.succeeded("q", "claim");
    }
    assertThat(logs.at(Level.ERROR)).hasSize(2);
    assertThat(logs.at(Level.INFO)).hasSize(2);
  }

  @Test
  @DisplayName("W11 W23 an outage of one queue is said once, whatever others do meanwhile")
  void oneQueue() {
    var outage = new StoreOutage("w", NO_EVENTS, () -> {});
    for (int i = 0; i < 50; i++) {
      outage.failed("a", "claim", StoreException.notDone("down", null));
      outage.succeeded("b", "claim");
    }
    outage.failed("c", "claim", StoreException.notDone("down as well", null));
    outage.succeeded("c", "claim");
    outage.succeeded("a", "claim");
    assertThat(logs.at(Level.ERROR)).singleElement().asString().contains("queue a: down");
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("queue c either: down as");
    assertThat(logs.at(Level.INFO)).hasSize(2);
  }

  @Test
  @DisplayName("W11 an outage of extensions ends when no lease is in need of one")
  void nothingToExtend() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> TimeUnit.NANOSECONDS.toMillis(now.get()));
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    LeaseExtender extender = extender(held);
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("down", null);
        };
    enqueue("a", "b");
    for (ClaimedJob claimed : jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 2, FAR)).jobs()) {
      HeldJob hold = held.add(claimed, held.deadline());
      now.addAndGet(FAR.toNanos() / 2);
      extender.round();
      held.leave(hold);
      eventually(
          () -> {
            extender.round();
            return logs.at(Level.INFO).size() == logs.at(Level.ERROR).size();
          });
    }
    assertThat(logs.at(Level.ERROR)).hasSize(2);
    assertThat(logs.at(Level.INFO)).hasSize(2);
  }

  @Test
  @DisplayName("W11 an outage of extensions goes on after the lease while a settlement is to come")
  void settlementToCome() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> TimeUnit.NANOSECONDS.toMillis(now.get()));
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    LeaseExtender extender = extender(held);
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("down", null);
        };
    enqueue("a");
    ClaimedJob claimed = jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 1, FAR)).jobs().get(0);
    HeldJob hold = held.add(claimed, held.deadline());
    hold.begin(null);
    now.addAndGet(FAR.toNanos() / 2);
    extender.round();
    hold.end(null);
    now.addAndGet(FAR.toNanos());
    extender.round();
    assertThat(hold.isKept()).as("whether the lease lasts").isFalse();
    assertThat(logs.at(Level.ERROR)).hasSize(1);
    assertThat(logs.at(Level.INFO)).as("before the job is settled").isEmpty();

    held.leave(hold);
    extender.round();
    assertThat(logs.at(Level.INFO)).as("then").hasSize(1);
  }

  private LeaseExtender extender(HeldJobs held) {
    return new LeaseExtender(
        jobs,
        DIRECT,
        held,
        1.0 / 3,
        new StoreOutage("w", NO_EVENTS, () -> {}),
        new LeaseLoss(jobs, DIRECT),
        NO_EVENTS,
        Runnable::run,
        new Inbox(new Signal()),
        () -> {});
  }

  @Test
  @DisplayName("W24 where no thread can be made, leases of all queues are extended all the same")
  void noThreadToExtend() {
    var now = new AtomicLong();
    var clock = new LocalClock(now::get, () -> TimeUnit.NANOSECONDS.toMillis(now.get()));
    var held = new HeldJobs(clock, FAR, NO_EVENTS);
    var threads =
        new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    var extender =
        new LeaseExtender(
            jobs,
            new StoreCalls(
                StoreCalls.MOST,
                () -> Stream.of(TEXT.queue(), "others"),
                queue -> "",
                FAR,
                threads,
                System::nanoTime,
                () -> {}),
            held,
            1.0 / 3,
            new StoreOutage("w", NO_EVENTS, () -> {}),
            new LeaseLoss(jobs, DIRECT),
            NO_EVENTS,
            Runnable::run,
            new Inbox(new Signal()),
            () -> {});
    enqueue("a");
    JobType<String> other = JobType.of("others", "text", String.class);
    enqueue(client.job(other, "b", "").build());
    for (String queue : List.of(TEXT.queue(), other.queue())) {
      jobs.claim(ClaimRequest.of(queue, "w", 1, FAR))
          .jobs()
          .forEach(claimed -> held.add(claimed, held.deadline()));
    }
    now.addAndGet(FAR.toNanos() / 2);
    extender.round();
    threads.shutdown();
    assertThat(jobs.extended).containsExactlyInAnyOrder(List.of("a"), List.of("b"));
  }

  @Test
  @DisplayName(
      "Q20 a store that says more, and gives nothing, is asked again when work is expected")
  void moreOfNothing() {
    jobs.onClaim =
        (queue, call) -> {
          Claim claim = call.get();
          return Claim.of(claim.jobs(), claim.finished(), true);
        };
    Worker worker = start(config().pollInterval(FAR).maxBackoff(FAR), (p, c) -> {});
    eventually(() -> !jobs.claims.isEmpty());
    enqueue("a");
    awaitState("a", JobState.DONE);
    worker.stop();
    // As one without work, and once more after the claim that brought something.
    assertThat(jobs.claims.size()).isLessThanOrEqualTo(5);
  }

  @Test
  @DisplayName("Q11 a claim that has searched only a part is followed by the next one at once")
  void partial() {
    var parts = new AtomicInteger();
    jobs.onClaim =
        (queue, call) -> parts.incrementAndGet() <= 5 ? Claim.empty().asPartial() : call.get();
    enqueue("a");
    Worker worker = start(config().pollInterval(FAR).maxBackoff(FAR), (p, c) -> {});
    awaitState("a", JobState.DONE);
    worker.stop();
    assertThat(parts.get()).isGreaterThan(5);
  }

  @Test
  @DisplayName(
      "Q11 a store that says for ever that it has searched only a part is not asked on end")
  void partialForEver() {
    jobs.onClaim = (queue, call) -> call.get().asPartial();
    Worker worker = start(config().pollInterval(FAR).maxBackoff(FAR), (p, c) -> {});
    eventually(() -> jobs.claims.size() == Claim.MAX_PARTS);
    enqueue("a");
    awaitState("a", JobState.DONE);
    worker.stop();
    assertThat(jobs.claims.size()).isLessThanOrEqualTo(3 * Claim.MAX_PARTS);
  }

  @Test
  @DisplayName("W11 pauses double up to the maximum backoff, with jitter of a half, and start anew")
  void pauses() {
    var gate = new Backoff(Duration.ofMinutes(1));
    assertThat(gate.isFailing()).isFalse();
    assertThat(gate.nanosLeft(Long.MAX_VALUE)).isZero();
    for (int failures = 1; failures <= 100; failures++) {
      gate.failed();
      long cap =
          Math.min(
              TimeUnit.MILLISECONDS.toNanos(50) << Math.min(failures - 1, 30),
              TimeUnit.MINUTES.toNanos(1));
      assertThat(gate.pause()).isBetween(cap / 2, cap);
      assertThat(gate.nanosLeft(Long.MAX_VALUE)).isLessThanOrEqualTo(cap);
      assertThat(gate.nanosLeft(1)).isLessThanOrEqualTo(1);
    }
    gate.succeeded();
    gate.failed();
    assertThat(gate.pause()).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  @DisplayName("W11 a worker without work asks once in a poll interval, not more")
  void idle() {
    Worker worker = start(config().pollInterval(FAR).maxBackoff(FAR), (p, c) -> {});
    eventually(() -> !jobs.claims.isEmpty());
    enqueue("a");
    awaitState("a", JobState.DONE);
    worker.stop();
    // At the start, once hints were asked for, at the hint, and with the settlement. Redis says by
    // one more hint that they come.
    assertThat(jobs.claims.size()).isLessThanOrEqualTo(store == Store.REDIS ? 5 : 4);
  }
}
