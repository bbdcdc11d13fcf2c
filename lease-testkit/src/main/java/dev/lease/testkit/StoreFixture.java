package dev.lease.testkit;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * A store under test: how the kit opens it, and how it moves its time.
 *
 * <p>A fixture has data of its own, such as a fresh database or key prefix. The kit makes one per
 * test class, and never empties it: its tests use names of their own.
 */
public interface StoreFixture {

  /**
   * Opens a backend object on the data of this fixture. The kit opens several, to be several
   * processes, and closes each.
   *
   * @return a backend object
   * @throws Exception if it cannot be opened
   */
  TestBackend open() throws Exception;

  /**
   * Moves the time of the store forward, by minutes or by hundreds of days: with a clock that was
   * put into the store, or by moving every stored instant (expiry, due, finished) into the past.
   *
   * @param by how far
   * @throws Exception if it does not work
   */
  void advance(Duration by) throws Exception;

  /**
   * Tells whether the store's clock stands still between calls of {@link #advance}. Then the kit
   * asks for equality with the clock; else for what is well before and well after.
   *
   * @return false, unless overridden
   */
  default boolean isClockFrozen() {
    return false;
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
   * Removes the data, after all backend objects are closed. Does nothing, unless overridden.
   *
   * @throws Exception if it does not work
   */
  default void close() throws Exception {}
}
