package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the contracts have in common: two backend objects on the same data, and their time. */
@TestInstance(Lifecycle.PER_METHOD)
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({StoreUnderTest.PerClass.class, FailureReport.class})
abstract class StoreContract {

  private static final long FIRST_OF_10_DIGITS = Long.parseLong("1000000000", 36);
  private static final long LAST_OF_10_DIGITS = Long.parseLong("zzzzzzzzzz", 36);

  /** For leases whose end no test waits for. */
  static final Duration LEASE = TestTime.LONG_LEASE;

  /** For leases that a test goes to the end of: as {@link #LEASE}, unless the kit has to wait. */
  Duration term;

  TestBackend one;

  /** Another backend object on the same data. */
  TestBackend two;

  /** Both of them, without a record of what is called: for many calls at once. */
  StoreUnderTest bare;

  final CallLog calls = new CallLog();

  TestTime time;

  /**
   * Makes the store under test, with data of its own. Called once per test class.
   *
   * @return the fixture, which the kit closes
   * @throws Exception if it cannot be made
   */
  protected abstract StoreFixture fixture() throws Exception;

  @BeforeEach
  void takeStore(StoreUnderTest opened) {
    bare = opened;
    one = calls.recorded(opened.one, "store", "jobs", "admin");
    two = calls.recorded(opened.two, "other", "others", "otherAdmin");
    time = new TestTime(opened.fixture, calls);
    term = time.lease();
  }

  @AfterEach
  void reportIfTheEndWasMissed() {
    time.reportIfTheEndWasMissed();
  }

  /** For a test that does much under one lease, and never waits for its end. */
  final void takeLongLeases() {
    term = LEASE;
    time.takeLongLeases();
  }

  final TestBackend open() throws Exception {
    return calls.recorded(bare.open(), "anotherStore", "anotherQueue", "anotherAdmin");
  }

  final void close(TestBackend backend) {
    calls.note("another", "close");
    bare.close(backend);
  }

  /**
   * Moves the time, or ends the test as skipped where that would be too long to wait.
   *
   * @param by how far
   * @throws Exception if the fixture fails
   */
  protected final void advance(Duration by) throws Exception {
    time.advance(by);
  }

  /** Ends every lease that was made with {@link #term}; the very end is asked elsewhere. */
  final void expireLeases() throws Exception {
    time.advance(term.plus(bare.fixture.unit()));
  }

  /** Moves the time to just before the end of something that began since the last move. */
  final void advanceAlmost(Duration by) throws Exception {
    time.advanceAlmost(by);
  }

  /** Then moves it on: to the very instant where the clock is frozen, else well past it. */
  final void advanceTheRest() throws Exception {
    time.advanceTheRest();
  }

  /** Tells a failure that the contract explains from one of a test that could not keep up. */
  final boolean isLate() {
    return time.isLate();
  }

  final boolean lacks(Capability capability) {
    return bare.fixture.lacks().contains(capability);
  }

  /** Ends a test as skipped, after it has asserted that what the store lacks is refused. */
  static void reportAsLacking(Capability capability) {
    abort("the store lacks " + capability + ", and refuses it cleanly");
  }

  static <T> T offered(String what, @Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("the store under test gives no " + what);
    }
    return part;
  }

  /** A name that no other test has. */
  static String unique(String what) {
    return what + "-" + random();
  }

  /** Short, since somebody reads it in reports, and in no order, as ids of jobs are. */
  static String random() {
    return Long.toString(
        ThreadLocalRandom.current().nextLong(FIRST_OF_10_DIGITS, LAST_OF_10_DIGITS), 36);
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
