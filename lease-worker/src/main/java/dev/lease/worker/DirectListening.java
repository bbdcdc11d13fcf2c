package dev.lease.worker;

import java.util.function.Consumer;

/** A listener that is told at once, on the thread of what happens, so that a test need not wait. */
final class DirectListening extends Listening {

  DirectListening(WorkerListener listener) {
    super(listener, "not started");
  }

  @Override
  void tell(Consumer<WorkerListener> event, int chars) {
    tellNow(event);
  }
}
