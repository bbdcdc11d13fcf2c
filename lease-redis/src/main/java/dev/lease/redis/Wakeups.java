package dev.lease.redis;

import dev.lease.JobQueue;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
final class Wakeups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Wakeups.class);
  private static final long CONNECT_AGAIN_MILLIS = 1_000;

  private final Topology topology;
  private final Keys keys;
  private final long timeoutMillis;

  /** By channel. */
  private final Map<String, List<Runnable>> hints = new ConcurrentHashMap<>();

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(1, Wakeups::daemon);

  /** Used by the thread only. */
  private @Nullable StatefulRedisPubSubConnection<String, String> connection;

  Wakeups(Topology topology, Keys keys, long timeoutMillis) {
    this.topology = topology;
    this.keys = keys;
    this.timeoutMillis = timeoutMillis;
  }

  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "lease-redis-wakeup");
    thread.setDaemon(true);
    return thread;
  }

  JobQueue.Subscription subscribe(String queue, Runnable hint) {
    String channel = keys.channel(queue);
    // A wrapper, so that a hint that is subscribed twice has two subscriptions.
    Runnable own = () -> hint.run();
    hints.compute(channel, (c, all) -> with(all, own));
    submit(() -> listen(channel), 0);
    return () -> {
      hints.computeIfPresent(channel, (c, all) -> without(all, own));
      submit(() -> stopListening(channel), 0);
    };
  }

  private static List<Runnable> with(@Nullable List<Runnable> all, Runnable hint) {
    List<Runnable> more = all == null ? new CopyOnWriteArrayList<>() : all;
    more.add(hint);
    return more;
  }

  private static @Nullable List<Runnable> without(List<Runnable> all, Runnable hint) {
    all.remove(hint);
    return all.isEmpty() ? null : all;
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
          channel,
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
          channel,
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
    for (Runnable hint : hints.getOrDefault(channel, List.of())) {
      submit(() -> run(channel, hint), 0);
    }
  }

  private static void run(String channel, Runnable hint) {
    try {
      hint.run();
    } catch (RuntimeException e) {
      log.warn("A subscriber to {} failed; it is called again with the next hint", channel, e);
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
  }
}
