package dev.lease.jdbc;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jobs that callers have enqueued in transactions of their own, until others see them. A thread
 * asks the database for them, and gives a hint for the queue of each that it sees [Q55]. Nothing is
 * sent in a caller's transaction: on PostgreSQL that would make its commit wait for other commits.
 *
 * <p>The longer ago a job was enqueued, the less often it asks: a quick commit is noticed quickly,
 * and a transaction that stays open, or has rolled back, costs little.
 */
final class UnseenJobs implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(UnseenJobs.class);

  /** How many pairs of a thread and a queue it remembers; the eldest go. */
  static final int MOST = 1_000;

  /** How many jobs it remembers of such a pair: those of one transaction are seen together. */
  static final int MOST_OF_A_CALLER = 4;

  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

  /** A pause is this part of the time since the last enqueue. */
  private static final int PART = 20;

  /** After a question it rests so many times as long as that took: a busy machine has few. */
  private static final int RESTS = 4;

  /** But no longer than this, as after a question that hung. */
  private static final long LONGEST_REST = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long it asks. By then polls find a job as soon. */
  static final long PATIENCE = TimeUnit.MINUTES.toNanos(1);

  private final Database database;
  private final Consumer<String> seen;

  /** In the order of the last enqueues. */
  private final Map<Caller, Unseen> unseen = new LinkedHashMap<>();

  private @Nullable Thread thread;
  private volatile boolean closed;

  /** When its thread may ask again, since one question is for all jobs that are due. */
  private long restsUntil = System.nanoTime();

  private long wakesAt = restsUntil;

  /** Who enqueued, and where. */
  private record Caller(Thread thread, String queue) {
    static Caller of(String queue) {
      return new Caller(Thread.currentThread(), queue);
    }
  }

  /** The last jobs of a caller. */
  private static final class Unseen {
    final Deque<String> ids = new ArrayDeque<>();
    long enqueuedAt;
    long due;
  }

  /**
   * @param seen is called with the queue of a job that others see
   */
  UnseenJobs(Database database, Consumer<String> seen) {
    this.database = database;
    this.seen = seen;
  }

  /** Watches for a job that this thread has enqueued in a transaction of its own. */
  synchronized void add(String queue, String id) {
    if (closed) {
      return;
    }
    Caller caller = Caller.of(queue);
    Unseen its = unseen.remove(caller);
    if (its == null) {
      its = new Unseen();
      if (unseen.size() == MOST) {
        unseen.remove(unseen.keySet().iterator().next());
      }
    }
    unseen.put(caller, its);
    if (its.ids.size() == MOST_OF_A_CALLER) {
      its.ids.removeFirst();
    }
    its.ids.addLast(id);
    its.enqueuedAt = System.nanoTime();
    its.due = its.enqueuedAt + SHORTEST_PAUSE;
    if (thread == null) {
      thread = new Thread(this::run, "lease-jdbc-commits");
      thread.setDaemon(true);
      thread.start();
    } else if (its.due - wakesAt < 0) {
      LockSupport.unpark(thread);
    }
  }

  /** Forgets what this thread has enqueued to a queue, since it has given a hint itself. */
  synchronized void forget(String queue) {
    unseen.remove(Caller.of(queue));
  }

  /** How many jobs it watches for. */
  synchronized int size() {
    return unseen.values().stream().mapToInt(its -> its.ids.size()).sum();
  }

  private void run() {
    while (!closed) {
      RowBatch due = due(System.nanoTime());
      if (due.size() > 0) {
        long began = System.nanoTime();
        remove(find(due)).forEach(seen);
        long ended = System.nanoTime();
        restsUntil = ended + rest(ended - began);
      } else {
        LockSupport.parkNanos(this, wakesAt - System.nanoTime());
      }
    }
  }

  private static long rest(long took) {
    return Math.min(Math.max(SHORTEST_PAUSE, RESTS * took), LONGEST_REST);
  }

  /** The jobs to ask for now. If there are none, {@code wakesAt} says when to look again. */
  private synchronized RowBatch due(long now) {
    var due = new RowBatch(unseen.size(), RowBatch.text("queue"), RowBatch.text("id"));
    unseen.values().removeIf(its -> now - its.enqueuedAt > PATIENCE);
    wakesAt = now + PATIENCE;
    if (unseen.isEmpty()) {
      return due;
    }
    if (restsUntil - now > 0) {
      wakesAt = restsUntil;
      return due;
    }
    unseen.forEach(
        (caller, its) -> {
          if (its.due - now <= 0) {
            its.ids.forEach(id -> due.add(caller.queue(), id));
            its.due = now + Math.max(SHORTEST_PAUSE, (now - its.enqueuedAt) / PART);
          } else if (its.due - wakesAt < 0) {
            wakesAt = its.due;
          }
        });
    return due;
  }

  private Set<RowBatch.Name> find(RowBatch jobs) {
    try {
      return new HashSet<>(
          database
              .on(Lane.BACKGROUND)
              .read("look for new jobs", session -> database.statements().seen(session, jobs)));
    } catch (Throwable e) {
      log.debug(
          "Cannot see whether {} new jobs are committed, it looks again, and workers poll: {}",
          jobs.size(),
          Database.reason(e));
      return Set.of();
    }
  }

  /** Forgets jobs that others see; their queues. */
  private synchronized Set<String> remove(Set<RowBatch.Name> found) {
    var queues = new HashSet<String>();
    unseen
        .entrySet()
        .removeIf(
            entry -> {
              String queue = entry.getKey().queue();
              Deque<String> ids = entry.getValue().ids;
              if (ids.removeIf(id -> found.contains(new RowBatch.Name(queue, id)))) {
                queues.add(queue);
              }
              return ids.isEmpty();
            });
    return queues;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
