package dev.lease.jdbc.spring;

import dev.lease.JobQueue;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What is done when a transaction ends in which something was stored. Of one thread. */
final class SpringCommit implements TransactionSynchronization {

  private final DataSource dataSource;
  private final ConnectionHolder holder;
  private final Map<String, JobQueue> hints = new LinkedHashMap<>();
  private boolean waits;

  private SpringCommit(DataSource dataSource, ConnectionHolder holder) {
    this.dataSource = dataSource;
    this.holder = holder;
  }

  /** That of the transaction around the caller. */
  static SpringCommit of(DataSource dataSource, ConnectionHolder holder) {
    for (TransactionSynchronization each :
        TransactionSynchronizationManager.getSynchronizations()) {
      if (each instanceof SpringCommit known && known.holder == holder) {
        return known;
      }
    }
    var commit = new SpringCommit(dataSource, holder);
    TransactionSynchronizationManager.registerSynchronization(commit);
    return commit;
  }

  /** Is called before something is stored. */
  void expect() {
    waits = true;
  }

  void hint(String queue, JobQueue jobs) {
    hints.put(queue, jobs);
  }

  @Override
  public void beforeCompletion() {
    waits = false;
  }

  /**
   * Commits what was stored in an afterCommit: it looks like a part of the transaction, whose
   * commit is over. If this fails, Spring logs it as an ERROR.
   */
  @Override
  public void afterCompletion(int status) {
    if (status != STATUS_COMMITTED) {
      return;
    }
    if (waits && TransactionSynchronizationManager.getResource(dataSource) == holder) {
      try {
        holder.getConnection().commit();
      } catch (SQLException e) {
        throw new IllegalStateException(
            "what was enqueued or kept after the commit of a transaction, in an afterCommit, may be lost: its own commit failed. Store it before the commit",
            e);
      }
    }
    hints.forEach((queue, jobs) -> jobs.hint(queue));
  }
}
