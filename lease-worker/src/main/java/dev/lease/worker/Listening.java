package dev.lease.worker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener with its thread, and the events that wait for it. */
class Listening {

  private static final Logger log = LoggerFactory.getLogger(Listening.class);

  /** An event, and about how many characters it holds. */
  private record Waiting(Consumer<WorkerListener> event, int chars) {}

  /** The last event. It is told to nobody. */
  private static final Consumer<WorkerListener> END =
      new Consumer<>() {
        @Override
        public void accept(WorkerListener listener) {}
      };

  private final WorkerListener listener;
  private final Thread thread;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final AtomicLong chars = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile boolean failed;
  private volatile boolean ending;

  Listening(WorkerListener listener, String threadName) {
    this.listener = listener;
    this.thread = HandlerThreads.daemon(this::run, threadName);
  }

  void start() {
    thread.start();
  }

  void tell(Consumer<WorkerListener> event, int size) {
    int events = waiting.size();
    long together = chars.get();
    if (events < WorkerListener.MOST_WAITING && together < WorkerListener.MOST_WAITING_CHARS) {
      chars.addAndGet(size);
      waiting.add(new Waiting(event, size));
    } else if (dropped.getAndIncrement() == 0) {
      log.warn(
          "{} is too slow: {} events of {} characters wait for it, and further ones are dropped"
              + " while so many wait",
          listener.getClass().getName(),
          events,
          together);
    }
  }

  void end() {
    waiting.add(new Waiting(END, 0));
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
    if (thread.isAlive()) {
      log.warn(
          "{} still runs while the worker stops; {} events are not told to it",
          listener.getClass().getName(),
          waiting.size());
      ending = true;
      thread.interrupt();
      return false;
    }
    return true;
  }

  private void run() {
    try {
      for (var next = waiting.take(); next.event() != END; next = waiting.take()) {
        chars.addAndGet(-next.chars());
        tellNow(next.event());
        if (!ending) {
          // What the listener left must not end its thread.
          Thread.interrupted();
        }
        if (waiting.isEmpty()) {
          caughtUp();
        }
      }
    } catch (InterruptedException e) {
      // The worker stops, and this listener has had its time.
    }
  }

  final void tellNow(Consumer<WorkerListener> event) {
    try {
      event.accept(listener);
    } catch (Throwable e) {
      if (!failed) {
        failed = true;
        // Not the exception itself: its methods, called by a logger, may throw.
        log.warn(
            "{} threw an exception, which changes nothing for the job; it is told further events,"
                + " and what else it throws is not logged: {}",
            listener.getClass().getName(),
            ErrorText.trace(ErrorText.of(e)));
      }
    }
  }

  private void caughtUp() {
    long count = dropped.getAndSet(0);
    if (count > 0) {
      log.warn("{} has caught up; {} events were dropped", listener.getClass().getName(), count);
    }
  }
}
