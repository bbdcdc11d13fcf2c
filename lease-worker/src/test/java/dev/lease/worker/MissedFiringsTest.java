package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.Schedule.Missed;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Nights and outages of a store whose clock the test moves [W28]. */
class MissedFiringsTest {

  private static final JobType<String> REPORT = JobType.of("reports", "report", String.class);
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend store = new InMemoryBackend(clock);
  private final List<String> ran = new CopyOnWriteArrayList<>();

  private void whileWorking(Runnable work, Schedule... schedules) {
    Worker.Builder builder =
        Worker.builder(store)
            .config(WorkerFixture.config().build())
            .handle(REPORT, (payload, context) -> ran.add(context.jobId()));
    for (Schedule schedule : schedules) {
      builder.schedule(schedule);
    }
    Worker worker = builder.build();
    worker.start();
    try {
      work.run();
    } finally {
      worker.close();
    }
  }

  private static Schedule nightly(String name, Missed missed) {
    return Schedule.cron(name, REPORT, "sales", "30 2 * * *", BERLIN).withMissed(missed);
  }

  /** Waits until each schedule has been looked at since the clock was moved, and waits again. */
  private void awaitRest(int schedules) {
    Awaitility.await()
        .atMost(WorkerFixture.LONG)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              var unfinished =
                  store.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(1_000)).jobs().stream()
                      .filter(job -> !job.state().isFinished())
                      .toList();
              return unfinished.size() == schedules
                  && unfinished.stream()
                      .allMatch(job -> job.lease() == null && job.dueAt().isAfter(job.asOf()));
            });
  }

  @Test
  @DisplayName("each policy, over an outage of three nights")
  void outage() {
    Schedule[] schedules = {
      nightly("skip", Missed.SKIP), nightly("one", Missed.ONE), nightly("all", Missed.ALL)
    };
    whileWorking(() -> awaitRest(3), schedules);
    clock.advance(Duration.ofDays(3));
    whileWorking(() -> awaitRest(3));
    assertThat(ran)
        .as("a worker that does not know the schedules fires them")
        .containsExactlyInAnyOrder(
            "one@2026-01-03T01:30:00Z",
            "all@2026-01-01T01:30:00Z",
            "all@2026-01-02T01:30:00Z",
            "all@2026-01-03T01:30:00Z");
  }

  @Test
  @DisplayName("the nights in which the clocks change")
  void nights() {
    clock.advance(Duration.ofDays(86)); // 28 March
    whileWorking(
        () -> {
          awaitRest(1);
          for (int i = 0; i < 3 * 24; i++) {
            clock.advance(Duration.ofHours(1));
            awaitRest(1);
          }
        },
        nightly("report", Missed.ONE));
    assertThat(ran)
        .containsExactly(
            "report@2026-03-28T01:30:00Z",
            "report@2026-03-29T01:00:00Z",
            "report@2026-03-30T00:30:00Z");
  }

  @Test
  @DisplayName("what is due when a schedule changes its times is no firing of the new times")
  void changedTimes() {
    whileWorking(() -> awaitRest(1), nightly("report", Missed.ALL));
    clock.advance(Duration.ofDays(3));
    Schedule hourly =
        Schedule.cron("report", REPORT, "sales", "0 * * * *", BERLIN)
            .withMissed(Missed.ALL)
            .withVersion(2);
    store.jobAdmin().pause("reports");
    whileWorking(
        () -> {
          WorkerFixture.eventually(() -> Schedules.of(store).list().get(0).version() == 2);
          store.jobAdmin().resume("reports");
          awaitRest(1);
          assertThat(ran).isEmpty();
          clock.advance(Duration.ofHours(2));
          awaitRest(1);
        },
        hourly);
    assertThat(ran).containsExactly("report@2026-01-04T01:00:00Z", "report@2026-01-04T02:00:00Z");
  }

  @AfterEach
  void close() {
    store.close();
  }
}
