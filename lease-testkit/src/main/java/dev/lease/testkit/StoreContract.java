package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.testkit.StoreFixture.Time;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the contracts have in common: two backend objects on the same data, and their time. */
@TestInstance(Lifecycle.PER_METHOD)
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({StoreUnderTest.PerClass.class, ClauseInMessage.class})
abstract class StoreContract {

  /** Long enough that no pause of the machine ends a lease that a test holds. */
  static final Duration LEASE = Duration.ofMinutes(1);

  /** How near a test goes to an instant where the clock runs on. */
  private static final Duration SAFETY = Duration.ofSeconds(10);

  /** A lease that is waited for, where the time is real, and how near a test goes to its end. */
  private static final Duration SHORT_LEASE = Duration.ofSeconds(3);

  private static final Duration SHORT_SAFETY = Duration.ofSeconds(1);

  /** The longest that a test waits at once, where the time is real. */
  private static final Duration PATIENCE = SHORT_LEASE.multipliedBy(4);

  /** The lease of a test that goes to its end: as {@link #LEASE}, unless the kit has to wait. */
  Duration term;

  TestBackend one;

  /** Another backend object on the same data. */
  TestBackend two;

  private StoreUnderTest opened;
  private Time time;
  private Duration margin;

  /**
   * Makes the store under test, with data of its own. Called once per test class.
   *
   * @return the fixture, which the kit closes
   * @throws Exception if it cannot be made
   */
  protected abstract StoreFixture fixture() throws Exception;

  @BeforeEach
  void takeStore(StoreUnderTest opened) {
    this.opened = opened;
    one = opened.one;
    two = opened.two;
    time = opened.fixture.time();
    term = time == Time.REAL ? SHORT_LEASE : LEASE;
    margin =
        switch (time) {
          case FROZEN -> opened.fixture.unit();
          case MOVABLE -> SAFETY;
          case REAL -> SHORT_SAFETY;
        };
  }

  /** For a test that does much under one lease, and never waits for its end. */
  final void takeLongLeases() {
    term = LEASE;
  }

  final TestBackend open() throws Exception {
    return opened.open();
  }

  final void close(TestBackend backend) {
    opened.close(backend);
  }

  /**
   * Moves the time, or ends the test as skipped where that would be too long to wait.
   *
   * @param by how far
   * @throws Exception if the fixture fails
   */
  protected final void advance(Duration by) throws Exception {
    if (time == Time.REAL && by.compareTo(PATIENCE) > 0) {
      abort("the time of the store is real, and this test goes on for " + by);
    }
    opened.fixture.advance(by);
  }

  /** Ends every lease that was made with {@link #term}; the very end is asked elsewhere. */
  final void expireLeases() throws Exception {
    advance(term.plus(opened.fixture.unit()));
  }

  /** Moves the time to just before something that happens after this long. */
  final void advanceAlmost(Duration by) throws Exception {
    advance(by.minus(margin));
  }

  /** Then moves it on: to the very instant where the clock is frozen, else well past it. */
  final void advanceTheRest() throws Exception {
    advance(time == Time.FROZEN ? margin : margin.multipliedBy(2));
  }

  static <T> T offered(String what, @Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the store under test gives no " + what);
    }
    return part;
  }

  /** A name that no other test has. */
  static String unique(String what) {
    return what + "-" + UUID.randomUUID();
  }

  static void assertRefused(String what, ThrowingCallable call) {
    assertThatThrownBy(call, what).as(what).isInstanceOf(IllegalArgumentException.class);
  }

  static void assertClosed(String what, ThrowingCallable call) {
    assertThatThrownBy(call, what).as(what).isInstanceOf(IllegalStateException.class);
  }

  /** The absent argument, which no caller may pass and every store must refuse. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  static <T> T absent() {
    return null;
  }
}
