package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MicrosTest {

  @Test
  @DisplayName("L20 a lease is rounded down")
  void durations() {
    assertThat(Micros.of(Duration.ofNanos(1_999))).isEqualTo(1);
    assertThat(Micros.of(Duration.ofDays(365))).isEqualTo(31_536_000_000_000L);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> Micros.of(Duration.ofSeconds(Long.MAX_VALUE)));
  }

  @Test
  @DisplayName("Q14 Q46 a delay is rounded up")
  void delays() {
    assertThat(Micros.ofDelay(Duration.ofNanos(1_001))).isEqualTo(2);
    assertThat(Micros.ofDelay(Duration.ofNanos(1_000))).isEqualTo(1);
    assertThat(Micros.ofDelay(Duration.ZERO)).isZero();
  }

  @Test
  @DisplayName("an instant comes back to the microsecond, before the epoch too")
  void instants() {
    for (long micros : new long[] {0, 1, -1, -1_000_001, 1_700_000_000_123_456L}) {
      assertThat(Micros.of(Micros.instant(micros))).isEqualTo(micros);
    }
    assertThat(Micros.of(Instant.ofEpochSecond(0, 1_999))).isEqualTo(1);
    assertThat(Micros.duration(-1_500_000)).isEqualTo(Duration.ofMillis(-1_500));
  }

  @Test
  @DisplayName("an instant of a filter is rounded up, however far it is")
  void filters() {
    assertThat(Micros.notBefore(Instant.ofEpochSecond(0, 1_001))).isEqualTo(2);
    assertThat(Micros.notBefore(Instant.ofEpochSecond(0, 1_000))).isEqualTo(1);
    assertThat(Micros.notBefore(Instant.MIN)).isEqualTo(Long.MIN_VALUE);
    assertThat(Micros.notBefore(Instant.MAX)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  @DisplayName("a token tells when the claim was")
  void ofToken() {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Micros.ofToken(0)).isNull();
    assertThat(Micros.ofToken(Micros.of(at))).isEqualTo(at);
  }
}
