package dev.lease.testkit;

/**
 * Who made a call, and when, in nanoseconds of one monotonic clock.
 *
 * @param caller the caller's name, for the report
 * @param sent a time before the request was sent
 * @param done a time after which the call takes no effect any more; {@link #NEVER} if it still may
 * @param twice whether the request was sent twice, so that the reply is that to the second
 */
record Span(String caller, long sent, long done, boolean twice) {

  /** The outcome of the call is unknown, and it may take effect at any later time. */
  static final long NEVER = Long.MAX_VALUE;

  /** True if this call was over before the other one was sent. */
  boolean isBefore(Span other) {
    return done < other.sent;
  }

  @Override
  public String toString() {
    String end = done == NEVER ? "?" : String.format("%,d", done / 1_000);
    return String.format("%,9d ..%9s  %-8s  ", sent / 1_000, end, caller);
  }
}
