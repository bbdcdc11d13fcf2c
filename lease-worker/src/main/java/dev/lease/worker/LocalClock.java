package dev.lease.worker;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clocks of this machine, by which a holder measures how long it may rely on a lease.
 *
 * @param nanos a monotonic clock, which may stand still while the machine is suspended
 * @param millis the wall clock, which runs on meanwhile, but which somebody may set
 */
record LocalClock(LongSupplier nanos, LongSupplier millis) {

  static final LocalClock SYSTEM = new LocalClock(System::nanoTime, System::currentTimeMillis);

  /** When a lease expires that is asked for now. Call this before the request is sent. */
  Deadline in(Duration duration) {
    long now = nanos.getAsLong();
    return new Deadline(
        this, now, now + duration.toNanos(), millis.getAsLong() + duration.toMillis());
  }

  /**
   * When a lease has expired, as far as its holder can know. The monotonic clock decides. The wall
   * clock only raises a doubt: it also jumps when somebody sets it, and not just when the machine
   * was suspended and the monotonic clock stood still.
   *
   * @param begun when it was made, on the monotonic clock
   */
  record Deadline(LocalClock clock, long begun, long nanos, long millis) {

    /** The same, so much earlier. */
    Deadline earlier(long nanos) {
      return new Deadline(clock, begun, this.nanos - nanos, millis - nanos / 1_000_000);
    }

    boolean hasPassed() {
      return nanosLeft() <= 0;
    }

    /** Whether the wall clock alone says that it has passed. */
    boolean isDoubtful() {
      return millis - clock.millis().getAsLong() <= 0;
    }

    long nanosPassed() {
      return clock.nanos().getAsLong() - begun;
    }

    long nanosLeft() {
      return nanos - clock.nanos().getAsLong();
    }
  }
}
