package dev.lease.worker;

import dev.lease.JobQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queues of a worker, asked in turn, so that a full one does not starve the others. */
final class QueueRotation {

  /** One queue. Work is expected where a hint, a full claim or the poll interval says so. */
  static final class PolledQueue {
    private final String queue;
    private volatile boolean expected = true;

    private PolledQueue(String queue) {
      this.queue = queue;
    }

    String queue() {
      return queue;
    }

    void expect() {
      expected = true;
    }

    /** To be called before the claim: a hint that comes during it counts for the next one. */
    void asked() {
      expected = false;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(QueueRotation.class);

  private final List<PolledQueue> sources;
  private final List<JobQueue.Subscription> subscriptions = new ArrayList<>();
  private int turn;

  QueueRotation(Collection<String> queues) {
    sources = queues.stream().map(PolledQueue::new).toList();
  }

  void expectAll() {
    sources.forEach(PolledQueue::expect);
  }

  /** The next queue where work is expected, or, for a trip that is made anyway, any; else null. */
  @Nullable PolledQueue next(boolean any) {
    for (int i = 0; i < sources.size(); i++) {
      PolledQueue source = sources.get((turn + i) % sources.size());
      if (source.expected || any) {
        turn = (turn + i + 1) % sources.size();
        return source;
      }
    }
    return null;
  }

  /** Asks for hints. Without them the worker polls, so that they cannot be had is no failure. */
  void listen(JobQueue jobs, Signal dispatcher) {
    for (PolledQueue source : sources) {
      try {
        subscriptions.add(
            jobs.onWork(
                source.queue,
                () -> {
                  source.expect();
                  dispatcher.raise();
                }));
      } catch (Throwable e) {
        log.warn("No hints for queue {}; it is polled", source.queue, e);
      }
    }
  }

  void stopListening() {
    for (JobQueue.Subscription subscription : subscriptions) {
      try {
        subscription.close();
      } catch (Throwable e) {
        log.debug("A subscription did not close", e);
      }
    }
  }
}
