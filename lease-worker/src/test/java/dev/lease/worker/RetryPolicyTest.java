package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lease.Limits;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private final Throwable failure = new IllegalStateException("boom");

  private final RetryPolicy policy =
      RetryPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(5));

  private Duration pause(RetryPolicy policy, int number) {
    Outcome outcome = policy.after(Failure.of(number, failure));
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.RETRY);
    return outcome.delay();
  }

  private static Outcome after(RetryPolicy policy, Throwable exception) {
    return policy.after(Failure.of(1, exception));
  }

  private Duration longest(RetryPolicy policy, int attempt) {
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 1_000; i++) {
      Duration pause = pause(policy, attempt);
      assertThat(pause).isBetween(Duration.ZERO, Limits.MAX_DELAY);
      longest = pause.compareTo(longest) > 0 ? pause : longest;
    }
    return longest;
  }

  @Test
  @DisplayName(
      "W09 the longest pause doubles with each attempt, up to the maximum, with full jitter")
  void doubles() {
    for (int attempt : new int[] {1, 2, 5, 9}) {
      Duration cap = Duration.ofSeconds(1L << (attempt - 1));
      assertThat(longest(policy, attempt)).isBetween(cap.multipliedBy(9).dividedBy(10), cap);
    }
    for (int attempt : new int[] {10, 100, Integer.MAX_VALUE}) {
      assertThat(longest(policy, attempt))
          .isBetween(Duration.ofSeconds(270), Duration.ofMinutes(5));
    }
  }

  @Test
  @DisplayName("W09 the pause is never negative, for any attempt and any policy")
  void extremes() {
    for (Duration first : new Duration[] {Duration.ofNanos(1), Limits.MAX_DELAY}) {
      RetryPolicy widest = RetryPolicy.exponential(first, Limits.MAX_DELAY);
      for (int attempt = 1; attempt <= 200; attempt++) {
        assertThat(pause(widest, attempt)).isBetween(Duration.ZERO, Limits.MAX_DELAY);
      }
      assertThat(pause(widest, Integer.MAX_VALUE)).isLessThanOrEqualTo(Limits.MAX_DELAY);
    }
    assertThat(pause(RetryPolicy.pauses(Duration.ZERO), 7)).isZero();
  }

  @Test
  @DisplayName("W09 pauses that are named are kept, with up to half as much again")
  void named() {
    RetryPolicy named = RetryPolicy.pauses(Duration.ofSeconds(10), Duration.ofMinutes(2));
    for (int i = 0; i < 1_000; i++) {
      assertThat(pause(named, 1)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
      assertThat(pause(named, 2)).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
      assertThat(pause(named, 1_000)).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
    }
    assertThat(longest(named, 1)).isGreaterThan(Duration.ofSeconds(14));
  }

  @Test
  @DisplayName("W09 by default the last attempt begins a day after the first at the earliest")
  void outlastsADay() {
    Duration sum = Duration.ZERO;
    for (int number = 1; number < RetryPolicy.DEFAULT_MAX_FAILURES; number++) {
      sum = sum.plus(pause(RetryPolicy.DEFAULT, number));
    }
    assertThat(sum).isBetween(Duration.ofHours(24), Duration.ofHours(48));
  }

  @Test
  @DisplayName("the pauses go by the failures: a crash before does not lengthen them")
  void goesByFailures() {
    RetryPolicy named = RetryPolicy.pauses(Duration.ZERO, Duration.ofMinutes(2));
    assertThat(named.after(Failure.of(1, failure).withAttempt(9)).delay()).isZero();
  }

  @Test
  void exceptionsThatAreNamedEndTheJobAsDoTheirSubclassesAndWhoeverWrapsThem() {
    RetryPolicy picky = policy.neverRetryOn(IOException.class, IllegalArgumentException.class);
    assertThat(after(picky, new FileNotFoundException())).isEqualTo(Outcome.fail());
    assertThat(after(picky, new NumberFormatException())).isEqualTo(Outcome.fail());
    assertThat(after(picky, new ExecutionException(new IOException()))).isEqualTo(Outcome.fail());
    assertThat(after(picky, new IllegalStateException()).finishesJob()).isFalse();
    assertThat(after(policy, new IOException()).finishesJob()).isFalse();
    var one = new IllegalStateException();
    var other = new IllegalStateException(one);
    one.initCause(other);
    assertThat(after(picky, one).finishesJob()).as("causes that go in a circle").isFalse();
  }

  @Test
  void aPolicyMayDependOnTheFailure() {
    Outcome otherwise = Outcome.retryAfter(Duration.ofSeconds(9));
    RetryPolicy mixed =
        RetryPolicy.fixed(Duration.ofSeconds(9))
            .on(
                IOException.class,
                e -> Outcome.snooze(Duration.ofSeconds(String.valueOf(e.getMessage()).length())))
            .on(FileNotFoundException.class, e -> Outcome.discard())
            .when(failure -> failure.failure() == failure.maxFailures(), f -> Outcome.fail());

    assertThat(after(mixed, new IllegalStateException())).isEqualTo(otherwise);
    assertThat(after(mixed, new ExecutionException(new IOException("four"))))
        .isEqualTo(Outcome.snooze(Duration.ofSeconds(4)));
    assertThat(after(mixed, new FileNotFoundException()))
        .as("what is added last is asked first")
        .isEqualTo(Outcome.discard());
    assertThat(mixed.after(Failure.of(3, new IOException("four")).withMaxFailures(3)))
        .isEqualTo(Outcome.fail());
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
    assertThatIllegalArgumentException().isThrownBy(() -> RetryPolicy.pauses(Duration.ofDays(-1)));
    assertThatIllegalArgumentException().isThrownBy(() -> pause(policy, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.neverRetryOn(String.class))
        .withMessageContaining("java.lang.String");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> policy.on(String.class, text -> Outcome.fail()))
        .withMessageContaining("java.lang.String");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RetryPolicy.fixed(Duration.ofSeconds(-1)));
  }
}
