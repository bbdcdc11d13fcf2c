package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lease.Backend;
import dev.lease.Capability;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What all contracts share: two backend objects on the same data, and the store's time.
 *
 * <p>Each public contract stands on a ladder of classes, such as {@link JobQueueContract} on {@link
 * JobHistoryContract} down to {@link JobContract}. Every rung holds the tests of one theme, and
 * their order means nothing: the ladder only splits what would be one class of 3,000 lines. It is
 * made of superclasses for three reasons. All tests appear in one flat list under the store's own
 * class. Each can be selected by that class and the method's name. And no store can override a
 * test, since the methods are package-private, as they could not be in an interface.
 */
@TestInstance(Lifecycle.PER_METHOD)
@TestMethodOrder(RunOrder.class)
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith({StoreContract.OpenStore.class, RunReport.class})
abstract class StoreContract {

  /** A lease duration for tests that never wait for the expiry. */
  static final Duration LEASE = TestTime.LONG_LEASE;

  /**
   * A lease duration for tests that go to the expiry: {@link #LEASE}, or shorter if the kit must
   * wait.
   */
  Duration term;

  Backend one;

  /** Another backend object on the same data. */
  Backend two;

  /** Both backend objects without the call log, for tests that make many calls at once. */
  StoreUnderTest bare;

  final CallLog calls = new CallLog();

  private final IdentityHashMap<Backend, Backend> others = new IdentityHashMap<>();

  @RegisterExtension
  final FailureReport report =
      new FailureReport(calls, this::isLate, () -> bare.fixture.kitVersion());

  TestTime time;

  /**
   * Makes the store under test, with its own data. The kit calls it once per test class.
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

  @AfterEach
  void catchUp() throws Exception {
    time.catchUp();
  }

  /** For a test that does much work under one lease and never waits for its expiry. */
  final void takeLongLeases() {
    term = LEASE;
    time.takeLongLeases();
  }

  final Backend open() throws Exception {
    Backend real = bare.open();
    Backend recorded = calls.recorded(real, "anotherStore", "anotherQueue", "anotherAdmin");
    others.put(recorded, real);
    return recorded;
  }

  final void close(Backend backend) {
    calls.note("another", "close");
    bare.close(offered("backend", others.get(backend)));
  }

  /**
   * Moves the store's time. Skips the rest of the test if the kit would have to wait too long.
   *
   * @param by how far
   * @throws Exception if the fixture fails
   */
  protected final void advance(Duration by) throws Exception {
    time.advance(by);
  }

  /**
   * Sets the store's clock back until the end of the test. Skips the rest of the test if the
   * fixture does not offer it.
   *
   * @param by how far
   * @throws Exception if the fixture fails
   */
  protected final void setBack(Duration by) throws Exception {
    time.setBack(by);
  }

  /**
   * Lets every lease of length {@link #term} expire. Other tests check the exact moment of expiry.
   */
  final void expireLeases() throws Exception {
    time.advance(term.plus(bare.fixture.unit()));
  }

  /** Moves the time to just before the end of something that began after the last move. */
  final void advanceAlmost(Duration by) throws Exception {
    time.advanceAlmost(by);
  }

  /**
   * Moves the time on from there: exactly to the end if the clock is frozen, otherwise well past
   * it.
   */
  final void advanceTheRest() throws Exception {
    time.advanceTheRest();
  }

  /**
   * True if the test took so long that its leases may have expired; a failure then proves nothing.
   */
  final boolean isLate() {
    return time.isLate();
  }

  final boolean lacks(Capability capability) {
    return !bare.one.capabilities().contains(capability);
  }

  /**
   * A part that a contract is about. Of a store that lacks it, the first test of the class says
   * what to do, and the others are skipped.
   */
  final <T> T part(Capability capability, Supplier<T> part) {
    try {
      return part.get();
    } catch (UnsupportedOperationException e) {
      if (!lacks(capability)) {
        throw e;
      }
      String lacking = "the store lacks " + capability + ": leave this class out";
      if (bare.tellsOfLacking()) {
        throw new AssertionError(lacking, e);
      }
      return abort(lacking);
    }
  }

  /** Skips the rest of the test if the store refuses a part that it lacks, as it should. */
  static void assertLacks(Capability capability, ThrowingCallable part) {
    assertThatThrownBy(part, "a part that the store lacks")
        .as("a part that the store lacks")
        .isInstanceOf(UnsupportedOperationException.class);
    reportAsLacking(capability);
  }

  /** Skips the rest of a test that has shown that the store refuses what it lacks. */
  static void reportAsLacking(Capability capability) {
    abort("the store lacks " + capability + ", and refuses it as it should");
  }

  static void assertRefused(String what, ThrowingCallable call) {
    assertThatThrownBy(call, what).as(what).isInstanceOf(IllegalArgumentException.class);
  }

  static void assertClosed(String what, ThrowingCallable call) {
    assertThatThrownBy(call, what).as(what).isInstanceOf(IllegalStateException.class);
  }

  /** A value that the store has to give. */
  static <T> T offered(String what, @Nullable T value) {
    if (value == null) {
      throw new AssertionError("the store under test has no " + what);
    }
    return value;
  }

  /** Null, as an argument that no caller may pass and every store must refuse. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  static <T> T absent() {
    return null;
  }

  /** Opens the store for the first test of a class, and closes it after the last one. */
  static final class OpenStore implements ParameterResolver, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(StoreUnderTest.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == StoreUnderTest.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      var contract = (StoreContract) context.getRequiredTestInstance();
      return classOf(context)
          .getStore(NAMESPACE)
          .getOrComputeIfAbsent(
              StoreUnderTest.class, type -> of(context, contract), StoreUnderTest.class);
    }

    private static StoreUnderTest of(ExtensionContext context, StoreContract contract) {
      Map<String, Object> facts = RunReport.facts(context);
      try {
        return new StoreUnderTest(contract.fixture(), facts);
      } catch (Exception e) {
        throw new IllegalStateException("the store under test could not be opened: " + e, e);
      }
    }

    private static ExtensionContext classOf(ExtensionContext context) {
      ExtensionContext each = context;
      while (each.getTestMethod().isPresent()) {
        each = each.getParent().orElseThrow();
      }
      return each;
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
      StoreUnderTest store =
          context.getStore(NAMESPACE).remove(StoreUnderTest.class, StoreUnderTest.class);
      if (store != null) {
        store.close();
      }
    }
  }
}
