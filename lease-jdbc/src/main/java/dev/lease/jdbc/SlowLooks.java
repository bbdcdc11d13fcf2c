package dev.lease.jdbc;

import dev.lease.Limits;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns that full looks at a queue take long, once in ten minutes for each queue, and says which
 * old snapshot is the reason, if there is one.
 */
final class SlowLooks {

  private static final Logger log = LoggerFactory.getLogger(SlowLooks.class);
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Database database;
  private final Executor background;
  private final Map<String, Long> warned = new ConcurrentHashMap<>();

  SlowLooks(Database database, Executor background) {
    this.database = database;
    this.background = background;
  }

  void noted(String queue, long nanos) {
    long now = System.nanoTime();
    warned.compute(
        queue,
        (q, last) -> {
          if (last != null && now - last < EVERY_NANOS) {
            return last;
          }
          background.execute(() -> warn(queue, nanos));
          return now;
        });
  }

  private void warn(String queue, long nanos) {
    log.warn(
        "Claims from queue {} are slowed: a look behind the last claim took {}, because the index is full of entries of"
            + " jobs that are held, or that have finished and cannot be cleaned up. {}. Claims go on; jobs that became"
            + " claimable behind the last claim wait",
        Limits.oneLine(queue),
        Limits.shown(Duration.ofNanos(nanos)),
        reason());
  }

  private String reason() {
    String query = database.dialect().oldestSnapshot();
    if (query == null) {
      return "The store looks for no old snapshots in this database";
    }
    try {
      Optional<String> oldest =
          database
              .on(Lane.BACKGROUND)
              .read(
                  "look for an old snapshot",
                  session -> session.statement(query).first(row -> row.getString(1)));
      return oldest
          .map(snapshot -> "The oldest snapshot is that of " + snapshot)
          .orElse("No snapshot is older than a minute, as far as the store may see");
    } catch (RuntimeException e) {
      return "Cannot look for an old snapshot: " + e.getMessage();
    }
  }
}
