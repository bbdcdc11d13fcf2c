package dev.lease.jdbc.spring;

import dev.lease.JobQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The transaction of Spring's around the caller, on the {@code DataSource} of the store. */
record SpringTransaction(DataSource dataSource) {

  /** Of the target of a proxy whose connections would be those of the caller's transaction. */
  static SpringTransaction on(DataSource dataSource) {
    DataSource target =
        dataSource instanceof TransactionAwareDataSourceProxy proxy
            ? proxy.getTargetDataSource()
            : null;
    return new SpringTransaction(target == null ? dataSource : target);
  }

  /**
   * Its connection; null if there is no transaction. One on another {@code DataSource} is refused:
   * what is written here would neither commit nor roll back with it, and nobody would learn.
   */
  @Nullable Connection connection() {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      return null;
    }
    ConnectionHolder holder = holder();
    // In an afterCompletion nobody would commit. A connection that Spring lends beside a
    // transaction of another DataSource commits by itself.
    if (holder != null
        && TransactionSynchronizationManager.isSynchronizationActive()
        && !commitsByItself(holder.getConnection())) {
      SpringCommit.of(dataSource, holder).expect();
      return holder.getConnection();
    }
    throw new IllegalStateException(
        "the transaction around this call is not one on the DataSource of Lease's store (or has ended: this is an afterCompletion),"
            + " so what is stored here would not commit and roll back with it. Nothing was stored. Begin a transaction on that"
            + " DataSource (lease.jdbc.data-source names it), or call outside of any: @Transactional(propagation = NOT_SUPPORTED)");
  }

  /** Wakes the workers when the transaction around the caller, which there is, has committed. */
  void hint(JobQueue jobs, Collection<String> queues) {
    ConnectionHolder holder = holder();
    if (holder != null) {
      SpringCommit commit = SpringCommit.of(dataSource, holder);
      queues.forEach(queue -> commit.hint(queue, jobs));
    }
  }

  private @Nullable ConnectionHolder holder() {
    return TransactionSynchronizationManager.getResource(dataSource)
            instanceof ConnectionHolder holder
        ? holder
        : null;
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
