package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the contracts have in common: a fixture, two backend objects on its data, and its time. */
@TestInstance(Lifecycle.PER_CLASS)
@ExtendWith(ClauseInMessage.class)
abstract class StoreContract {

  /** Long enough that no pause of the machine ends a lease that a test holds. */
  static final Duration LEASE = Duration.ofMinutes(1);

  /** How near a test goes to an instant where the clock runs on. */
  private static final Duration SAFETY = Duration.ofSeconds(10);

  TestBackend one;

  /** Another backend object on the same data. */
  TestBackend two;

  private final Deque<TestBackend> opened = new ArrayDeque<>();
  private StoreFixture fixture;
  private Duration margin;

  /**
   * Makes the store under test, with data of its own. Called once per test class.
   *
   * @return the fixture, which the kit closes
   * @throws Exception if it cannot be made
   */
  protected abstract StoreFixture fixture() throws Exception;

  @BeforeAll
  void openFixture() throws Exception {
    fixture = fixture();
    margin = fixture.isClockFrozen() ? fixture.unit() : SAFETY;
    one = open();
    two = open();
  }

  @AfterAll
  void closeFixture() throws Exception {
    while (!opened.isEmpty()) {
      close(opened.peek());
    }
    fixture.close();
  }

  final TestBackend open() throws Exception {
    TestBackend backend = fixture.open();
    opened.push(backend);
    return backend;
  }

  final void close(TestBackend backend) {
    opened.remove(backend);
    backend.onClose().run();
  }

  final void advance(Duration by) throws Exception {
    fixture.advance(by);
  }

  /** Ends every lease that was made with {@link #LEASE}. */
  final void expireLeases() throws Exception {
    advance(LEASE);
  }

  /** Moves the time to just before something that happens after this long. */
  final void advanceAlmost(Duration by) throws Exception {
    advance(by.minus(margin));
  }

  /** Then moves it on: to the very instant where the clock is frozen, else well past it. */
  final void advanceTheRest() throws Exception {
    advance(fixture.isClockFrozen() ? margin : margin.multipliedBy(2));
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
