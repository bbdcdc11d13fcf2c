package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WatermarksTest {

  @Test
  @DisplayName("Q11 Q50 after a long look from the start the next one waits ten times as long")
  void longLook() {
    assertThat(looksFromStart(Duration.ofMinutes(1), Duration.ofMinutes(2))).isFalse();
  }

  @Test
  @DisplayName("Q11 it waits ten times the slack at most")
  void bound() {
    assertThat(looksFromStart(Duration.ofSeconds(1), Duration.ofMinutes(2))).isTrue();
  }

  @Test
  @DisplayName("Q11 after a short look the next one waits for the slack")
  void shortLook() {
    assertThat(looksFromStart(Duration.ofMinutes(1), Duration.ZERO)).isFalse();
    assertThat(looksFromStart(Duration.ofNanos(1), Duration.ZERO)).isTrue();
  }

  /** Whether the next look begins at the start, after one from there that took so long. */
  private static boolean looksFromStart(Duration slack, Duration took) {
    var marks = new Watermarks(slack.toNanos());
    marks.seen(
        "q",
        marks.of("q"),
        new Dialect.Look(1_000_000_000_000_000L, List.of(), false),
        false,
        System.nanoTime() - took.toNanos());
    return marks.of("q").due(5) == Long.MIN_VALUE;
  }
}
