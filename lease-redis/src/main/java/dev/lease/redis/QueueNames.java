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
 * The names of all queues that ever had a job, for those who ask for all. A queue is noted before
 * its first job where that is possible, else with a later one, and again from time to time, since
 * the note lies elsewhere than the queue and may be lost when that is not.
 */
final class QueueNames {

  static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned);

  private static final Logger log = LoggerFactory.getLogger(QueueNames.class);
  private static final Duration NOTE_AGAIN = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 10_000;

  private final ScriptRunner runner;
  private final Keys keys;
  private final Duration noteAgain;
  private final Map<String, Long> noted = new ConcurrentHashMap<>();

  QueueNames(ScriptRunner runner, Keys keys) {
    this(runner, keys, NOTE_AGAIN);
  }

  QueueNames(ScriptRunner runner, Keys keys, Duration noteAgain) {
    this.runner = runner;
    this.keys = keys;
    this.noteAgain = noteAgain;
  }

  void note(Iterable<String> queues) {
    long now = System.nanoTime();
    for (String queue : queues) {
      Long last = noted.get(queue);
      if (last == null || now - last >= noteAgain.toNanos()) {
        try {
          runner.command(
              "note a queue", keys.queues(), commands -> commands.sadd(keys.queues(), queue));
        } catch (StoreException e) {
          // The notes may be where the queue is not, on a node that is down.
          log.debug("a queue is not noted yet: {}", RedisErrors.reason(e));
          continue;
        }
        if (noted.size() >= MAX_REMEMBERED) {
          noted.clear();
        }
        noted.put(queue, now);
      }
    }
  }

  /** In order of their UTF-8 bytes. */
  List<String> names() {
    return runner
        .command("read the queues", keys.queues(), commands -> commands.smembers(keys.queues()))
        .stream()
        .sorted(UTF8_ORDER)
        .toList();
  }
}
