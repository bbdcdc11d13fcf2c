package dev.lease.jdbc.spring;

import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/**
 * Runs steps in transactions of Spring's, so that what repositories write in a step and the value
 * of the step are committed together or not at all:
 *
 * <pre>{@code
 * context.step(BOOK, springSteps, connection -> bookings.save(order));
 * }</pre>
 *
 * <p>A step begins a transaction and commits it. Within a transaction it joins that, as {@link
 * JdbcBackend#steps(Connection)} does: then the step is kept if that commits. What the work throws
 * rolls back. Spring Boot has a bean of this class. Safe for use by many threads.
 */
public final class SpringSteps implements StepTransaction<Connection> {

  private final JdbcBackend backend;
  private final SpringTransaction transaction;
  private final PlatformTransactionManager manager;

  /**
   * Makes an object that runs steps.
   *
   * @param backend the store that has the jobs
   * @param dataSource gives connections to the database of that store
   * @param manager begins and commits transactions on that {@code DataSource}
   */
  public SpringSteps(
      JdbcBackend backend, DataSource dataSource, PlatformTransactionManager manager) {
    this.backend = Limits.notNull("backend", backend);
    this.transaction = SpringTransaction.on(Limits.notNull("dataSource", dataSource));
    this.manager = Limits.notNull("manager", manager);
  }

  @Override
  public String run(JobLease lease, String step, Work<Connection, String> work) throws Exception {
    Limits.notNull("work", work);
    // Refuses a transaction on another DataSource, beside which the manager would begin one.
    transaction.connection();
    TransactionStatus status = begin();
    String value;
    try {
      Connection connection =
          Objects.requireNonNull(transaction.connection(), "the manager began no transaction");
      value = backend.step(connection, lease, step, () -> work.run(connection));
    } catch (Throwable e) {
      rollback(status, e);
      throw e;
    }
    commit(status);
    return value;
  }

  private TransactionStatus begin() {
    try {
      return manager.getTransaction(new DefaultTransactionDefinition());
    } catch (CannotCreateTransactionException e) {
      throw StoreException.notDone("could not begin a step: " + reason(e), e);
    }
  }

  private void rollback(TransactionStatus status, Throwable reason) {
    try {
      manager.rollback(status);
    } catch (RuntimeException e) {
      reason.addSuppressed(e);
    }
  }

  /** What a database refuses at the commit, such as a deferred constraint, is thrown as it is. */
  private void commit(TransactionStatus status) {
    try {
      manager.commit(status);
    } catch (UnexpectedRollbackException e) {
      throw e;
    } catch (TransactionException
        | TransientDataAccessException
        | RecoverableDataAccessException
        | NonTransientDataAccessResourceException
        | UncategorizedDataAccessException e) {
      if (!isOfDatabase(e)) {
        throw e;
      }
      throw StoreException.outcomeUnknown("could not commit a step: " + reason(e), e);
    }
  }

  /** A manager also fails for what ran before its commit, such as a validation in JPA. */
  private static boolean isOfDatabase(Throwable e) {
    Throwable cause = e;
    while (cause != null && !(cause instanceof SQLException)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  PlatformTransactionManager manager() {
    return manager;
  }

  private static String reason(Exception e) {
    return Limits.oneLine(String.valueOf(e.getMessage()));
  }

  /**
   * Tells who ends the transaction.
   *
   * @return false within a transaction, whose owner commits it
   * @throws IllegalStateException if that is on another {@code DataSource}
   */
  @Override
  public boolean commits() {
    return transaction.connection() == null;
  }
}
