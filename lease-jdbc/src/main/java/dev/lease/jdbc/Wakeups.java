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
 * Hints to those who wait for work [Q55]: at once in this process, and to other processes where the
 * database can carry them. Many signals of a queue become one notification per {@value
 * #NOTIFY_MILLIS} ms, in a transaction of its own, since each one makes the commits of a PostgreSQL
 * server queue up.
 */
final class Wakeups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Wakeups.class);
  private static final long NOTIFY_MILLIS = 5;

  /** How the news begins that is not of new work only: an older job has become claimable. */
  private static final char OLDER = '<';

  private static final char NEWER = '>';

  /** Ends the name of who sent the news, which is empty where nobody was woken before. */
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
    // A wrapper, so that one hint subscribed twice is two subscriptions.
    Runnable own = () -> hint.run();
    hints.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>()).add(own);
    listener.start();
    return () -> hints.getOrDefault(queue, List.of()).remove(own);
  }

  /** Says that there may be new work, after the transaction that made it. */
  void signal(String queue) {
    signal(queue, news(NEWER, self, queue));
  }

  /** Says that there may be work that is older than what claims look at. */
  void signalOlder(String queue) {
    watermarks.drop(queue);
    signal(queue, news(OLDER, self, queue));
  }

  /**
   * What all processes are told, this one as well, of new work that a caller's transaction made.
   */
  static String news(String queue) {
    return news(NEWER, "", queue);
  }

  private static String news(char kind, String sender, String queue) {
    return kind + sender + END_OF_SENDER + queue;
  }

  private static String queueOf(String news) {
    return news.substring(news.indexOf(END_OF_SENDER) + 1);
  }

  /** Runs hints itself, on the thread that listens, which has nothing else to do. */
  private void heard(String news) {
    if (news.startsWith(self + END_OF_SENDER, 1)) {
      // Our own, which were woken before: a second hint would find nothing.
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
      log.debug("could not notify of work in queue {}: {}", queueOf(news), e.getMessage());
    }
  }

  private void wake(String queue) {
    // One that is on its way tells of this work too.
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
        log.warn("a hint for queue {} failed", queue, e);
      }
    }
  }

  /** News may have been lost. */
  private void wakeAll() {
    watermarks.dropAll();
    hints.keySet().forEach(this::wake);
  }

  private void submit(Runnable task, long nanos) {
    try {
      // The tasks catch what they throw.
      var unused = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: nobody waits any more.
    }
  }

  @Override
  public void close() {
    listener.close();
    thread.shutdownNow();
  }
}
