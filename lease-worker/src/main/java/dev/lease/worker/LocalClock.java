package dev.lease.worker;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The clocks of this machine, with which a holder measures how long it may believe in a lease.
 *
 * @param nanos a monotonic clock, which may stand still while the machine is suspended
 * @param millis the wall clock, which goes on then but may be set
 */
record LocalClock(LongSupplier nanos, LongSupplier millis) {

  static final LocalClock SYSTEM = new LocalClock(System::nanoTime, System::currentTimeMillis);

  /** The end of a lease that is asked for now; to be called before the request is sent. */
  Deadline in(Duration duration) {
    return new Deadline(
        this, nanos.getAsLong() + duration.toNanos(), millis.getAsLong() + duration.toMillis());
  }

  /**
   * When a lease has ended as far as its holder can know. The monotonic clock decides; the wall
   * clock, which may have been set, only raises doubt [E06].
   */
  record Deadline(LocalClock clock, long nanos, long millis) {

    boolean hasPassed() {
      return nanosLeft() <= 0;
    }

    /** Whether the wall clock alone says that it has passed. */
    boolean isDoubtful() {
      return millis - clock.millis().getAsLong() <= 0;
    }

    long nanosLeft() {
      return nanos - clock.nanos().getAsLong();
    }
  }
}
