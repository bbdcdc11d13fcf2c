package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class WatermarksInterleavedTest {

  private static final Duration SLACK = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  /**
   * Planted: a look is noted even if a job behind the watermarks has become claimable meanwhile.
   */
  @Test
  void forgetsNoOlderJob() {
    Schedules.search(
        "watermarks-drop",
        () -> {
          var crew = new Crew();
          var marks = new Watermarks(SLACK, TIMEOUT, false, () -> 0);
          look(marks, Set.of());
          var older = new AtomicBoolean();
          var seen = new AtomicBoolean();
          for (int i = 0; i < 2; i++) {
            crew.go(
                () -> {
                  Watermarks.Levels from = marks.of("q");
                  if (from.isFull() && older.get()) {
                    seen.set(true);
                  }
                  note(marks, from, Set.of());
                });
          }
          crew.go(
              () -> {
                older.set(true);
                marks.drop("q");
              });
          crew.join();

          assertThat(seen.get() || marks.of("q").isFull()).isTrue();
        });
  }

  /** Planted: a hint is not remembered for the looks that are under way. */
  @Test
  void asksForAPriorityOfWhichItWasTold() {
    Schedules.search(
        "watermarks-hint",
        () -> {
          var crew = new Crew();
          var marks = new Watermarks(SLACK, TIMEOUT, true, () -> 0);
          look(marks, Set.of(5));
          var committed = new AtomicBoolean();
          var seen = new AtomicBoolean();
          crew.go(
              () -> {
                Watermarks.Levels from = marks.of("q");
                seen.set(asksFor5(from) && committed.get());
                note(marks, from, seen.get() ? Set.of(5) : Set.of());
              });
          crew.go(
              () -> {
                committed.set(true);
                marks.hinted("q", 5);
              });
          crew.join();

          assertThat(seen.get() || asksFor5(marks.of("q"))).isTrue();
        });
  }

  private static boolean asksFor5(Watermarks.Levels levels) {
    return levels.ranges().stream().anyMatch(range -> range.priority() == 5);
  }

  private static void look(Watermarks marks, Set<Integer> seen) {
    note(marks, marks.of("q"), seen);
  }

  private static void note(Watermarks marks, Watermarks.Levels from, Set<Integer> seen) {
    marks.seen("q", from, new ClaimLook(1_000_000, List.of(), false, seen), false, 0, 1, true);
  }
}
