package dev.lease.testkit;

import dev.lease.Backend;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The fixture of a test class, and the backend objects that its tests opened. */
final class StoreUnderTest {

  final StoreFixture fixture;

  final Backend one;

  /** Another backend object on the same data. */
  final Backend two;

  private final Deque<Backend> open = new ConcurrentLinkedDeque<>();
  private final AtomicBoolean toldOfLacking = new AtomicBoolean();
  private @Nullable HistoryRun history;

  /**
   * Opens a store.
   *
   * @param facts gets what the fixture says, for the report of the run
   */
  StoreUnderTest(StoreFixture fixture, Map<String, Object> facts) throws Exception {
    this.fixture = fixture;
    try {
      Part.tell(facts, fixture);
      this.one = open();
      this.two = open();
      Part.tellOfOpen(facts, fixture, one.capabilities());
    } catch (Exception | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  /**
   * Closes everything when the store could not be opened, and keeps that failure as the first one.
   */
  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (Exception | Error e) {
      failure.addSuppressed(e);
    }
  }

  Backend open() throws Exception {
    Backend backend = WholeClaims.of(fixture.open());
    open.push(backend);
    return backend;
  }

  void close(Backend backend) {
    open.remove(backend);
    backend.close();
  }

  /** Whether nobody has asked this before. */
  boolean tellsOfLacking() {
    return !toldOfLacking.getAndSet(true);
  }

  /** The history that all tests of a class look at; the first of them makes it. */
  synchronized HistoryRun history(Callable<HistoryRun> run) throws Exception {
    HistoryRun made = history;
    if (made == null) {
      made = run.call();
      history = made;
    }
    return made;
  }

  void close() throws Exception {
    try {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    } finally {
      fixture.close();
    }
  }
}
