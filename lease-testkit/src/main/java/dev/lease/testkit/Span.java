package dev.lease.testkit;

/**
 * Who made a call, and when: in nanoseconds of one monotonic clock, read before it was sent and
 * after it was answered.
 *
 * @param caller the caller, for the report
 * @param sent before the call
 * @param done when it has had its effect, if it has one; {@link #NEVER} if that may still come
 * @param twice whether it was sent again, so that the answer is that to the second
 */
record Span(String caller, long sent, long done, boolean twice) {

  /** The store could not say what became of the call, which may take effect at any later time. */
  static final long NEVER = Long.MAX_VALUE;

  /** True if all of this was over when the other began. */
  boolean isBefore(Span other) {
    return done < other.sent;
  }

  @Override
  public String toString() {
    String end = done == NEVER ? "?" : String.format("%,d", done / 1_000);
    return String.format("%,9d ..%9s  %-8s  ", sent / 1_000, end, caller);
  }
}
