package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyLimitTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  @DisplayName("Q68 a limit has 0 to 1,000 slots, and one in order has one slot at most")
  void slots() {
    assertThat(KeyLimit.of(0).inOrder().slots()).isZero();
    assertThat(KeyLimit.of(1_000).isInOrder()).isFalse();
    for (int bad : new int[] {-1, 1_001}) {
      assertThatThrownBy(() -> KeyLimit.of(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("slots must be 0 to 1000, was " + bad);
    }
    assertThatThrownBy(() -> KeyLimit.of(2).inOrder())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a key in order has one slot, was 2: begin with KeyLimit.of(1)");
  }

  @Test
  @DisplayName("Q67 a rate spreads its starts evenly, rounded so that there are never too many")
  void rate() {
    assertThat(new KeyLimit.Rate(100, MINUTE, 20).intervalMicros()).isEqualTo(600_000);
    assertThat(new KeyLimit.Rate(7, MINUTE, 0).intervalMicros()).isEqualTo(8_571_429);
    assertThat(KeyLimit.of(3).withRate(1, MINUTE, 2))
        .isEqualTo(KeyLimit.of(3).withRate(1, MINUTE, 2))
        .isNotEqualTo(KeyLimit.of(3).withRate(1, MINUTE, 1))
        .isNotEqualTo(KeyLimit.of(3));
    for (int bad : new int[] {0, 1_000_001}) {
      assertThatThrownBy(() -> KeyLimit.of(1).withRate(bad, MINUTE, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> KeyLimit.of(1).withRate(1, MINUTE, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyLimit.of(1).withRate(1, Duration.ZERO, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KeyLimit.of(1).withRate(1_001, Duration.ofMillis(1), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a rate has at most one start a microsecond, was 1001 starts in PT0.001S: choose a"
                + " longer period");
    assertThatThrownBy(() -> KeyLimit.of(1).withRate(1, Duration.ofDays(365), 11))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a burst must be over within 3650 days at the pace of its rate, was 11 starts of PT8760H"
                + " each: choose a smaller burst");
    assertThat(KeyLimit.of(1).withRate(1, Duration.ofDays(365), 10).rate()).isNotNull();
  }
}
