package dev.lease.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.Backend;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * A store under test: how the kit opens it, and how the kit moves its time. Only {@link #open} is
 * required; without {@link #advance} the kit waits for real.
 *
 * <p>A fixture has its own data, such as a fresh database or key prefix. The kit makes one fixture
 * per test class and never empties it, since every test uses new names.
 *
 * <p>Authors of stores implement this interface, and the kit calls it. It grows only by methods
 * with a default.
 */
public interface StoreFixture {

  /** What the kit can do with a store's time. */
  enum Time {
    /** It stands still between calls of {@link #advance}, so the kit tests the exact instant. */
    FROZEN,
    /**
     * It runs, and {@link #advance} moves it, so the kit tests well before and well after an
     * instant.
     */
    MOVABLE,
    /**
     * It only runs: the kit uses short leases and waits. Tests that need hours or days are skipped.
     */
    REAL
  }

  /**
   * Opens a backend object on the data of this fixture. The kit opens several, to act as several
   * processes, and closes each of them.
   *
   * @return a backend object
   * @throws Exception if it cannot be opened
   */
  Backend open() throws Exception;

  /**
   * What the kit can do with the store's time. If you override this, override {@link #advance} too.
   *
   * @return {@link Time#REAL}, unless overridden
   */
  default Time time() {
    return Time.REAL;
  }

  /**
   * Moves the store's time forward, by minutes or by hundreds of days. Either move a clock that you
   * gave to the store, or move every stored instant (expiry, due, finished) into the past. Other
   * threads may call the store meanwhile. Where time runs, the kit waits for some milliseconds
   * rather than ask for them. The default implementation waits that long.
   *
   * @param by how far
   * @throws Exception if it fails
   */
  default void advance(Duration by) throws Exception {
    Thread.sleep(by.plusMillis(1).toMillis());
  }

  /**
   * Sets the store's clock back, by a unit or by years. Stored instants and tokens stay as they
   * are, so a fixture that moves those has no way to do it. The kit moves the time forward again by
   * as much, with {@link #advance}. The default implementation skips the test, as not offered.
   *
   * @param by how far; zero asks whether the fixture can do it
   * @throws Exception if it fails
   */
  default void setBack(Duration by) throws Exception {
    abort("the fixture has no setBack(), so the kit cannot set the store's clock back");
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
   * The name of the store in the report of a run. All classes of tests with the same name have one
   * report.
   *
   * @return the name of the fixture's class without {@code Fixture}, unless overridden; of a lambda
   *     or an anonymous class it is the name of the class around it
   */
  default String name() {
    Class<?> own = getClass();
    Class<?> named = own.isHidden() || own.isAnonymousClass() ? own.getNestHost() : own;
    return named.getTypeName().replaceFirst(".*[.]", "").replaceFirst("(?<=.)Fixture$", "");
  }

  /**
   * The version of the store itself, for the report of a run.
   *
   * @return the version, such as {@code 1.4.0}; empty, unless overridden
   */
  default String version() {
    return "";
  }

  /**
   * What the store runs on, for the report of a run. The kit asks when the store is open.
   *
   * @return the product and its version, such as {@code PostgreSQL 17.2}; empty, unless overridden
   * @throws Exception if it cannot be asked
   */
  default String runsOn() throws Exception {
    return "";
  }

  /**
   * The version of the kit that the store is held to. A test that came with a later version and
   * fails is reported as skipped, with its failure, so that a new test does not break a build by
   * surprise. The kit's README says what came with which version.
   *
   * @return from 1 to the newest, which it is unless overridden
   */
  default int kitVersion() {
    return KitVersion.NEWEST;
  }

  /**
   * Removes the data, after all backend objects are closed. Does nothing unless overridden.
   *
   * @throws Exception if it fails
   */
  default void close() throws Exception {}
}
