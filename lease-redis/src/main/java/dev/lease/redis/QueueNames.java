package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of all queues that ever had a job. Calls that are about all queues need them.
 *
 * <p>A name is written before the first job of its queue, or with a later job if that fails. It is
 * written again from time to time: the set of names may be on another node than the queue, and may
 * be lost when the queue is not.
 */
final class QueueNames {

  static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned);

  private static final Logger log = LoggerFactory.getLogger(QueueNames.class);
  private static final Duration WRITE_AGAIN = Duration.ofMinutes(1);
  private static final int MAX_WRITTEN = 10_000;

  private final ScriptRunner runner;
  private final Keys keys;
  private final Duration writeAgain;
  private final Map<String, Long> written = new ConcurrentHashMap<>();

  QueueNames(ScriptRunner runner, Keys keys) {
    this(runner, keys, WRITE_AGAIN);
  }

  QueueNames(ScriptRunner runner, Keys keys, Duration writeAgain) {
    this.runner = runner;
    this.keys = keys;
    this.writeAgain = writeAgain;
  }

  void write(Iterable<String> queues) {
    long now = System.nanoTime();
    for (String queue : queues) {
      Long last = written.get(queue);
      if (last == null || now - last >= writeAgain.toNanos()) {
        try {
          runner.command(
              "write the name of a queue",
              keys.queues(),
              commands -> commands.sadd(keys.queues(), queue));
        } catch (StoreException e) {
          // The names may be on a node that is down, while that of the queue is up.
          log.debug(
              "Cannot write the name of queue {}, trying again with a later job: {}",
              queue,
              RedisErrors.reason(e));
          continue;
        }
        if (written.size() >= MAX_WRITTEN) {
          written.clear();
        }
        written.put(queue, now);
      }
    }
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
}
