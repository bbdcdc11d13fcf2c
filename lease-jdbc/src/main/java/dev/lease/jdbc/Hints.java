package dev.lease.jdbc;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import dev.lease.Due;
import dev.lease.GraphPiece;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives hints to those that wait for work [Q55]: at once in this process, and in other processes if
 * the database delivers notifications. Many signals for a queue become one notification per {@value
 * #NOTIFY_MILLIS} ms, in a transaction of its own, because each notification makes the commits of a
 * PostgreSQL server queue up. A thread of its own sends them, because it may have to wait for a
 * connection.
 */
final class Hints implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Hints.class);
  private static final long NOTIFY_MILLIS = 5;

  /** First character of news that an older job has become claimable. */
  private static final char OLDER = '<';

  /** First character of news of new work. */
  private static final char NEWER = '>';

  /** First character of news that there may be free slots of keys, or new jobs for them. */
  private static final char ARRIVAL = '+';

  /** Ends the name of the sender. */
  private static final char END_OF_SENDER = ' ';

  /** What becomes of news that are not forgotten yet. */
  private enum Sending {
    ONCE,
    /** The same news came again meanwhile. */
    AGAIN
  }

  private final Database database;
  private final Watermarks watermarks;
  private final String self;
  private final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();
  private final Map<String, Sending> sending = new ConcurrentHashMap<>();
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor hintThread = thread("lease-jdbc-hint");
  private final ScheduledThreadPoolExecutor sendThread = thread("lease-jdbc-notify");
  private final @Nullable Notifications notifications;
  private final @Nullable NotificationListener listener;
  private final UnseenJobs unseen;

  /**
   * Queues to which this process has enqueued jobs with keys, or graphs, in transactions of its
   * callers.
   */
  private final Set<String> arriving = ConcurrentHashMap.newKeySet();

  Hints(Database database, Watermarks watermarks) {
    this.database = database;
    this.watermarks = watermarks;
    Notifications available = database.notifications();
    this.notifications = available;
    this.self = available == null ? "" : UUID.randomUUID().toString();
    this.listener =
        available == null
            ? null
            : new NotificationListener(available, database::ownConnection, new Heard());
    this.unseen = new UnseenJobs(database, this::signalSeen);
  }

  /** An executor that starts its thread when it is needed. */
  private static ScheduledThreadPoolExecutor thread(String name) {
    return new ScheduledThreadPoolExecutor(
        1,
        task -> {
          var thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    // Wrapped, so that one hint subscribed twice makes two subscriptions.
    Runnable own = () -> hint.run();
    hints.compute(
        queue,
        (q, known) -> {
          List<Runnable> all = known == null ? new CopyOnWriteArrayList<>() : known;
          all.add(own);
          return all;
        });
    if (listener != null) {
      listener.start();
    }
    return () ->
        hints.computeIfPresent(queue, (q, all) -> all.remove(own) && all.isEmpty() ? null : all);
  }

  /** Signals that there may be new work. Call it after the commit. */
  void signal(String queue) {
    watermarks.hinted(queue);
    signal(queue, news(NEWER, self, queue));
  }

  /** Signals those of some new jobs that are due now. Call it after the commit. */
  void signal(List<NewJob> jobs) {
    due(jobs)
        .forEach(
            (queue, its) -> {
              priorities(its).forEach(priority -> watermarks.hinted(queue, priority));
              signal(queue, news(NEWER, self, queue));
            });
  }

  private static Map<String, List<NewJob>> due(List<NewJob> jobs) {
    return jobs.stream()
        .filter(job -> job.due().equals(Due.now()))
        .collect(groupingBy(NewJob::queue));
  }

  private static Set<Integer> priorities(List<NewJob> jobs) {
    return jobs.stream().map(NewJob::priority).collect(toSet());
  }

  /** Signals that there may be work older than what claims look at. */
  void signalOlder(String queue) {
    watermarks.drop(queue);
    signal(queue, news(OLDER, self, queue));
  }

  /**
   * Signals that there may be free slots of keys, or new jobs for them. Call it after the commit.
   */
  void signalArrival(String queue) {
    arrived(queue);
    signal(queue, news(ARRIVAL, self, queue));
  }

  private void arrived(String queue) {
    watermarks.arrived(queue, 0);
    watermarks.hinted(queue);
  }

  /**
   * Signals once others see new jobs, which this thread has enqueued in its own transaction. One
   * job of each queue tells of the others, since all are committed together.
   */
  void signalOnCommit(List<NewJob> jobs) {
    due(jobs)
        .forEach(
            (queue, its) -> {
              priorities(its)
                  .forEach(priority -> watermarks.expected(queue, priority, UnseenJobs.PATIENCE));
              watch(queue, its, its.stream().anyMatch(job -> job.key() != null));
            });
  }

  /** Signals once others see the last piece of a graph, as for new jobs. */
  void signalOnCommit(GraphPiece last) {
    List<NewJob> jobs = last.allJobs();
    if (!jobs.isEmpty()) {
      watch(last.queue(), jobs, true);
    }
  }

  private void watch(String queue, List<NewJob> jobs, boolean arrives) {
    if (notifications != null || hints.containsKey(queue)) {
      unseen.add(queue, jobs.get(jobs.size() - 1).id());
    }
    if (arrives) {
      arriving.add(queue);
    }
  }

  /** Signals what this thread has committed in its own transaction. */
  void signalCommitted(String queue) {
    unseen.forget(queue);
    signalSeen(queue);
  }

  private void signalSeen(String queue) {
    if (arriving.contains(queue)) {
      signalArrival(queue);
    } else {
      signal(queue);
    }
  }

  private static String news(char kind, String sender, String queue) {
    return kind + sender + END_OF_SENDER + queue;
  }

  private static String queueOf(String news) {
    return news.substring(news.indexOf(END_OF_SENDER) + 1);
  }

  /**
   * What the listener hears. It runs the hints on the thread that listens, which has nothing else
   * to do.
   */
  private final class Heard implements NotificationListener.Events {
    @Override
    public void heard(String news) {
      if (news.startsWith(self + END_OF_SENDER, 1)) {
        // This process sent it and has given its own hints: a second one would find nothing.
        return;
      }
      // Anybody may send on the channel.
      String queue = queueOf(news);
      switch (news.isEmpty() ? ' ' : news.charAt(0)) {
        case OLDER -> watermarks.drop(queue);
        case NEWER -> watermarks.hinted(queue);
        case ARRIVAL -> arrived(queue);
        default -> {
          return;
        }
      }
      runHints(queue);
    }

    @Override
    public void mayHaveMissed() {
      watermarks.dropAll();
      hints.keySet().forEach(Hints.this::give);
    }

    @Override
    public void send(String news, Runnable sent) {
      submit(
          sendThread,
          () -> {
            if (isSent(news)) {
              sent.run();
            }
          },
          0);
    }
  }

  private void signal(String queue, String news) {
    give(queue);
    if (notifications != null
        && sending.merge(news, Sending.ONCE, (known, again) -> Sending.AGAIN) == Sending.ONCE) {
      submit(sendThread, () -> send(news), 0);
    }
  }

  private void send(String news) {
    var unused = isSent(news);
    submit(sendThread, () -> forget(news), NOTIFY_MILLIS);
  }

  /** Forgets news that were sent; if they came again since, it sends them again. */
  private void forget(String news) {
    Sending left =
        sending.computeIfPresent(
            news, (known, state) -> state == Sending.AGAIN ? Sending.ONCE : null);
    if (left != null) {
      send(news);
    }
  }

  /** Sends news; whether they were sent. */
  private boolean isSent(String news) {
    try {
      // Not counted as a write, since a server that takes no writes may still notify.
      database
          .on(Lane.BACKGROUND)
          .read(
              "notify",
              session -> {
                Objects.requireNonNull(notifications).send(session.connection(), news);
                return news;
              });
      return true;
    } catch (RuntimeException e) {
      log.debug(
          "Cannot notify other processes of {}, they find work by polling: {}",
          Limits.oneLine(String.valueOf(news)),
          Database.reason(e));
      return false;
    }
  }

  private void give(String queue) {
    // A hint that is already on its way covers this work too.
    if (hints.containsKey(queue) && underWay.add(queue)) {
      submit(hintThread, () -> hint(queue), 0);
    }
  }

  private void hint(String queue) {
    underWay.remove(queue);
    runHints(queue);
  }

  private void runHints(String queue) {
    for (Runnable hint : hints.getOrDefault(queue, List.of())) {
      try {
        hint.run();
      } catch (Throwable e) {
        log.warn(
            "A hint for queue {} failed, it is called again with the next one",
            Limits.oneLine(queue),
            e);
      }
    }
  }

  /** How many queues, news and new jobs it remembers. */
  int remembered() {
    return hints.size() + sending.size() + unseen.size();
  }

  private static void submit(ScheduledThreadPoolExecutor thread, Runnable task, long millis) {
    try {
      // The tasks catch their own exceptions.
      var unused = thread.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile, so nobody waits any more.
    }
  }

  @Override
  public void close() {
    if (listener != null) {
      listener.close();
    }
    unseen.close();
    hintThread.shutdownNow();
    sendThread.shutdownNow();
  }
}
