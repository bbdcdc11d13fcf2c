package dev.lease;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How {@link JobAdmin#requeue(String, String, Requeueing)} makes a job wait again. Callers choose
 * it, and stores read {@link #delay}.
 */
public final class Requeueing {

  private static final Requeueing NOW = new Requeueing(Duration.ZERO);

  private final Duration span;

  private Requeueing(Duration span) {
    this.span = span;
  }

  /** {@return a way that makes each job due now} */
  public static Requeueing now() {
    return NOW;
  }

  /**
   * Makes jobs due over a time, so that those that failed together do not all come back together.
   *
   * @param span from now to when the last job is due, 0 to 3650 days
   * @return a way that gives each job its place in that time
   * @throws IllegalArgumentException if the span is null or out of range
   */
  public static Requeueing spreadOver(Duration span) {
    return new Requeueing(Limits.delay("span", span));
  }

  /** {@return from now to when the last job is due; zero for now} */
  public Duration span() {
    return span;
  }

  /**
   * When a job is due, as a delay from now: span × h / 2<sup>32</sup>, where h is the CRC-32 of the
   * UTF-8 bytes of its id. So a job has the same place in the span in every call, and on every
   * store [Q91].
   *
   * @param id the job
   * @return at least zero and less than the span, in whole microseconds; zero if there is no span
   */
  public Duration delay(String id) {
    var hash = new CRC32();
    hash.update(id.getBytes(UTF_8));
    long micros = Micros.of(span);
    // In two steps, since the product may not fit into a long.
    long delay =
        (micros >>> 32) * hash.getValue() + (((micros & 0xffffffffL) * hash.getValue()) >>> 32);
    return Micros.duration(delay);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Requeueing that && span.equals(that.span);
  }

  @Override
  public int hashCode() {
    return span.hashCode();
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return span.isZero() ? "due now" : "due over " + span;
  }
}
