package dev.lease.testkit;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/**
 * A store under test: how the kit opens it, and how it moves its time. One method is enough; the
 * kit then waits where it would move the time.
 *
 * <p>A fixture has data of its own, such as a fresh database or key prefix. The kit makes one per
 * test class, and never empties it: its tests use names of their own.
 */
public interface StoreFixture {

  /** What the kit can do with the time of a store. */
  enum Time {
    /** It stands still between calls of {@link #advance}: the kit asks for the very instant. */
    FROZEN,
    /** It runs on, and {@link #advance} moves it: the kit asks well before an instant and after. */
    MOVABLE,
    /** It only runs: the kit takes short leases and waits. What needs hours or days is skipped. */
    REAL
  }

  /**
   * Opens a backend object on the data of this fixture. The kit opens several, to be several
   * processes, and closes each.
   *
   * @return a backend object
   * @throws Exception if it cannot be opened
   */
  TestBackend open() throws Exception;

  /**
   * The time of the store. Whoever overrides this overrides {@link #advance} as well.
   *
   * @return {@link Time#REAL}, unless overridden
   */
  default Time time() {
    return Time.REAL;
  }

  /**
   * Moves the time of the store forward, by minutes or by hundreds of days: with a clock that was
   * put into the store, or by moving every stored instant (expiry, due, finished) into the past.
   * Waits for so long, unless overridden. Other threads may call the store meanwhile.
   *
   * @param by how far
   * @throws Exception if it does not work
   */
  default void advance(Duration by) throws Exception {
    Thread.sleep(by.plusMillis(1).toMillis());
  }

  /**
   * The unit of the store's clock.
   *
   * @return a microsecond, unless overridden
   */
  default Duration unit() {
    return Duration.of(1, ChronoUnit.MICROS);
  }

  /**
   * What the store comes without. It is reported, as skipped tests, that this was not tested.
   *
   * @return nothing, unless overridden
   */
  default Set<Capability> lacks() {
    return Set.of();
  }

  /**
   * Removes the data, after all backend objects are closed. Does nothing, unless overridden.
   *
   * @throws Exception if it does not work
   */
  default void close() throws Exception {}
}
