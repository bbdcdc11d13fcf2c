package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import dev.lease.worker.JobType;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.Worker;
import dev.lease.worker.codec.CompressingCodec;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands for schedules, on schedules that a worker has registered. */
@Timeout(120)
class ScheduleCommandsTest {

  private static final JobType<String> REPORT = JobType.of("reports", "report", String.class);

  @TempDir private Path directory;

  private static void register(TestStore store, PayloadCodec codec, Schedule... schedules) {
    Worker.Builder worker =
        Worker.builder(store.backend()).codec(codec).handle(REPORT, (payload, context) -> {});
    List.of(schedules).forEach(worker::schedule);
    try (Worker started = worker.build()) {
      started.start();
      while (Schedules.of(store.backend()).list().size() < schedules.length) {
        Thread.onSpinWait();
      }
    }
  }

  private static Job job(TestStore store, String id) {
    return store.queue().find("reports", id).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void schedulesAreListedRunPausedAndResumed(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      assertThat(store.run("schedules")).extracting(Answer::code).isEqualTo(1);
      register(
          store,
          JacksonCodec.DEFAULT,
          Schedule.cron("leap", REPORT, "", "0 2 29 2 *", ZoneId.of("Europe/Berlin")),
          Schedule.afterDelay("poll", REPORT, "", Duration.ofHours(9)));
      assertThat(store.run("schedules").out())
          .startsWith("SCHEDULE  QUEUE    TYPE    FIRES                          LAST  NEXT\n")
          .containsPattern(
              "\nleap +reports  report  cron Europe/Berlin 0 2 29 2 [*]  - +in \\d+[dhms].*\n")
          .containsPattern("\npoll +reports  report  after PT9H +- +in 8h 5\\dm\n");

      assertThat(store.run("pause-schedule", "leap", "--by", "anna", "--reason", "a deploy"))
          .isEqualTo(new Answer(0, "schedule:leap is paused.\n", ""));
      assertThat(store.run("schedules", "reports").out()).containsPattern("\nleap .* paused\n");
      assertThat(store.run("log", "reports").out())
          .containsPattern(" anna +CHANGE +reports +schedule:leap .* a deploy\n");

      assertThat(store.run("run-schedule", "leap", "--run", "ticket-7").out())
          .isEqualTo("schedule:leap has enqueued leap@now-ticket-7.\n");
      assertThat(job(store, "leap@now-ticket-7").type()).isEqualTo("report");
      assertThat(store.run("run-schedule", "schedule:leap", "--run", "ticket-7"))
          .isEqualTo(
              new Answer(1, "schedule:leap enqueued nothing: there is leap@now-ticket-7.\n", ""));
      assertThat(store.run("run-schedule", "leap", "poll").out())
          .containsPattern(
              "leap@now-" + System.getProperty("user.name") + "-[0-9a-f]{8}[.]\n.*poll@now-");

      assertThat(store.run("resume-schedule", "leap", "poll"))
          .isEqualTo(
              new Answer(
                  0,
                  """
                  schedule:leap is no longer paused.
                  schedule:poll was not paused.
                  """,
                  ""));
      assertThat(store.run("schedules", "--json").out())
          .contains("\"paused\":false")
          .doesNotContain("\"paused\":true");
    }
  }

  @Test
  void aScheduleThatIsNotThereIsRefusedWithNamesThatAreNear() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      register(
          store,
          JacksonCodec.DEFAULT,
          Schedule.every("nightly", REPORT, "", Duration.ofDays(1)),
          Schedule.every("weekly", REPORT, "", Duration.ofDays(7)));
      for (String command : List.of("run-schedule", "pause-schedule", "resume-schedule")) {
        assertThat(store.run(command, "nihgtly"))
            .isEqualTo(
                new Answer(
                    1,
                    """
                    schedule:nihgtly is not in any queue.
                    No schedule is named nihgtly; similar: nightly.
                    """,
                    ""));
      }
      assertThat(store.run("schedules", "report"))
          .extracting(Answer::code, answer -> answer.out().lines().toList().get(2))
          .containsExactly(1, "Queue report has no jobs; similar: reports.");

      store.run("cancel", "schedule:weekly");
      assertThat(store.run("pause-schedule", "weekly").out())
          .isEqualTo("schedule:weekly keeps a schedule that was removed; retry brings it back.\n");
      assertThat(job(store, "schedule:weekly").state()).isEqualTo(JobState.CANCELLED);
    }
  }

  @Test
  void aPayloadThatTheProgramCannotReadIsLeftToTheWorkers() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      register(
          store,
          CompressingCodec.of(JacksonCodec.DEFAULT),
          Schedule.every("nightly", REPORT, "tea".repeat(1_000), Duration.ofDays(1)));
      Answer refused = store.run("run-schedule", "nightly", "--run", "1");
      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.out())
          .startsWith("schedule:nightly enqueued nothing: ")
          .contains("let your program run it");
      assertThat(store.queue().find("reports", "nightly@now-1")).isEmpty();
    }
  }
}
