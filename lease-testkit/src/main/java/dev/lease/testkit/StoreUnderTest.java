package dev.lease.testkit;

import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/** The fixture of a test class, and the backend objects that its tests opened. */
final class StoreUnderTest {

  final StoreFixture fixture;

  final TestBackend one;

  /** Another backend object on the same data. */
  final TestBackend two;

  private final Deque<Runnable> closers = new ConcurrentLinkedDeque<>();
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
      Part.tellOfOpen(facts, fixture);
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

  TestBackend open() throws Exception {
    TestBackend backend = fixture.open();
    closers.push(backend.onClose());
    return backend;
  }

  void close(TestBackend backend) {
    closers.remove(backend.onClose());
    backend.onClose().run();
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
      while (!closers.isEmpty()) {
        closers.pop().run();
      }
    } finally {
      fixture.close();
    }
  }
}
