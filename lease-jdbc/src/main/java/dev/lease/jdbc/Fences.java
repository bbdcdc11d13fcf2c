package dev.lease.jdbc;

import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * The guards of resources outside the store's own tables: a row for each resource and each job or
 * lease name that wrote to it, with the largest token that it has seen.
 */
final class Fences {

  /**
   * How long an unused guard stays: one day more than is promised, for what it remembers is the
   * day.
   */
  private static final Duration KEEP = Duration.ofDays(31);

  private static final int SWEEP_LIMIT = 100;

  private final Database database;
  final Sweep sweep = new Sweep("guards", SWEEP_LIMIT);

  /**
   * Who writes to which resource, and with which token.
   *
   * @param queue the queue of the job, or empty for a named lease
   * @param name the id of the job, or the name of the lease
   */
  record Writer(String resource, String queue, String name, long token) {

    Writer {
      Limits.name("resource", resource);
    }

    <T extends SqlStatement<T>> T bound(T statement) {
      return statement
          .bind("resource", resource)
          .bind("queue", queue)
          .bind("name", name)
          .bind("token", token);
    }

    private LeaseLostException refused(long seen) {
      String holder =
          queue.isEmpty() ? "lease " + name : "job %s of queue %s".formatted(name, queue);
      return new LeaseLostException(
          "could not pass the fence of %s with token %d of %s: it has seen token %d"
              .formatted(resource, token, holder, seen));
    }
  }

  Fences(Database database) {
    this.database = database;
  }

  /** Lets a token pass that is no smaller than those before, and locks the guard. */
  void pass(Connection connection, Writer writer) {
    sweep.nowAndThen(() -> sweep(connection, KEEP));
    long seen =
        database.within(
            "pass a fence",
            connection,
            session -> database.dialect().fence(database, session, writer));
    if (seen > writer.token()) {
      throw writer.refused(seen);
    }
  }

  /**
   * Removes guards that nobody has used for so long. Where there are several writers it goes beside
   * the caller's transaction, in which the locks of these rows could be in others' way.
   */
  int sweep(Connection connection, Duration age) {
    return database.dialect().singleWriter()
        ? database.within("sweep guards", connection, session -> sweep(session, age))
        : database.run("sweep guards", Sql.FENCE_SWEEP, session -> sweep(session, age));
  }

  private int sweep(Session session, Duration age) throws SQLException {
    return database
        .script(session, Sql.FENCE_SWEEP)
        .bind("age", Micros.of(age))
        .bind("limit", SWEEP_LIMIT)
        .listAndChange(row -> row.getLong("token"))
        .size();
  }
}
