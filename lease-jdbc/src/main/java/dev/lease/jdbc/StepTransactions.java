package dev.lease.jdbc;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs steps, each in a transaction of its own, on connections of a user's {@code DataSource}. */
final class StepTransactions implements StepTransaction<Connection> {

  private static final Logger log = LoggerFactory.getLogger(StepTransactions.class);

  private final CallersTransaction transaction;
  private final Database database;
  private final DataSource dataSource;

  StepTransactions(CallersTransaction transaction, Database database, DataSource dataSource) {
    this.transaction = transaction;
    this.database = database;
    this.dataSource = dataSource;
  }

  @Override
  public String run(JobLease lease, String step, Work<Connection, String> work) throws Exception {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.notNull("work", work);
    database.checkOpen();
    Connection connection = connection();
    try {
      return run(connection, lease, step, work);
    } finally {
      close(connection);
    }
  }

  private Connection connection() {
    try {
      return dataSource.getConnection();
    } catch (SQLException | RuntimeException e) {
      throw StoreException.notDone("could not run a step: no connection: " + Database.reason(e), e);
    }
  }

  private String run(
      Connection connection, JobLease lease, String step, Work<Connection, String> work)
      throws Exception {
    boolean autoCommit = begin(connection);
    String value;
    try {
      value = transaction.step(connection, lease, step, () -> work.run(connection));
      commit(connection);
    } catch (Throwable e) {
      rollback(connection, autoCommit, e);
      throw e;
    }
    restore(connection, autoCommit);
    return value;
  }

  /** Begins a transaction, and tells whether the connection was in auto-commit mode. */
  private static boolean begin(Connection connection) {
    try {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      return autoCommit;
    } catch (SQLException e) {
      throw StoreException.notDone("could not begin a step: " + Database.reason(e), e);
    }
  }

  private void commit(Connection connection) {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw database.failure("commit a step", e);
    }
  }

  /**
   * If the rollback fails, the transaction may still be open. Then the connection is aborted,
   * because giving it back could commit it.
   */
  private static void rollback(Connection connection, boolean autoCommit, Throwable reason) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      reason.addSuppressed(e);
      try {
        connection.abort(Runnable::run);
      } catch (SQLException again) {
        reason.addSuppressed(again);
      }
      return;
    }
    restore(connection, autoCommit);
  }

  private static void restore(Connection connection, boolean autoCommit) {
    try {
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      log.debug(
          "Cannot restore auto-commit after a step, the connection goes back as it is: {}",
          Database.reason(e));
    }
  }

  /** Closes the connection. If that fails, the step is still committed or rolled back. */
  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug(
          "Cannot close the connection of a step; the step itself is committed or rolled back: {}",
          Database.reason(e));
    }
  }
}
