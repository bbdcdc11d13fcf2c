package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the reference does beyond the contract. */
class InMemoryBackendTest {

  private static final Duration DURATION = Duration.ofMinutes(1);

  private final ManualClock clock = new ManualClock();

  @Test
  void nobodyCanChangeWhatItCanDo() {
    try (var backend = new InMemoryBackend(clock)) {
      assertThat(backend.capabilities()).contains(Capability.AUDIT).isUnmodifiable();
    }
  }

  @Test
  void enqueueingWakesListenersOfEveryBackendObject() throws InterruptedException {
    try (var one = new InMemoryBackend(clock);
        var two = one.again()) {
      var woken = new CountDownLatch(2);
      one.jobQueue().onWork("queue", woken::countDown);
      two.jobQueue().onWork("queue", woken::countDown);

      enqueue(one.jobQueue());

      assertThat(woken.await(10, TimeUnit.SECONDS)).as("both were woken").isTrue();
    }
  }

  @Test
  void aFailingHintDoesNotStopTheNext() throws InterruptedException {
    try (var backend = new InMemoryBackend(clock)) {
      var woken = new CountDownLatch(1);
      backend
          .jobQueue()
          .onWork(
              "queue",
              () -> {
                throw new IllegalStateException("as part of the test");
              });
      backend.jobQueue().onWork("queue", woken::countDown);

      enqueue(backend.jobQueue());

      assertThat(woken.await(10, TimeUnit.SECONDS)).as("the second was woken").isTrue();
    }
  }

  @Test
  void whateverMakesAJobClaimableWakesListeners() throws InterruptedException {
    try (var backend = new InMemoryBackend(clock)) {
      JobQueue jobs = backend.jobQueue();
      JobAdmin admin = backend.jobAdmin();
      var hints = new Semaphore(0);
      jobs.onWork("queue", hints::release);

      assertWakes(hints, "enqueue", () -> enqueue(jobs));
      assertWakes(hints, "release", () -> settle(jobs, SettlementKind.RELEASED));
      assertWakes(hints, "retry", () -> settle(jobs, SettlementKind.RETRY));
      String id =
          jobs.claim(ClaimRequest.of("queue", "worker", 1, DURATION)).jobs().get(0).lease().jobId();
      clock.advance(DURATION);
      assertWakes(hints, "reset", () -> admin.resetExpired("queue", 1));
      admin.cancel("queue", id);
      assertWakes(hints, "requeue", () -> admin.requeue("queue", id));
      assertWakes(hints, "resume", () -> admin.resume("queue"));
    }
  }

  private static void assertWakes(Semaphore hints, String what, Runnable call)
      throws InterruptedException {
    call.run();
    assertThat(hints.tryAcquire(10, TimeUnit.SECONDS)).as("%s wakes", what).isTrue();
  }

  @Test
  void aJobThatEndsWakesNobody() throws InterruptedException {
    try (var backend = new InMemoryBackend(clock)) {
      JobQueue jobs = backend.jobQueue();
      enqueue(jobs);
      var hints = new Semaphore(0);
      jobs.onWork("queue", hints::release);

      settle(jobs, SettlementKind.DONE);

      // The hints of one backend object come in order.
      var next = new Semaphore(0);
      jobs.onWork("next", next::release);
      assertWakes(
          next,
          "enqueue",
          () -> jobs.enqueue(List.of(NewJob.builder("next", "id", "type", "").build())));
      assertThat(hints.availablePermits()).as("hints for a job that is done").isZero();
    }
  }

  @Test
  void closingEndsTheThreadOfTheHints() throws Exception {
    var thread = new CompletableFuture<Thread>();
    try (var backend = new InMemoryBackend(clock)) {
      backend.jobQueue().onWork("queue", () -> thread.complete(Thread.currentThread()));
      enqueue(backend.jobQueue());
      assertThat(thread.get(10, TimeUnit.SECONDS).isAlive()).isTrue();
    }

    thread.get().join(10_000);

    assertThat(thread.get().isAlive()).as("the thread, after close").isFalse();
  }

