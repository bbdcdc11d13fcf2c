package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a queue is asked after a hint, which goes to all workers where one gets the job. */
class PolledQueueTest {

  private static final int WORKERS = 50;
  private static final long APART = Duration.ofMillis(10).toNanos();

  private static PolledQueue queue() {
    return new PolledQueue("q", 1, 1, WorkerConfig.builder().build());
  }

  private static void hintedFor(PolledQueue queue, int jobs) {
    queue.hinted();
    queue.asked(0);
    queue.answered(jobs, jobs);
  }

  @Test
  @DisplayName("A worker that gets the jobs which it is hinted for asks at once")
  void asksAtOnce() {
    PolledQueue queue = queue();
    hintedFor(queue, 1);
    queue.hinted();
    assertThat(queue.isExpected()).isTrue();
    assertThat(queue.nanosToPause()).isNotPositive();
  }

  @Test
  @DisplayName("Workers that were hinted for nothing ask one after the other, and soon")
  void askApart() {
    Stream<PolledQueue> queues = Stream.generate(PolledQueueTest::queue).limit(WORKERS);
    assertThat(
            queues.mapToLong(
                queue -> {
                  for (int i = 0; i < 100; i++) {
                    hintedFor(queue, 0);
                  }
                  queue.hinted();
                  assertThat(queue.isExpected()).isTrue();
                  return queue.nanosToPause();
                }))
        .allMatch(pause -> pause <= Duration.ofMillis(128).toNanos())
        .anyMatch(pause -> pause > APART);
  }

  @Test
  @DisplayName("A hint adds no pause once the worker has got a job")
  void addsNoPause() {
    assertThat(Stream.generate(PolledQueueTest::queue).limit(WORKERS))
        .allSatisfy(
            queue -> {
              for (int i = 0; i < 100; i++) {
                hintedFor(queue, 0);
              }
              queue.asked(0);
              queue.answered(1, 1);
              long before = Math.max(0, queue.nanosToPause());
              queue.hinted();
              assertThat(queue.nanosToPause()).isLessThanOrEqualTo(before);
            });
  }

  @Test
  @DisplayName("Work that no hint told of is followed by looks, further and further apart")
  void looksAgain() {
    PolledQueue queue = queue();
    assertThat(queue.nanosToLookAgain()).isEqualTo(Long.MAX_VALUE);
    for (int i = 0; i < 3; i++) {
      queue.asked(0);
      queue.answered(1, 1);
      assertThat(queue.nanosToLookAgain()).isLessThanOrEqualTo(Duration.ofMillis(5).toNanos());
    }
    for (int i = 0; i < 3; i++) {
      // Settlements that bring a claim with them.
      queue.asked(0);
      queue.answered(0, 0);
      assertThat(queue.nanosToLookAgain()).isLessThanOrEqualTo(Duration.ofMillis(5).toNanos());
    }
    int looks = 0;
    while (queue.nanosToLookAgain() < Long.MAX_VALUE) {
      queue.expect();
      queue.asked(0);
      queue.answered(0, 0);
      looks++;
    }
    assertThat(looks).as("pauses from 10 ms to the poll interval of a second").isEqualTo(8);
  }

  @Test
  @DisplayName("Where hints tell of all work they are soon enough")
  void hintsAreEnough() {
    PolledQueue queue = queue();
    queue.asked(0);
    queue.answered(1, 1);
    // One may have come from here while work came from elsewhere.
    hintedFor(queue, 1);
    assertThat(queue.nanosToLookAgain()).isLessThanOrEqualTo(Duration.ofMillis(10).toNanos());
    for (int i = 0; i < 7; i++) {
      hintedFor(queue, 1);
    }
    assertThat(queue.nanosToLookAgain()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  @DisplayName("Jobs of unknown types are no reason to look again")
  void unknownTypes() {
    PolledQueue queue = queue();
    queue.asked(0);
    queue.answered(1, 0);
    assertThat(queue.nanosToLookAgain()).isEqualTo(Long.MAX_VALUE);
  }
}
