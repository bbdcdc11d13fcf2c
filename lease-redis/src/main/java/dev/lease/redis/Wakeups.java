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
 * Hints to those who wait for work [Q55], by Redis's publish and subscribe, on a connection of its
 * own. It is made with the first subscription, and mends itself; after a gap all are woken, since
 * what was published meanwhile is lost.
 *
 * <p>In a cluster they are published to all nodes. Those of Redis 7 that stay on the node of the
 * queue are of no use with Lettuce 7.7: after a gap it subscribes to all of a node's channels in
 * one command, which the server refuses for queues in several slots; where a slot has moved it does
 * not subscribe again at all.
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

  /** Of the thread alone. */
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
    // A wrapper, so that one hint subscribed twice is two subscriptions.
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
      log.debug("could not listen for work: {}", RedisErrors.reason(e));
      submit(() -> listen(channel), CONNECT_AGAIN_MILLIS);
    }
  }

  /** Connects, and leaves no connection behind that is made too late. */
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
      log.warn("no hints of work, only polling: {}", RedisErrors.reason(e));
    } else {
      // The connection broke. It mends itself, but subscribes only to what was subscribed before.
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
      submit(() -> run(hint), 0);
    }
  }

  private static void run(Runnable hint) {
    try {
      hint.run();
    } catch (RuntimeException e) {
      log.warn("a hint of work failed", e);
    }
  }

  private void submit(Runnable task, long millis) {
    try {
      // The tasks catch what they throw.
      var unused = thread.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: nobody waits any more.
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