  @Test
  void aFullPageIsTheLastWhenNothingFollows() {
    try (var backend = new InMemoryBackend(clock)) {
      enqueue(backend.jobQueue());
      enqueue(backend.jobQueue());

      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(1)).next()).isNotNull();
      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(2)).next()).isNull();
    }
  }

  @Test
  void theDataSurviveTheBackendThatMadeThem() {
    var first = new InMemoryBackend(clock);
    long token = acquire(first).token();
    first.close();
    first.close();

    try (var restarted = first.again()) {
      assertThat(restarted.leaseStore().find("name").map(Lease::token)).contains(token);
    }
  }

  @Test
  void tokensGrowWhenTheClockIsSetBack() {
    try (var backend = new InMemoryBackend(clock)) {
      Lease lease = acquire(backend);
      clock.advance(Duration.ofSeconds(1));
      backend.leaseStore().acquire("another", "owner", DURATION);
      clock.advance(Duration.ofHours(-1));
      backend.leaseStore().release(lease);

      assertThat(acquire(backend).token()).isGreaterThan(lease.token());
    }
  }

  @Test
  void namesLongExpiredAreForgotten() {
    var data = new InMemoryData(clock);
    var store = new InMemoryLeaseStore(new InMemorySession(data));
    for (int i = 0; i < 10; i++) {
      store.acquire("name-" + i, "owner", DURATION);
    }
    clock.advance(DURATION);

    store.acquire("another", "owner", DURATION);

    assertThat(data.leases).containsOnlyKeys("another");
    assertThat(data.leaseTokens).containsOnlyKeys("another");
  }

  @Test
  void itRunsOnRealTime() {
    try (var backend = new InMemoryBackend(InstantSource.system())) {
      enqueue(backend.jobQueue());
      assertThat(backend.jobQueue().claim(ClaimRequest.of("queue", "worker", 2, DURATION)).jobs())
          .hasSize(1);
    }
  }

  @Test
  void finishedJobsAreKeptADayIfDoneAndAWeekOtherwise() {
    try (var backend = new InMemoryBackend(clock)) {
      JobQueue jobs = backend.jobQueue();
      assertThat(keptAfter(jobs, SettlementKind.DONE)).isEqualTo(Duration.ofHours(24));
      assertThat(keptAfter(jobs, SettlementKind.FAILED)).isEqualTo(Duration.ofDays(7));
      assertThat(keptAfter(jobs, SettlementKind.CANCELLED)).isEqualTo(Duration.ofDays(7));
    }
  }

  private static @Nullable Duration keptAfter(JobQueue jobs, SettlementKind kind) {
    enqueue(jobs);
    String id = settle(jobs, kind);
    return jobs.find("queue", id).orElseThrow().keep();
  }

  @Test
  void aDelayInNanosecondsIsRoundedUpAndALeaseDown() {
    try (var backend = new InMemoryBackend(clock)) {
      JobQueue jobs = backend.jobQueue();
      jobs.enqueue(
          List.of(
              NewJob.builder("queue", "id", "type", "")
                  .due(Due.after(Duration.ofNanos(1)))
                  .build()));
      assertThat(jobs.claim(ClaimRequest.of("queue", "worker", 1, DURATION)).jobs()).isEmpty();
      clock.advance(Duration.ofNanos(1_000));

      var claimed =
          jobs.claim(ClaimRequest.of("queue", "worker", 1, DURATION.plusNanos(999))).jobs().get(0);

      assertThat(claimed.lease().expiresAt()).isEqualTo(clock.instant().plus(DURATION));
    }
  }

  @Test
  void itsUnitOfTimeIsTheMicrosecond() {
    clock.advance(Duration.ofNanos(1_999));
    try (var backend = new InMemoryBackend(clock)) {
      Duration leaseDuration = DURATION.plusNanos(999);

      Lease lease = backend.leaseStore().acquire("name", "owner", leaseDuration).orElseThrow();

      assertThat(lease.asOf()).isEqualTo(clock.instant().minusNanos(999));
      assertThat(lease.remaining()).isEqualTo(DURATION);
    }
  }

  private static Lease acquire(InMemoryBackend backend) {
    return backend.leaseStore().acquire("name", "owner", DURATION).orElseThrow();
  }

  private static String settle(JobQueue jobs, SettlementKind kind) {
    var lease = jobs.claim(ClaimRequest.of("queue", "worker", 1, DURATION)).jobs().get(0).lease();
    jobs.settle(List.of(kind.of(lease)));
    return lease.jobId();
  }

  private static void enqueue(JobQueue jobs) {
    jobs.enqueue(List.of(NewJob.builder("queue", Names.unique("id"), "type", "payload").build()));
  }
}
