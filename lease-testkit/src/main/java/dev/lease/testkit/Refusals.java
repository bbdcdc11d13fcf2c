package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Limits;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls that a store has to refuse. After each, another object shows all as it was before. */
final class Refusals {

  /** Durations that no lease may have. */
  static final Map<String, Duration> BAD_LEASES = badLeases();

  /** Limits that no call may have. */
  static final int[] BAD_LIMITS = {-1, Limits.MAX_BATCH + 1};

  private final Supplier<?> shown;

  /**
   * @param shown reads everything that the calls might change
   */
  Refusals(Supplier<?> shown) {
    this.shown = shown;
  }

  private static Map<String, Duration> badLeases() {
    Map<String, Duration> bad = new LinkedHashMap<>();
    bad.put("no duration", StoreContract.absent());
    bad.put("a duration of 0", Duration.ZERO);
    bad.put("a negative duration", Duration.ofSeconds(-1));
    bad.put("the most negative duration", Duration.ofSeconds(Long.MIN_VALUE));
    bad.put("a duration under 1 ms", Limits.MIN_LEASE.minusNanos(1));
    bad.put("a duration over 365 days", Limits.MAX_LEASE.plusNanos(1));
    bad.put("the longest duration", Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    return Collections.unmodifiableMap(bad);
  }

  /** A call with a bad argument. */
  void refused(String what, ThrowingCallable call) {
    thrown(what, IllegalArgumentException.class, call);
  }

  /** A call of a backend object that is closed. */
  void closed(String what, ThrowingCallable call) {
    thrown(what + " after close", IllegalStateException.class, call);
  }

  /** A call that needs what the store lacks. */
  void unsupported(String what, ThrowingCallable call) {
    thrown(what, UnsupportedOperationException.class, call);
  }

  private void thrown(String what, Class<? extends Exception> how, ThrowingCallable call) {
    Object before = shown.get();
    assertThatThrownBy(call, what).as(what).isInstanceOf(how);
    assertThat(shown.get())
        .as("what another object shows after %s, which was refused", what)
        .isEqualTo(before);
  }
}
