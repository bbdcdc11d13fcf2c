package dev.lease.jdbc;

import dev.lease.Micros;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The guards of resources outside the store's own tables: one row for each resource and each job or
 * lease name that wrote to it, with the largest token seen.
 */
final class Fences {

  private static final int SWEEP_LIMIT = 100;

  private final Database database;
  private final Duration keep;
  final Sweep sweep = new Sweep("guards", SWEEP_LIMIT, Runnable::run);

  /**
   * @param retention how long an unused guard stays at least; a guard remembers only the day of its
   *     last use
   */
  Fences(Database database, Duration retention) {
    this.database = database;
    this.keep = retention.plusDays(1);
  }

  /** Lets a token pass if none was larger, and locks the guard. */
  void pass(Connection connection, FencedHolder holder) {
    sweep.nowAndThen(() -> sweep(connection, keep));
    StyleStatements statements = database.statements();
    if (statements.makesGuardsApart()) {
      database.run(
          "make a guard",
          session -> {
            statements.makeGuard(session, holder);
            return holder;
          });
    }
    long seen =
        database.within(
            "pass a fence", connection, session -> statements.raiseGuard(session, holder));
    if (seen > holder.token()) {
      throw holder.refused(seen);
    }
  }

  /**
   * Removes guards that nobody has used for that long. Where the database has several writers it
   * does so in a transaction of its own: in the caller's, the locks on these rows could hinder
   * others.
   */
  int sweep(Connection connection, Duration age) {
    return database.dialect().singleWriter()
        ? database.within("sweep guards", connection, session -> sweep(session, age))
        : database
            .on(Lane.BACKGROUND)
            .run("sweep guards", Sql.FENCE_SWEEP, session -> sweep(session, age));
  }

  private static int sweep(Session session, Duration age) throws SQLException {
    return new SqlScript(session, Sql.FENCE_SWEEP)
        .bind("age", Micros.of(age))
        .bind("limit", SWEEP_LIMIT)
        .listAndChange(row -> row.getLong("token"))
        .size();
  }
}
