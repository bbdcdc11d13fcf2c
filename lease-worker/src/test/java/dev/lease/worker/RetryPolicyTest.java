package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Limits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private final RetryPolicy policy =
      RetryPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(5));

  @Test
  @DisplayName("W09 the cap doubles with each attempt, up to the maximum")
  void doubles() {
    assertThat(policy.cap(1)).hasSeconds(1);
    assertThat(policy.cap(2)).hasSeconds(2);
    assertThat(policy.cap(9)).hasSeconds(256);
    assertThat(policy.cap(10)).hasMinutes(5);
    assertThat(policy.cap(Integer.MAX_VALUE)).hasMinutes(5);
  }

  @Test
  @DisplayName("W09 the cap is monotone and positive for any attempt, and for any policy")
  void monotone() {
    for (Duration first : new Duration[] {Duration.ofNanos(1), Limits.MAX_DELAY}) {
      RetryPolicy widest = RetryPolicy.exponential(first, Limits.MAX_DELAY);
      Duration before = Duration.ZERO;
      for (int attempt = 1; attempt <= 200; attempt++) {
        assertThat(widest.cap(attempt)).isPositive().isGreaterThanOrEqualTo(before);
        before = widest.cap(attempt);
      }
      assertThat(widest.cap(Integer.MAX_VALUE)).isEqualTo(Limits.MAX_DELAY);
    }
  }

  @Test
  @DisplayName("W09 the delay is jittered from 0 to the cap, and never outside")
  void jitter() {
    var random = new Random(1);
    for (int attempt : new int[] {1, 2, 5, 100, Integer.MAX_VALUE}) {
      long cap = policy.cap(attempt).toNanos();
      double sum = 0;
      for (int i = 0; i < 1_000; i++) {
        long delay = policy.delay(attempt, random).toNanos();
        assertThat(delay).isBetween(0L, cap);
        sum += delay;
      }
      assertThat(sum / 1_000 / cap).isBetween(0.45, 0.55);
    }
  }

  @Test
  void exceptionsThatAreNamedAreNotRetriedNorAreTheirSubclasses() {
    RetryPolicy picky = policy.neverRetryOn(IOException.class, IllegalArgumentException.class);
    assertThat(picky.retries(new FileNotFoundException())).isFalse();
    assertThat(picky.retries(new NumberFormatException())).isFalse();
    assertThat(picky.retries(new IllegalStateException())).isTrue();
    assertThat(policy.retries(new IOException())).isTrue();
  }

  @Test
  void theDefaultIsOneSecondToFiveMinutes() {
    assertThat(RetryPolicy.DEFAULT).isEqualTo(policy);
  }

  @Test
  void rangesAreChecked() {
    for (Duration first : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RetryPolicy.exponential(first, Duration.ofSeconds(1)))
          .withMessageContaining("first");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RetryPolicy.exponential(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .withMessageContaining("PT2S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RetryPolicy.exponential(Duration.ofSeconds(1), Duration.ofDays(9999)))
        .withMessageContaining("max");
    assertThatIllegalArgumentException().isThrownBy(() -> policy.cap(0));
  }
}
