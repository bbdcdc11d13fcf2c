package dev.lease.jdbc;

import dev.lease.Limits;
import dev.lease.Micros;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the database's clock once a minute, as a side effect of calls that give tokens or remove
 * jobs, on a thread of its own. It keeps the floor of tokens at the largest time seen, so that a
 * removal need not raise it [policy 2]. It warns if the clock has been set back: it compares how
 * far that clock and this JVM's stopwatch have moved since the look before.
 */
final class ClockCheck {

  private static final Logger log = LoggerFactory.getLogger(ClockCheck.class);
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Less delays nobody for long, and two clocks may drift apart by that much between two looks. */
  private static final Duration TOLERANCE = Duration.ofSeconds(10);

  private final Database database;
  private final Executor background;

  /** When the next look is due. A test sets it instead of waiting for a minute. */
  final AtomicLong next = new AtomicLong(System.nanoTime());

  /** The last look. A test waits for the next one. */
  volatile @Nullable Look last;

  /**
   * A look at the database's clock.
   *
   * @param nanos the {@code nanoTime} when the answer had come
   */
  record Look(long micros, long nanos) {}

  ClockCheck(Database database, Executor background) {
    this.database = database;
    this.background = background;
  }

  void nowAndThen() {
    long due = next.get();
    long now = System.nanoTime();
    if (now - due >= 0 && next.compareAndSet(due, now + EVERY_NANOS)) {
      background.execute(this::look);
    }
  }

  private void look() {
    try {
      long now = System.nanoTime();
      long micros =
          database
              .on(Lane.BACKGROUND)
              .read(
                  "read the server's time",
                  session ->
                      session
                          .statement(Sql.SERVER_TIME)
                          .first(row -> row.getLong("as_of"))
                          .orElseThrow());
      database
          .on(Lane.BACKGROUND)
          .run(
              "raise the floor of tokens",
              session -> session.statement(Sql.TOKEN_FLOOR_RAISE).bind("token", micros).update());
      var look = new Look(micros, System.nanoTime());
      Look before = last;
      if (before != null) {
        // From the last answer to this question: no less has passed, however slow the calls were.
        long passed = TimeUnit.NANOSECONDS.toMicros(now - before.nanos);
        tell(Micros.duration(before.micros + passed - micros));
      }
      last = look;
    } catch (RuntimeException e) {
      // The caller's own call must not fail because of this. The floor must not fall behind either.
      next.set(System.nanoTime() + AGAIN_NANOS);
      log.debug("Cannot look at the server's time, trying again soon: {}", Database.reason(e));
    }
  }

  private static void tell(Duration back) {
    if (back.compareTo(TOLERANCE) > 0) {
      log.warn(
          "The database's clock was set back by {}. For that long, jobs that were enqueued before are not due, and the"
              + " leases of dead workers do not expire",
          Limits.shown(back));
    }
  }
}
