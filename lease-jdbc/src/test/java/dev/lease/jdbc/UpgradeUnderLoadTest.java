package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A store is upgraded to the next version and back, while workers and a producer of this version go
 * on. It prints how long that took, and how long the slowest call of theirs. A million jobs: {@code
 * -Dlease.upgrade.jobs=1000000}.
 */
@Tag("slow")
class UpgradeUnderLoadTest {

  private static final int JOBS = Integer.getInteger("lease.upgrade.jobs", 5_000);
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 no call fails during an upgrade, and no job is lost or done twice")
  void thereAndBack(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(CALL_TIMEOUT))) {
      var load = new Load(backend);
      while (load.enqueued.get() < JOBS) {
        load.enqueue(1_000);
      }
      load.start();
      if (kind == TestDatabase.POSTGRESQL) {
        withIndexFirst(url, load);
        load.time(kind, "back", () -> TestDatabase.execute(url, UpgradeTest.back(kind)));
      }
      load.time(kind, "upgrade", () -> NextVersion.migrate(url, CALL_TIMEOUT));
      load.time(kind, "back", () -> TestDatabase.execute(url, UpgradeTest.back(kind)));
      load.stop();

      var counts = backend.jobAdmin().counts().queues().get(0);
      assertThat(counts.count(JobState.DONE)).isEqualTo(load.done.get());
      assertThat(counts.count(JobState.PENDING)).isEqualTo(load.enqueued.get() - load.done.get());
      assertThat(counts.count(JobState.PROCESSING)).isZero();
    }
  }

  /** As an operator does it on a large table; the first attempt is cut off. */
  private static void withIndexFirst(String url, Load load) throws Exception {
    assertThatThrownBy(
            () ->
                TestDatabase.execute(
                    url,
                    "create unique index concurrently lease_job_type on lease_job (queue, type)"))
        .isInstanceOf(SQLException.class);
    load.time(
        TestDatabase.POSTGRESQL,
        "upgrade with an index in its way that is not valid",
        () ->
            assertThatThrownBy(() -> NextVersion.migrate(url, CALL_TIMEOUT))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is not valid"));
    load.time(
        TestDatabase.POSTGRESQL,
        "index, made concurrently",
        () ->
            TestDatabase.execute(
                url,
                "drop index concurrently lease_job_type",
                "create index concurrently lease_job_type on lease_job (queue, type, seq) where finished_at is null"));
    load.time(
        TestDatabase.POSTGRESQL, "upgrade behind it", () -> NextVersion.migrate(url, CALL_TIMEOUT));
  }

  private interface Work {
    void run() throws Exception;
  }

  /** Two workers and a producer, with all their calls. */
  private static final class Load {
    private final JdbcBackend backend;
    private final AtomicInteger enqueued = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private volatile boolean stopped;

    Load(JdbcBackend backend) {
      this.backend = backend;
    }

    void start() {
      running.add(CompletableFuture.runAsync(() -> repeat(() -> enqueue(20))));
      for (int i = 0; i < 2; i++) {
        running.add(CompletableFuture.runAsync(() -> repeat(this::work)));
      }
    }

    void stop() throws Exception {
      stopped = true;
      for (var one : running) {
        one.get(2, TimeUnit.MINUTES);
      }
    }

    /** Also waits until the others have done something before it, and after it. */
    void time(TestDatabase kind, String what, Work work) throws Exception {
      awaitRounds();
      longestNanos.set(0);
      long began = System.nanoTime();
      work.run();
      long nanos = System.nanoTime() - began;
      awaitRounds();
      System.out.printf(
          "%s, %,d jobs: %s took %,d ms, the slowest call meanwhile %,d ms%n",
          kind, JOBS, what, nanos / 1_000_000, longestNanos.get() / 1_000_000);
    }

    private void awaitRounds() throws Exception {
      int wanted = rounds.get() + 20;
      Await.until(
          () ->
              rounds.get() >= wanted
                  || running.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
    }

    private void repeat(Runnable round) {
      while (!stopped) {
        round.run();
        rounds.incrementAndGet();
      }
    }

    void enqueue(int count) {
      List<NewJob> jobs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        jobs.add(
            NewJob.builder("q", "job-" + enqueued.incrementAndGet(), "type-" + i % 7, "payload")
                .build());
      }
      timed(() -> assertThat(backend.jobQueue().enqueue(jobs)).allMatch(Enqueued::created));
    }

    private void work() {
      List<JobLease> held = new ArrayList<>();
      timed(
          () ->
              backend.jobQueue().claim(ClaimRequest.of("q", "w", 20, LEASE)).jobs().stream()
                  .map(ClaimedJob::lease)
                  .forEach(held::add));
      timed(() -> assertThat(backend.jobQueue().extend(held, LEASE)).hasSize(held.size()));
      List<Settlement> settlements = held.stream().<Settlement>map(Settlement::done).toList();
      timed(
          () ->
              assertThat(backend.jobQueue().settle(settlements))
                  .allMatch(Settlement.Result.ACCEPTED::equals));
      done.addAndGet(held.size());
    }

    private void timed(Runnable call) {
      long began = System.nanoTime();
      call.run();
      longestNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
    }
  }
}
