package dev.lease.jdbc.spring;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The transaction of Spring's around the caller, on the {@code DataSource} of the store. */
record SpringTransaction(DataSource dataSource) {

  /**
   * Its connection; null if there is no transaction. One on another {@code DataSource} is refused:
   * what is written here would neither commit nor roll back with it, and nobody would learn.
   */
  @Nullable Connection connection() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      return null;
    }
    // A Connection that Spring lends beside a transaction of another DataSource commits by itself.
    if (TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder
        && !commitsByItself(holder.getConnection())) {
      return holder.getConnection();
    }
    throw new IllegalStateException(
        "the transaction around this call is not one on the DataSource of Lease's store (or has ended: this is an afterCommit),"
            + " so what is stored here would not commit and roll back with it. Nothing was stored. Begin a transaction on that"
            + " DataSource (lease.jdbc.data-source names it), or call outside of any: @Transactional(propagation = NOT_SUPPORTED)");
  }

  private static boolean commitsByItself(Connection connection) {
    try {
      return connection.getAutoCommit();
    } catch (SQLException e) {
      // It is broken, as the next call will say.
      return false;
    }
  }
}
