package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.FinishedJob;
import dev.lease.JobState;
import dev.lease.worker.FailureLines.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** However many jobs fail, a minute of the log tells of a bounded number of them, and how many. */
class FailureLinesTest {

  private static final int MANY = 100_000;

  private final AtomicLong nanos = new AtomicLong();
  private final FailureLines lines = new FailureLines(nanos::get);
  private final Logs logs = new Logs();

  @AfterEach
  void close() {
    logs.close();
  }

  private long told(Kind kind, String type, int failures) {
    return IntStream.range(0, failures).filter(i -> isTold(kind, type)).count();
  }

  private boolean isTold(Kind kind, String type) {
    var ofFirst = org.slf4j.event.Level.ERROR;
    return lines.level(kind, "orders", type, ofFirst) == ofFirst;
  }

  @Test
  @DisplayName("the first of a type have lines, and one line says how many had none")
  void bound() {
    assertThat(told(Kind.JOB, "pay", MANY)).isEqualTo(FailureLines.MOST);
    assertThat(told(Kind.JOB, "ship", 1)).as("of another type").isEqualTo(1);
    assertThat(told(Kind.ATTEMPT, "pay", 1)).as("of another kind").isEqualTo(1);
    lines.round();
    assertThat(logs.at(Level.WARN)).as("the minute is not over").isEmpty();

    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(told(Kind.JOB, "pay", 1)).as("in the next minute").isEqualTo(1);
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains(
            MANY - FailureLines.MOST + " more jobs became FAILED in the last 1 min,",
            "type pay of queue orders");

    told(Kind.JOB, "pay", FailureLines.MOST);
    nanos.addAndGet(Duration.ofSeconds(37).toNanos());
    lines.end();
    assertThat(logs.at(Level.WARN))
        .hasSize(2)
        .last()
        .asString()
        .startsWith("1 more jobs became FAILED in the last 37 s,");
  }

  @Test
  @DisplayName("a store with any number of types gets a bounded number of lines, too")
  void anyTypes() {
    long told = IntStream.range(0, MANY).filter(i -> isTold(Kind.CRASHED, "type-" + i)).count();
    assertThat(told).isEqualTo(1_000 + FailureLines.MOST);
    lines.end();
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("type (others)");
  }

  @Test
  @DisplayName("jobs that a reset ends, however many, give a hundred lines, and their number")
  void poisoned() {
    var clock = new LocalClock(nanos::get, () -> 0);
    var held = new HeldJobs(clock, WorkerFixture.FAR, WorkerFixture.NO_EVENTS);
    for (int i = 0; i < 1_000; i++) {
      held.spent(
          List.of(FinishedJob.builder("orders", "job-" + i, "pay", JobState.FAILED).build()));
    }
    held.lines().end();
    assertThat(logs.at(Level.ERROR)).hasSize(FailureLines.MOST);
    assertThat(logs.at(Level.WARN)).hasSize(1);
    assertThat(held.counts().exhausted()).isEqualTo(1_000);
  }
}
