package dev.lease.jdbc;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Enqueued;
import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
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
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named leases and job queues in an SQL database: SQLite 3.43 or newer (a file, which several
 * processes may share), PostgreSQL 12 or newer, MariaDB 10.6 or newer, or a database for which you
 * have a {@link Dialect}.
 *
 * <p>Many threads may use it. Closing it releases no lease; every later call throws {@link
 * IllegalStateException} [L26, Q54].
 *
 * <p>The calls that take a {@link Connection} work in the caller's transaction, and neither commit
 * it nor roll it back [Q08, Q31]. SQLite has one writer at a time: until that transaction ends,
 * nobody can enqueue, claim, extend or settle anything. Keep it well below a third of the lease.
 */
public final class JdbcBackend implements Backend {

  private static final Logger log = LoggerFactory.getLogger(JdbcBackend.class);

  final Database database;
  private final Background background = new Background();
  final Hints hints;
  final JobOperations operations;
  final Fences fences;
  private final CallersTransaction callersTransaction;
  private final JdbcLeaseStore leaseStore;
  private final JdbcJobQueue jobQueue;
  private final JdbcJobAdmin jobAdmin;
  private final @Nullable JdbcAdmission admission;
  private final @Nullable JdbcJobGraphs jobGraphs;
  private final Set<Capability> capabilities;

  private JdbcBackend(Database database, JdbcConfig config) {
    this.database = database;
    var watermarks =
        new Watermarks(
            config.orderSlack(), config.callTimeout(), database.statements().walksOverDead());
    this.hints = new Hints(database, watermarks);
    var retention = new Retention(Micros.of(config.keepDone()), Micros.of(config.keepFailed()));
    boolean hasKeys = database.dialect().hasKeys();
    KeySlots slots = hasKeys ? new KeySlots(database, hints, watermarks, background) : null;
    GraphEnds ends =
        slots == null ? null : new GraphEnds(database, slots, hints, watermarks, retention);
    this.operations = new JobOperations(database, retention, slots, ends);
    GraphStore graphs = ends == null ? null : new GraphStore(database, operations, ends);
    this.jobGraphs = graphs == null ? null : new JdbcJobGraphs(database, graphs, hints);
    this.admission = slots == null ? null : new JdbcAdmission(database, slots, hints);
    this.fences = new Fences(database, config.fenceRetention());
    this.callersTransaction = new CallersTransaction(database, operations, fences, hints, graphs);
    var clock = new ClockCheck(database, background);
    this.leaseStore = new JdbcLeaseStore(database, clock, background);
    this.jobQueue =
        new JdbcJobQueue(
            database, operations, watermarks, hints, clock, new SlowLooks(database, background));
    this.jobAdmin = new JdbcJobAdmin(database, operations, hints, clock);
    // Written out, so that what is added later is not claimed here.
    Set<Capability> all =
        EnumSet.of(
            Capability.LEASES,
            Capability.JOBS,
            Capability.ADMIN,
            Capability.AUDIT,
            Capability.HINTS,
            Capability.HINTS_FROM_OTHERS,
            Capability.NOTES);
    if (database.notifications() == null) {
      all.remove(Capability.HINTS_FROM_OTHERS);
    }
    if (hasKeys) {
      all.add(Capability.KEYS);
      all.add(Capability.GRAPHS);
    }
    this.capabilities = Collections.unmodifiableSet(all);
  }

