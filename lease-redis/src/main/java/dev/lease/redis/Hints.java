package dev.lease.redis;

import dev.lease.JobQueue;
import dev.lease.Limits;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers hints of work [Q55], by publish and subscribe on a connection of its own. The first
 * subscription makes that connection, and it reconnects by itself. After a gap all subscribers are
 * woken, because hints that were published during the gap are lost.
 *
 * <p>In a cluster every hint goes to all nodes. The shard channels of Redis 7 would stay on the
 * node of the queue, but Lettuce 7.7 cannot use them: after a gap it subscribes to all channels of
 * a node in one command, which the server refuses if their queues are in several slots, and after a
 * slot has moved it does not subscribe again at all.
 */
final class Hints implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Hints.class);
  private static final long CONNECT_AGAIN_MILLIS = 1_000;

  private final Topology topology;
  private final Keys keys;
  private final long timeoutMillis;

  /** By channel. */
  private final Map<String, List<Hint>> hints = new ConcurrentHashMap<>();

  /** Connects and subscribes. */
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, task -> daemon("lease-redis-subscribe", task));

  /** Run the hints. There are as many threads as there are hints that take their time. */
  private final ExecutorService hintThreads =
      Executors.newCachedThreadPool(task -> daemon("lease-redis-hint", task));

  /** Used by the thread only. */
  private @Nullable StatefulRedisPubSubConnection<String, String> connection;

  Hints(Topology topology, Keys keys, long timeoutMillis) {
    this.topology = topology;
    this.keys = keys;
    this.timeoutMillis = timeoutMillis;
  }

  private static Thread daemon(String name, Runnable task) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    String channel = keys.channel(queue);
    var own = new Hint(channel, hint);
    hints.compute(channel, (c, all) -> with(all, own));
    submit(() -> listen(channel), 0);
    return () -> {
      hints.computeIfPresent(channel, (c, all) -> without(all, own));
      submit(() -> stopListening(channel), 0);
    };
  }

  private static List<Hint> with(@Nullable List<Hint> all, Hint hint) {
    List<Hint> more = all == null ? new CopyOnWriteArrayList<>() : all;
    more.add(hint);
    return more;
  }

  private static @Nullable List<Hint> without(List<Hint> all, Hint hint) {
    all.remove(hint);
    return all.isEmpty() ? null : all;
  }

  /** Wakes the subscribers of a queue in all processes. */
  void publish(String queue, ScriptRunner runner) {
    String channel = keys.channel(queue);
    runner.tell(channel, commands -> commands.publish(channel, ""));
  }

  private void listen(String channel) {
    if (!hints.containsKey(channel)) {
      return;
    }
    try {
      if (connection == null) {
        connection = connected();
        connection.addListener(new Listener());
      }
      var unused =
          connection
              .async()
              .subscribe(channel)
              .whenComplete(
                  (subscribed, e) -> {
                    if (e != null) {
                      notSubscribed(channel, e);
                    }
                  });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.debug(
          "Cannot subscribe to {}, trying again in {} ms: {}",
          Limits.oneLine(channel),
          CONNECT_AGAIN_MILLIS,
          RedisErrors.reason(e));
      submit(() -> listen(channel), CONNECT_AGAIN_MILLIS);
    }
  }

  /** Connects. A connection that comes too late is closed. */
  private StatefulRedisPubSubConnection<String, String> connected() throws Exception {
    var made = topology.connectForHints();
    try {
      return made.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException | TimeoutException e) {
      var unused = made.thenCompose(late -> late.closeAsync());
      throw e;
    }
  }

  private void notSubscribed(String channel, Throwable e) {
    if (e instanceof RedisCommandExecutionException) {
      log.warn(
          "Redis refuses the subscription to {}, the queue is polled without hints: {}",
          Limits.oneLine(channel),
          RedisErrors.reason(e));
    } else {
      // The connection broke. It reconnects, but only to channels that were subscribed before.
      submit(() -> listen(channel), CONNECT_AGAIN_MILLIS);
    }
  }

  private void stopListening(String channel) {
    if (connection != null && !hints.containsKey(channel)) {
      var unused = connection.async().unsubscribe(channel);
    }
  }

  private final class Listener extends RedisPubSubAdapter<String, String> {
    @Override
    public void message(String channel, String message) {
      wake(channel);
    }

    @Override
    public void subscribed(String channel, long count) {
      wake(channel);
    }
  }

  private void wake(String channel) {
    hints.getOrDefault(channel, List.of()).forEach(Hint::wake);
  }

  /**
   * One subscription. Its hint runs on one thread at a time. Hints that come while it runs are one
   * more run afterwards, because a hint says nothing but that there may be work. It is equal to
   * itself only, so that a hint that is subscribed twice has two subscriptions.
   */
  private final class Hint {

    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int RUNS_AGAIN = 2;

    private final String channel;
    private final Runnable hint;
    private final AtomicInteger state = new AtomicInteger(IDLE);

    Hint(String channel, Runnable hint) {
      this.channel = channel;
      this.hint = hint;
    }

    void wake() {
      if (state.getAndUpdate(now -> now == IDLE ? RUNNING : RUNS_AGAIN) == IDLE) {
        try {
          hintThreads.execute(this::run);
        } catch (RejectedExecutionException e) {
          // The store is closed.
        } catch (Throwable e) {
          state.set(IDLE);
          log.warn(
              "No thread for a subscriber to {}; it is called with the next hint",
              Limits.oneLine(channel),
              e);
        }
      }
    }

    private void run() {
      do {
        state.set(RUNNING);
        try {
          hint.run();
        } catch (Throwable e) {
          log.warn(
              "A subscriber to {} failed; it is called again with the next hint",
              Limits.oneLine(channel),
              e);
        }
      } while (!state.compareAndSet(RUNNING, IDLE));
    }
  }

  private void submit(Runnable task, long millis) {
    try {
      // The tasks catch what they throw.
      var unused = thread.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The store is closed.
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    hintThreads.shutdownNow();
  }
}
