package dev.lease.console.live;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that all viewers share. It is read only when somebody looks, at most every 2 seconds, and
 * seldom enough that reading takes at most a tenth of the time. A failure is remembered for 2
 * seconds, so that those who waited do not fail one after the other. Safe for use by many threads.
 *
 * @param <T> what is read
 */
public final class Shared<T> {

  private static final long LEAST_NANOS = 2_000_000_000L;
  private static final int SHARE = 10;

  private final Supplier<T> read;
  private final LongSupplier nanoTime;
  private @Nullable Reading<T> last;
  private long begun;
  private volatile boolean forgotten;
  private @Nullable RuntimeException failure;
  private long failedAt;

  /**
   * A value, and what it cost.
   *
   * @param value the value
   * @param took how long it took to read
   * @param every how often it is read at most
   * @param <T> what was read
   */
  public record Reading<T>(T value, Duration took, Duration every) {}

  /**
   * Shares what a supplier reads.
   *
   * @param read reads the value
   * @param nanoTime a clock, such as {@link System#nanoTime}
   */
  public Shared(Supplier<T> read, LongSupplier nanoTime) {
    this.read = read;
    this.nanoTime = nanoTime;
  }

  /**
   * Lets the next call read anew, since somebody has changed what is shared. It waits for no
   * reading, which may last.
   */
  public void forget() {
    forgotten = true;
  }

  /**
   * The value, read anew if it is time. While one thread reads, others wait for it.
   *
   * @return the value
   * @throws RuntimeException what the supplier throws, at most every 2 seconds anew
   */
  public synchronized Reading<T> get() {
    long now = nanoTime.getAsLong();
    if (failure != null && now - failedAt < LEAST_NANOS) {
      throw failure;
    }
    failure = null;
    Reading<T> reading = last;
    if (reading == null || forgotten || now - begun >= reading.every().toNanos()) {
      forgotten = false;
      reading = read(now);
      last = reading;
      begun = now;
    }
    return reading;
  }

  private Reading<T> read(long now) {
    try {
      T value = read.get();
      long took = nanoTime.getAsLong() - now;
      return new Reading<>(
          value, Duration.ofNanos(took), Duration.ofNanos(Math.max(LEAST_NANOS, SHARE * took)));
    } catch (RuntimeException | Error e) {
      // What was read before it may be from before a change.
      forgotten = true;
      if (e instanceof RuntimeException thrown) {
        failure = thrown;
        failedAt = nanoTime.getAsLong();
      }
      throw e;
    }
  }
}