  /**
   * Opens a store at a URL.
   *
   * @param config the configuration, with a URL
   * @return the store
   * @throws IllegalArgumentException if there is no URL, if there is no dialect for it, or if the
   *     database is one that the store cannot work with
   * @throws IllegalStateException if a newer version of Lease made the schema, or if the schema is
   *     not up to date and migration is switched off
   * @throws StoreException if the database cannot be reached or refuses, or if a library is
   *     missing; the message is one line, without the password
   */
  public static JdbcBackend open(JdbcConfig config) {
    return open(config, clock -> clock);
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
   * connections from it, by default one. It takes two more: one for claiming and settling, and one
   * for extending leases and renewing named ones; and on PostgreSQL one for listening. So calls of
   * a kind go one by one, and a lease never waits for a connection that a handler has. Connections
   * that are not needed for a minute go back, but for one and the one that listens. If the tables
   * are not up to date, opening takes three further connections for a while. An {@link
   * #enqueue(Connection, List)} may need one beside the caller's: see there. Set a limit in the
   * {@code DataSource} on how long connecting may take. Each connection goes back with the settings
   * with which it came.
   *
   * <p>A line in the log says how many connections the store takes and, of a pool of HikariCP's,
   * how many are left. If fewer are left than it takes, that is a warning.
   *
   * @param dataSource gives connections to one database
   * @param config the configuration, without a URL and a user
   * @return the store
   * @throws IllegalArgumentException if the configuration has a URL or a user, if it is a pool of
   *     HikariCP's of which none would be left, or if the database is one that the store cannot
   *     work with
   */
  public static JdbcBackend over(DataSource dataSource, JdbcConfig config) {
    Limits.notNull("dataSource", dataSource);
    return open(StoreOpening.over(dataSource, config), config, clock -> clock);
  }

  /**
   * Brings the schema up to date, whatever {@code migrate} of the configuration says, and does
   * nothing else. Several processes may do so at once [Q52].
   *
   * @param config the configuration, with a URL
   */
  public static void migrate(JdbcConfig config) {
    open(config.withMigrate(true)).close();
  }

  /**
   * Opens a store for a test.
   *
   * @param clock makes the test's own expression of that for the database's clock
   */
  static JdbcBackend open(JdbcConfig config, UnaryOperator<String> clock) {
    return open(StoreOpening.at(config), config, clock);
  }

  private static JdbcBackend open(
      StoreOpening opening, JdbcConfig config, UnaryOperator<String> clock) {
    Database database = opening.open(clock);
    try {
      var backend = new JdbcBackend(database, config);
      log.info("Opened {} on {}", config, database.dialect().name());
      return backend;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  /**
   * The named leases.
   *
   * @return always the same object
   */
  @Override
  public LeaseStore leaseStore() {
    return leaseStore;
  }

  /**
   * The queues.
   *
   * @return always the same object
   */
  @Override
  public JobQueue jobQueue() {
    return jobQueue;
  }

  /**
   * The calls for operators.
   *
   * @return always the same object
   */
  @Override
  public JobAdmin jobAdmin() {
    return jobAdmin;
  }

  /**
   * The limits of keys.
   *
   * @return always the same object
   * @throws UnsupportedOperationException if the dialect has no keys
   */
  @Override
  public Admission admission() {
    return admission == null ? Backend.super.admission() : admission;
  }

  @Override
  public JobGraphs jobGraphs() {
    return jobGraphs == null ? Backend.super.jobGraphs() : jobGraphs;
  }

  /**
   * How long a call of a part lasts at most [L31]: four times {@link JdbcConfig#callTimeout} and a
   * second. An extension and a renewal end within {@code callTimeout} or a third of the lease (or a
   * second, if that is more), whichever is shorter.
   *
   * <p>If a call has not ended by then, its connection is aborted. On an embedded database, which
   * has no connection to abort, waits end in time, but the work of a statement takes as long as it
   * takes.
   *
   * @return a time greater than zero
   */
  @Override
  public Duration longestCall() {
    return database.longestCall();
  }

  /**
   * Enqueues in the caller's transaction. The jobs exist once it commits; if it rolls back, they
   * never existed [Q08]. A duplicate does not abort the transaction.
   *
   * <p>Nothing is sent in the transaction. A thread of this store looks whether others see the jobs
   * yet, at first every 2 ms, and wakes workers when they do; after a minute it leaves that to
   * their polls [Q55]. A rollback wakes nobody. After the commit the thread that enqueued may call
   * {@link JobQueue#hint} for the queue: that wakes workers at once, and ends these looks.
   *
   * <p>For jobs whose ids are UUIDs of version 7 the store asks, after the insert, whether these
   * are remembered [Q02]. On MariaDB and SQLite, and on PostgreSQL above READ COMMITTED, it takes a
   * connection of its own for that. If it gets none, the call fails. Whatever makes a call fail, no
   * job of it stays in the transaction: on MariaDB and SQLite it goes back to a savepoint. On
   * PostgreSQL that is not so for jobs of more than 8 MB together, if the driver has {@code
   * autosave} and you commit nevertheless.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param jobs at most 1000 jobs
   * @return for each job, whether it was created, and the id of the job that exists
   * @throws IllegalArgumentException if the connection is in auto-commit mode
   * @throws StoreException if the database refuses
   */
  public List<Enqueued> enqueue(Connection connection, List<NewJob> jobs) {
    return callersTransaction.enqueue(connection, jobs);
  }

  /**
   * Stores a piece of a graph in the caller's transaction, as {@link JobGraphs#add} does. The graph
   * exists once the transaction commits; if it rolls back, it never existed. Send all pieces of it
   * in one transaction: others that store the same graph wait until that ends. If the answer is
   * that the piece cannot be stored, nothing of it stays in the transaction, which goes on: it went
   * back to a savepoint. Claims let the first jobs go after the commit [Q72, Q74].
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param piece the piece
   * @return what became of it
   * @throws IllegalArgumentException if the connection is in auto-commit mode
   * @throws UnsupportedOperationException if the dialect has no graphs
   * @throws StoreException if the database refuses
   */
  public GraphAnswer enqueue(Connection connection, GraphPiece piece) {
    return callersTransaction.enqueue(connection, piece);
  }

  /**
   * Settles a job in the caller's transaction: the settlement and whatever else the transaction
   * writes are committed together or not at all [Q31]. The job's row stays locked until the
   * transaction ends, so nobody else can claim the job meanwhile.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param settlement how the worker ends its hold on the job
   * @throws LeaseLostException if the lease is lost; the caller must roll back
   * @throws StoreException if the database refuses; the caller must roll back
   */
  public void settle(Connection connection, Settlement settlement) {
    callersTransaction.settle(connection, settlement);
  }

  /**
   * Keeps a plain text as a checkpoint in the caller's transaction, together with whatever else the
   * transaction writes. No codec writes it or reads it. A handler that wants a typed value, or an
   * encrypted one, gives {@link #steps(Connection)} to its step. The job's row stays locked until
   * the transaction ends, so nobody else can claim the job meanwhile.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param value text of at most 1 MiB
   * @return the value that the step has now: this one or an earlier one
   * @throws LeaseLostException if the lease is lost; the caller must roll back
   * @throws StoreException if the database refuses; the caller must roll back
   */
  public String checkpoint(Connection connection, JobLease lease, String step, String value) {
    return callersTransaction.checkpoint(connection, lease, step, value);
  }

  /**
   * Runs the work of a step in the caller's transaction, and keeps its value there as a plain text,
   * which no codec writes or reads. A handler that wants a typed value, or an encrypted one, gives
   * {@link #steps(Connection)} to its step. What the work writes and the value are committed
   * together or not at all, so that no later attempt makes the effect again [Q26, Q31, policy 11].
   * The call first locks the job's row. If the step already has a value, it returns that and does
   * not run the work. Until the transaction ends nobody else can claim the job, and its worker
   * cannot extend the lease.
   *
   * <p>The work must neither commit nor roll back, and must not go on after an error of the
   * database.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param work what the step does with the connection; returns text of at most 1 MiB
   * @return the value that the step has now
   * @throws LeaseLostException if the lease is lost; the caller must roll back
   * @throws StoreException if the database refuses; the caller must roll back
   * @throws IllegalArgumentException if the value is null or cannot be kept; the caller must roll
   *     back
   * @throws Exception what the work threw; the caller must roll back
   */
  public String step(Connection connection, JobLease lease, String step, Callable<String> work)
      throws Exception {
    return callersTransaction.step(connection, lease, step, work);
  }

  /**
   * Steps that run in transactions of their own, on connections of the caller's. Each one begins a
   * transaction, does what {@link #step(Connection, JobLease, String, Callable) step} does,
   * commits, and gives the connection back as it was. Anything thrown, an {@code Error} too, rolls
   * the transaction back.
   *
   * <p>If there is no connection, a {@link StoreException} says that nothing was done. If the
   * commit fails, the outcome is unknown, unless the database says that it refused the commit.
   * Either way the step may run again: it finds its value, or does its work again.
   *
   * @param dataSource gives connections to the database of this store, in auto-commit mode or not;
   *     it stays the caller's
   * @return an object that runs steps, each on the thread that calls it
   */
  public StepTransaction<Connection> steps(DataSource dataSource) {
    Limits.notNull("dataSource", dataSource);
    return new StepTransactions(callersTransaction, database, dataSource);
  }

  /**
   * Steps that run in a transaction of the caller's. Each one does what {@link #step(Connection,
   * JobLease, String, Callable) step} does, and neither commits nor rolls back: the step is kept if
   * the caller commits. Until then no other step of the job can be kept, and its lease cannot be
   * extended.
   *
   * <pre>{@code
   * connection.setAutoCommit(false);
   * Receipt receipt = context.step(CHARGE, backend.steps(connection), it -> charge(it, order));
   * connection.commit();
   * }</pre>
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @return an object that runs steps on that connection, and for its thread alone
   */
  public StepTransaction<Connection> steps(Connection connection) {
    return new CallersSteps(callersTransaction, Limits.notNull("connection", connection));
  }

  /**
   * Checks in the caller's transaction that nobody has written to a resource with a larger token of
   * the same job. It refuses a worker that seemed dead and has been replaced since [L05, Q17,
   * policy 11]. The resource remembers the largest token of each job. An equal or larger token
   * passes, and is remembered once the transaction commits.
   *
   * <p>Call this before the first write. The guard is a row of its own and stays locked until the
   * transaction ends, so two workers that write to one resource under one job do so one after the
   * other. The call compares tokens only. The job may be in another store, and the call does not
   * ask whether the lease still holds: a stale worker passes until its successor has been here.
   *
   * <p>Guards that nobody has used for {@link JdbcConfig#fenceRetention} are deleted, so that they
   * do not pile up: a worker that stalls longer than that is no longer refused.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease of the job
   * @param resource the name of the resource: 1 to 200 bytes of UTF-8, compared byte by byte
   * @throws LeaseLostException if a larger token has been here; the caller must roll back
   * @throws StoreException if the database refuses; the caller must roll back
   */
  public void fence(Connection connection, JobLease lease, String resource) {
    Limits.notNull("lease", lease);
    callersTransaction.fence(connection, FencedHolder.of(resource, lease));
  }

  /**
   * Checks in the caller's transaction that nobody has written to a resource with a larger token of
   * the same named lease. It works as {@link #fence(Connection, JobLease, String) for a job}: the
   * lease may be in another store. Renewing the lease does not wait for the transaction. Leases of
   * other names have guards of their own.
   *
   * @param connection the caller's connection, not in auto-commit mode
   * @param lease the lease
   * @param resource the name of the resource: 1 to 200 bytes of UTF-8, compared byte by byte
   * @throws LeaseLostException if a larger token has been here; the caller must roll back
   * @throws StoreException if the database refuses; the caller must roll back
   */
  public void fence(Connection connection, Lease lease, String resource) {
    Limits.notNull("lease", lease);
    callersTransaction.fence(connection, FencedHolder.of(resource, lease));
  }

  /** Closes the connections of the store. Closing it twice does no harm. */
  @Override
  public void close() {
    hints.close();
    background.close();
    database.close();
  }
}
