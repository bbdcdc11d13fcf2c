package dev.lease.jdbc;

import dev.lease.JobQueue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives hints to those that wait for work [Q55]: at once in this process, and in other processes if
 * the database delivers notifications. Many signals for a queue become one notification per {@value
 * #NOTIFY_MILLIS} ms, in a transaction of its own, because each notification makes the commits of a
 * PostgreSQL server queue up.
 */
final class Wakeups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Wakeups.class);
  private static final long NOTIFY_MILLIS = 5;

  /** First character of news that an older job has become claimable. */
  private static final char OLDER = '<';

  /** First character of news of new work. */
  private static final char NEWER = '>';

  /**
   * Ends the name of the sender, which is empty if the sender has woken nobody in its own process.
   */
  private static final char END_OF_SENDER = ' ';

  private final Database database;
  private final Watermarks watermarks;
  private final String self;
  private final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();
  private final Map<String, Long> notified = new ConcurrentHashMap<>();
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();
  private final Set<String> waking = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor thread;
  private final NotificationListener listener;

  Wakeups(Database database, Watermarks watermarks) {
    this.database = database;
    this.watermarks = watermarks;
    self = database.dialect().canNotify() ? UUID.randomUUID().toString() : "";
    this.thread = new ScheduledThreadPoolExecutor(1, Wakeups::daemon);
    this.listener =
        database.dialect().listener(database::ownConnection, this::heard, this::wakeAll);
  }

  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "lease-jdbc-wakeup");
    thread.setDaemon(true);
    return thread;
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    // Wrapped, so that one hint subscribed twice makes two subscriptions.
    Runnable own = () -> hint.run();
    hints.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>()).add(own);
    listener.start();
    return () -> hints.getOrDefault(queue, List.of()).remove(own);
  }

  /** Signals that there may be new work. Call it after the commit. */
  void signal(String queue) {
    signal(queue, news(NEWER, self, queue));
  }

  /** Signals that there may be work older than what claims look at. */
  void signalOlder(String queue) {
    watermarks.drop(queue);
    signal(queue, news(OLDER, self, queue));
  }

  /** The news for all processes, this one included, of new work in a caller's transaction. */
  static String news(String queue) {
    return news(NEWER, "", queue);
  }

  private static String news(char kind, String sender, String queue) {
    return kind + sender + END_OF_SENDER + queue;
  }

  private static String queueOf(String news) {
    return news.substring(news.indexOf(END_OF_SENDER) + 1);
  }

  /**
   * Takes news from another process. It runs the hints on the thread that listens, which has
   * nothing else to do.
   */
  private void heard(String news) {
    if (news.startsWith(self + END_OF_SENDER, 1)) {
      // This process sent it and has woken its own workers: a second hint would find nothing.
      return;
    }
    String queue = queueOf(news);
    if (news.charAt(0) == OLDER) {
      watermarks.drop(queue);
    }
    runHints(queue);
  }

  private void signal(String queue, String news) {
    wake(queue);
    if (database.dialect().canNotify() && waiting.add(news)) {
      long last = notified.getOrDefault(news, System.nanoTime() - TimeUnit.HOURS.toNanos(1));
      long due = last + TimeUnit.MILLISECONDS.toNanos(NOTIFY_MILLIS) - System.nanoTime();
      submit(() -> notifyOthers(news), due);
    }
  }

  private void notifyOthers(String news) {
    waiting.remove(news);
    notified.put(news, System.nanoTime());
    try {
      database.run(
          "notify",
          session -> {
            database.dialect().notifyOthers(session, news);
            return news;
          });
    } catch (RuntimeException e) {
      log.debug(
          "Cannot notify other processes of work in queue {}, they find it by polling: {}",
          queueOf(news),
          e.getMessage());
    }
  }

  private void wake(String queue) {
    // A hint that is already on its way covers this work too.
    if (!hints.getOrDefault(queue, List.of()).isEmpty() && waking.add(queue)) {
      submit(() -> hint(queue), 0);
    }
  }

  private void hint(String queue) {
    waking.remove(queue);
    runHints(queue);
  }

  private void runHints(String queue) {
    for (Runnable hint : hints.getOrDefault(queue, List.of())) {
      try {
        hint.run();
      } catch (Throwable e) {
        log.warn("A hint for queue {} failed, it is called again with the next one", queue, e);
      }
    }
  }

  /** Wakes all queues, because news may have been lost. */
  private void wakeAll() {
    watermarks.dropAll();
    hints.keySet().forEach(this::wake);
  }

  private void submit(Runnable task, long nanos) {
    try {
      // The tasks catch their own exceptions.
      var unused = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile, so nobody waits any more.
    }
  }

  @Override
  public void close() {
    listener.close();
    thread.shutdownNow();
  }
}
