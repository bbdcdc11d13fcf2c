package dev.lease.jdbc;

import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases and job queues in an SQL database: SQLite 3.43 or newer (a file, also of several
 * processes), PostgreSQL 12 or newer, or MariaDB 10.6 or newer.
 *
 * <p>Safe for use by many threads; closing it releases nothing that is held, and makes every later
 * call throw {@link IllegalStateException} [L26, Q54].
 *
 * <p>The calls that take a {@link Connection} work in the caller's transaction and neither commit
 * nor roll it back [Q08, Q31]. Where the database has one writer (SQLite), nothing else can be
 * enqueued, claimed, extended or settled until that transaction ends: keep it well below a third of
 * the lease.
 */
public final class JdbcBackend implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(JdbcBackend.class);

  final Database database;
  private final Wakeups wakeups;
  final JobOperations operations;
  final Fences fences;
  private final CallersTransaction callersTransaction;
  private final JdbcLeaseStore leaseStore;
  private final JdbcJobQueue jobQueue;
  private final JdbcJobAdmin jobAdmin;

  private JdbcBackend(Database database, JdbcConfig config) {
    this.database = database;
    var watermarks = new Watermarks(config.orderSlack().toNanos());
    this.wakeups = new Wakeups(database, watermarks);
    var retention = new Retention(Micros.of(config.keepDone()), Micros.of(config.keepFailed()));
    this.operations = new JobOperations(database, retention);
    this.fences = new Fences(database);
    this.callersTransaction = new CallersTransaction(database, operations, fences);
    this.leaseStore = new JdbcLeaseStore(database);
    this.jobQueue = new JdbcJobQueue(database, operations, watermarks, wakeups);
    this.jobAdmin = new JdbcJobAdmin(database, operations, wakeups);
  }

  /**
   * Opens a store at a URL.
   *
   * @param config the configuration, with a URL
   * @return the store
   * @throws IllegalArgumentException if there is no URL, or no dialect for it
   * @throws IllegalStateException if the schema is of a newer version, or is not up to date and
   *     migration is switched off
   * @throws StoreException if the database cannot be reached or refuses; the message is one line,
   *     without the password
   */
  public static JdbcBackend open(JdbcConfig config) {
    return open(StoreOpening.at(config), config, Map.of());
  }

  /**
   * Opens a store on a {@code DataSource} of the caller's, with the default configuration.
   *
   * @param dataSource gives connections to one database
   * @return the store
   */
  public static JdbcBackend over(DataSource dataSource) {
    return over(dataSource, JdbcConfig.defaults());
  }

  /**
   * Opens a store on a {@code DataSource} of the caller's. The store takes up to {@code poolSize}
   * connections from it, four more to extend, settle, enqueue and take named leases on, and on
   * PostgreSQL one to listen on, and holds them until it is closed, so that its leases never wait
   * for a connection that a handler has. While it opens it takes two beside these, if the tables
   * are not up to date. Limit the time that connecting may take in the {@code DataSource}.
   *
   * @param dataSource gives connections to one database
   * @param config the configuration; its URL and credentials are not used
   * @return the store
   */
  public static JdbcBackend over(DataSource dataSource, JdbcConfig config) {
    Limits.notNull("dataSource", dataSource);
    return open(StoreOpening.over(dataSource, config), config, Map.of());
  }

  /**
   * Brings the schema up to date, whatever {@code migrate} of the configuration says, and does
   * nothing else. Safe to run from many places at once [Q52].
   *
   * @param config the configuration, with a URL
   */
  public static void migrate(JdbcConfig config) {
    open(config.withMigrate(true)).close();
  }

  /** Opens a store whose clock a test replaces by an expression of its own. */
  static JdbcBackend open(JdbcConfig config, String now) {
    return open(StoreOpening.at(config), config, Map.of("now", now, "asof", now));
  }

  private static JdbcBackend open(
      StoreOpening opening, JdbcConfig config, Map<String, String> words) {
    Database database = opening.open(words);
    try {
      var backend = new JdbcBackend(database, config);
      log.info("opened {} on {}", config, database.dialect().folder());
      return backend;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * The named leases.
   *
   * @return always the same object
   */
  public LeaseStore leaseStore() {
    return leaseStore;
  }

  /**
   * The queues.
   *
   * @return always the same object
   */
  public JobQueue jobQueue() {
    return jobQueue;
  }

  /**
   * What operators do with jobs.
   *
   * @return always the same object
   */
  public JobAdmin jobAdmin() {
    return jobAdmin;
  }

  /**
   * Enqueues in the caller's transaction: the jobs exist when it commits, and never did when it
   * rolls back [Q08]. A duplicate does not abort it. Workers hear of the jobs when it commits,
   * where the database can tell them (PostgreSQL), and find them with their next poll elsewhere.
   *
   * @param connection the caller's connection
   * @param jobs at most 1000 jobs
   * @return for each job, whether it was created, and the id of the job that exists
   * @throws StoreException if the database refuses
   */
  public List<Enqueued> enqueue(Connection connection, List<NewJob> jobs) {
    return callersTransaction.enqueue(connection, jobs);
  }

  /**
   * Settles a job in the caller's transaction: what else the transaction does and the settlement
   * become real together or not at all [Q31]. The job's row stays locked until the transaction
   * ends, so nobody else can claim it meanwhile.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param settlement how the job ends
   * @throws LeaseLostException if the lease is lost; the caller has to roll back
   * @throws StoreException if the database refuses
   */
  public void settle(Connection connection, Settlement settlement) {
    callersTransaction.settle(connection, settlement);
  }

  /**
   * Keeps a checkpoint in the caller's transaction, together with what else that does. The job's
   * row stays locked until the transaction ends, so nobody else can claim it meanwhile.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param value text of at most 1 MiB
   * @return the value that the step has now: this one or an earlier one
   * @throws LeaseLostException if the lease is lost; the caller has to roll back
   * @throws StoreException if the database refuses
   */
  public String checkpoint(Connection connection, JobLease lease, String step, String value) {
    return callersTransaction.checkpoint(connection, lease, step, value);
  }

  /**
   * Runs the work of a step in the caller's transaction, and keeps its value there: what the work
   * wrote and the value become real together or not at all, so that the effect of a step that was
   * kept is never made again [Q26, Q31, policy 11]. First the job's row is locked; where the step
   * has a value, that is the answer, and the work is not run. Until the transaction ends nobody
   * else can claim the job, and its worker cannot extend the lease.
   *
   * <p>The work must neither commit nor roll back, nor go on after an error of the database.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param work what the step does with the connection; gives text of at most 1 MiB
   * @return the value that the step has now
   * @throws LeaseLostException if the lease is lost; the caller has to roll back
   * @throws StoreException if the database refuses; the caller has to roll back
   * @throws IllegalArgumentException if the value is null or not one that can be kept; the caller
   *     has to roll back
   * @throws Exception what the work threw; the caller has to roll back
   */
  public String step(Connection connection, JobLease lease, String step, Callable<String> work)
      throws Exception {
    return callersTransaction.step(connection, lease, step, work);
  }

  /**
   * Steps in transactions on connections of the caller's: each begins one, does what {@link
   * #step(Connection, JobLease, String, Callable) step} does, commits, and gives the connection
   * back as it was. Whatever is thrown, an {@code Error} too, rolls back.
   *
   * <p>That there is no connection is a {@link StoreException} that says that nothing was done;
   * that a commit failed is one whose outcome is unknown, unless the database says that it was
   * refused. Either way the step may be run again: it finds its value, or does its work anew.
   *
   * @param dataSource gives connections to the database of this store, in auto-commit mode or not;
   *     it stays the caller's
   * @return runs steps, on the threads of those who call it
   */
  public StepTransaction<Connection> steps(DataSource dataSource) {
    Limits.notNull("dataSource", dataSource);
    return new StepTransactions(callersTransaction, database, dataSource);
  }

  /**
   * Lets a holder of a job write to a resource, in the caller's transaction, if nobody has written
   * there with a larger token of that job: a holder that was taken for dead, and has been replaced
   * since, is refused [L05, Q17, policy 11]. The resource remembers the largest token of each job;
   * one that is equal or larger passes, and becomes what is remembered when the transaction
   * commits.
   *
   * <p>The guard, a row of its own, stays locked until the transaction ends, so that those who
   * write to one resource under one job come one after the other: call this before the first write.
   * Only tokens are compared. The job may be in another store, and whether it is still held is not
   * asked: a stale holder passes until its successor has been here.
   *
   * <p>What nobody has used for 30 days is forgotten, so that guards do not pile up: a holder that
   * is slower than that passes again.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease of the job
   * @param resource the name of what is written to: 1 to 200 bytes of UTF-8, compared byte by byte
   * @throws LeaseLostException if a larger token was here; the caller has to roll back
   * @throws StoreException if the database refuses; the caller has to roll back
   */
  public void fence(Connection connection, JobLease lease, String resource) {
    Limits.notNull("lease", lease);
    callersTransaction.fence(connection, FenceWriter.of(resource, lease));
  }

  /**
   * Lets a holder of a named lease write to a resource, in the caller's transaction, if nobody has
   * written there with a larger token of that name. As {@link #fence(Connection, JobLease, String)
   * for a job}: the lease may be in another store, its renewal does not wait for the transaction,
   * and leases of other names are others.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param resource the name of what is written to: 1 to 200 bytes of UTF-8, compared byte by byte
   * @throws LeaseLostException if a larger token was here; the caller has to roll back
   * @throws StoreException if the database refuses; the caller has to roll back
   */
  public void fence(Connection connection, Lease lease, String resource) {
    Limits.notNull("lease", lease);
    callersTransaction.fence(connection, FenceWriter.of(resource, lease));
  }

  /** Closes the connections of the store; harmless when done twice. */
  @Override
  public void close() {
    wakeups.close();
    database.close();
  }
}
