package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of the queues in use. Calls that are about all queues need them.
 *
 * <p>A name is written before the first job of its queue. It is written again from time to time:
 * the set of names may be on another node than the queue, and may be lost when the queue is not.
 * While it cannot be written, enqueueing goes on and does not wait for it.
 */
final class QueueNames {

  static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned);

  private static final Logger log = LoggerFactory.getLogger(QueueNames.class);

  /** Less than the time after which a queue without jobs is forgotten, see lua/lib/idle.lua. */
  private static final Duration WRITE_AGAIN = Duration.ofMinutes(1);

  private static final int MAX_WRITTEN = 10_000;

  /** The part of a call that an enqueue waits for the names at most, before it goes on without. */
  private static final int PATIENCE = 10;

  private final ScriptRunner runner;
  private final Keys keys;
  private final Duration writeAgain;
  private final Map<String, Long> written = new ConcurrentHashMap<>();

  /** Those that have to be written. */
  private final Set<String> missing = ConcurrentHashMap.newKeySet();

  /** One thread, while there is something to write: the node may hang. */
  private final Executor behind =
      new ThreadPoolExecutor(
          0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), QueueNames::daemon);

  private final AtomicBoolean writesBehind = new AtomicBoolean();
  private volatile boolean isFailing;

  QueueNames(ScriptRunner runner, Keys keys) {
    this(runner, keys, WRITE_AGAIN);
  }

  QueueNames(ScriptRunner runner, Keys keys, Duration writeAgain) {
    this.runner = runner;
    this.keys = keys;
    this.writeAgain = writeAgain;
  }

  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, "lease-redis-names");
    thread.setDaemon(true);
    return thread;
  }

  void write(Iterable<String> queues) {
    long now = System.nanoTime();
    for (String queue : queues) {
      Long last = written.get(queue);
      if ((last == null || now - last >= writeAgain.toNanos()) && missing.size() < MAX_WRITTEN) {
        missing.add(queue);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    if (!isFailing) {
      runner.within(
          runner.deadline().timeout().dividedBy(PATIENCE),
          () -> {
            writeMissing();
            return null;
          });
    } else if (writesBehind.compareAndSet(false, true)) {
      // The names may be on a node that is down, while that of the queue is up.
      var unused =
          CompletableFuture.runAsync(this::writeMissing, behind)
              .whenComplete((done, e) -> writesBehind.set(false));
    }
  }

  private void writeMissing() {
    String[] names = missing.toArray(String[]::new);
    if (names.length == 0) {
      return;
    }
    try {
      runner.command(
          "write the names of queues",
          keys.queues(),
          commands -> commands.sadd(keys.queues(), names));
    } catch (StoreException e) {
      isFailing = true;
      log.debug(
          "Cannot write the names of {} queues, trying again with a later job: {}",
          names.length,
          RedisErrors.reason(e));
      return;
    }
    isFailing = false;
    if (written.size() >= MAX_WRITTEN) {
      written.clear();
    }
    long now = System.nanoTime();
    for (String name : names) {
      written.put(name, now);
      missing.remove(name);
    }
  }

  /** Removes a name. The next job of that queue writes it again. */
  void remove(String queue) {
    written.remove(queue);
    runner.command(
        "remove the name of a queue",
        keys.queues(),
        commands -> commands.srem(keys.queues(), queue));
  }

  /** In order of their UTF-8 bytes. */
  List<String> names() {
    return runner
        .command(
            "read the names of the queues",
            keys.queues(),
            commands -> commands.smembers(keys.queues()))
        .stream()
        .sorted(UTF8_ORDER)
        .toList();
  }

  /** Those of some queues that have any of these kinds of keys, in the same order. */
  List<String> havingAny(List<String> kinds, List<String> queues) {
    List<String[]> ofQueues =
        queues.stream().map(queue -> keys.ofQueue(queue, kinds).toArray(String[]::new)).toList();
    List<Long> numbers =
        runner.commands(
            "look for queues",
            ofQueues,
            ofQueue -> ofQueue[0],
            (commands, ofQueue) -> commands.exists(ofQueue));
    List<String> having = new ArrayList<>();
    for (int i = 0; i < queues.size(); i++) {
      if (numbers.get(i) > 0) {
        having.add(queues.get(i));
      }
    }
    return having;
  }
}
