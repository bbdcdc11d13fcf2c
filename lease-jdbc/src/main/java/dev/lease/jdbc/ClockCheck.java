package dev.lease.jdbc;

import dev.lease.Micros;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns if the database's clock has been set back, as a side effect of calls, once a minute. */
final class ClockCheck {

  private static final Logger log = LoggerFactory.getLogger(ClockCheck.class);
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Less than that delays nobody for long. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private final Database database;

  /** When the next look is due. A test sets it instead of waiting for a minute. */
  final AtomicLong next = new AtomicLong(System.nanoTime());

  private volatile boolean told;

  ClockCheck(Database database) {
    this.database = database;
  }

  void nowAndThen() {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due < 0 || !next.compareAndSet(due, now + EVERY_NANOS)) {
      return;
    }
    try {
      Optional<Newest> newest =
          database.read(
              "look at the newest job",
              session -> session.statement(Sql.JOB_NEWEST).first(Newest::of));
      told = newest.filter(Newest::isAhead).map(this::tell).isPresent();
    } catch (RuntimeException e) {
      // The caller's own call must not fail because of this.
      log.debug("Cannot look at the newest job: {}", e.getMessage());
    }
  }

  private Newest tell(Newest job) {
    if (!told) {
      log.warn(
          "The database's clock was set back: job {} of queue {} was enqueued {} ahead of it. Until the clock has caught"
              + " up, jobs that were enqueued before are not due, and the leases of dead workers do not expire",
          job.id,
          job.queue,
          job.ahead);
    }
    return job;
  }

  private record Newest(String queue, String id, Duration ahead) {
    static Newest of(ResultSet row) throws SQLException {
      return new Newest(
          row.getString("queue"), row.getString("id"), Micros.duration(row.getLong("ahead")));
    }

    boolean isAhead() {
      return ahead.compareTo(TOLERANCE) > 0;
    }
  }
}
