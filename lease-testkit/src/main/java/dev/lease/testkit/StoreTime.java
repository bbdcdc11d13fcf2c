package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** The time of a store during a random sequence of calls. */
interface StoreTime {

  /** By how much durations may differ on a running clock: more than a whole sequence takes. */
  Duration TOLERANCE = Duration.ofMinutes(30);

  Time kind();

  Duration unit();

  Instant now();

  void advance(Duration by) throws Exception;

  void setBack(Duration by) throws Exception;

  /**
   * Lets some time pass between two calls, so that no two happen at the same instant. Does nothing
   * if the clock is frozen.
   */
  void tick();

  default boolean isFrozen() {
    return kind() == Time.FROZEN;
  }

  default Duration tolerance() {
    return isFrozen() ? Duration.ZERO : TOLERANCE;
  }

  /** The time of the store under test. */
  record Tested(StoreFixture fixture, Supplier<Instant> clock) implements StoreTime {
    @Override
    public Time kind() {
      return fixture.time();
    }

    @Override
    public Duration unit() {
      return fixture.unit();
    }

    @Override
    public Instant now() {
      return clock.get();
    }

    @Override
    public void advance(Duration by) throws Exception {
      fixture.advance(by);
    }

    @Override
    public void setBack(Duration by) throws Exception {
      fixture.setBack(by);
    }

    /** Makes a time for the reference that begins at the same instant. */
    Followed followed() {
      var manual = new ManualClock();
      if (isFrozen()) {
        manual.advance(Duration.between(manual.instant(), now()));
      }
      return new Followed(manual, kind(), unit());
    }

    boolean isMovable() {
      return kind() != Time.REAL;
    }

    @Override
    public void tick() {
      if (isFrozen()) {
        return;
      }
      // A time that is rounded up and one that is rounded down may differ by a unit.
      long end = System.nanoTime() + unit().multipliedBy(2).toNanos();
      while (System.nanoTime() - end < 0) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
    }
  }

  /** The time of the reference, which moves in step with that of the store under test. */
  record Followed(ManualClock clock, Time kind, Duration unit) implements StoreTime {
    @Override
    public Instant now() {
      return clock.instant();
    }

    @Override
    public void advance(Duration by) {
      clock.advance(by);
    }

    @Override
    public void setBack(Duration by) {
      clock.advance(by.negated());
    }

    /** Two backend objects of a reference store with this time. */
    List<Backend> reference() {
      var one = new InMemoryBackend(clock);
      return List.of(one, one.again());
    }

    @Override
    public void tick() {
      if (!isFrozen()) {
        clock.advance(Duration.ofNanos(1_000));
      }
    }
  }
}
