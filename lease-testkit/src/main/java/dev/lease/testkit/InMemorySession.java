package dev.lease.testkit;

import dev.lease.StoreClosedException;
import java.time.Instant;
import java.util.function.BiFunction;

/**
 * The access of one backend object to the data: every operation is atomic, and none runs after
 * close.
 */
class InMemorySession {

  private final InMemoryData data;
  private final WorkHints hints = new WorkHints();
  private boolean closed;

  InMemorySession(InMemoryData data) {
    this.data = data;
    synchronized (data) {
      data.listeners.add(hints);
    }
  }

  /** Runs an operation on the data, with one reading of the store's clock. */
  <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
    synchronized (data) {
      if (closed) {
        throw new StoreClosedException();
      }
      return operation.apply(data, data.now());
    }
  }

  WorkHints hints() {
    return run((data, now) -> hints);
  }

  void close() {
    synchronized (data) {
      closed = true;
      data.listeners.remove(hints);
      hints.close();
    }
  }
}
