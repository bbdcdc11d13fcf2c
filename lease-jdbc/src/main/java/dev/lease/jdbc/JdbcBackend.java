package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.util.DriverDataSource;
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
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
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
  private static final List<String> SCHEMES =
      List.of("jdbc:sqlite:", "jdbc:postgresql:", "jdbc:mariadb:");

  /** A worker settles on one thread, and on another what did not land. */
  private static final int SETTLING_CONNECTIONS = 2;

  final Database database;
  private final Wakeups wakeups;
  final JobOperations operations;
  final Fences fences;
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
    return open(config, Map.of());
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
    return open(dataSource, "the DataSource", config, Map.of());
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
    return open(config, Map.of("now", now, "asof", now));
  }

  private static JdbcBackend open(JdbcConfig config, Map<String, String> replaced) {
    String url = url(config);
    String shown = JdbcConfig.redacted(url);
    try {
      // The pool's own look for a driver, and a driver that cannot read it, would say the whole
      // URL.
      DriverManager.getDriver(url).getPropertyInfo(url, new Properties());
    } catch (SQLException e) {
      throw StoreException.notDone(
          "could not connect to " + shown + ": no driver here takes such a URL", null);
    }
    Properties properties = Dialects.driverProperties(url, config.callTimeout());
    return open(
        new DriverDataSource(url, null, properties, config.user(), config.password()),
        shown,
        config,
        replaced);
  }

  private static JdbcBackend open(
      DataSource source, String shown, JdbcConfig config, Map<String, String> replaced) {
    // Once before there is a pool, which would say a wrong password many times over.
    Found found = look(source, shown);
    Dialect dialect = found.dialect();
    var words = new HashMap<>(dialect.words());
    words.putAll(replaced);
    words.put("remembered", Long.toString(Retention.remembered(config.callTimeout())));
    int timeout = Math.toIntExact(config.callTimeout().toMillis());
    Map<String, String> settings = new HashMap<>(dialect.settings(timeout));
    // A driver's connections end when they are closed; others go back, as they were.
    DataSource connections =
        source instanceof DriverDataSource
            ? source
            : BorrowedConnections.of(source, dialect, settings.keySet(), timeout);
    HikariConfig shared = pool("lease-jdbc", connections, dialect, settings, timeout);
    shared.setMaximumPoolSize(config.poolSize());
    shared.setMinimumIdle(1);
    HikariConfig extending = pool("lease-jdbc-extending", connections, dialect, settings, timeout);
    extending.setMaximumPoolSize(1);
    settings.putAll(dialect.briefSettings(Database.briefWait(timeout)));
    HikariConfig settling = pool("lease-jdbc-settling", connections, dialect, settings, timeout);
    settling.setMaximumPoolSize(SETTLING_CONNECTIONS);
    HikariConfig trips = pool("lease-jdbc-trips", connections, dialect, settings, timeout);
    trips.setMaximumPoolSize(1);
    trips.setMinimumIdle(0);
    var database =
        new Database(
            shared,
            extending,
            settling,
            trips,
            connections::getConnection,
            dialect,
            new SqlCatalog(
                dialect.folder(),
                words,
                text -> dialect.briefly(text, Database.briefWait(timeout))),
            source instanceof DriverDataSource && dialect.cachesStatements(),
            timeout);
    try {
      if (!found.current()) {
        var migrations = new Migrations(connections, dialect);
        if (config.migrate()) {
          migrations.migrate();
        } else {
          migrations.check();
        }
      }
      log.info("opened {} on {}", config, dialect.folder());
      return new JdbcBackend(database, config);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static HikariConfig pool(
      String name, DataSource source, Dialect dialect, Map<String, String> settings, int timeout) {
    var pool = new HikariConfig();
    pool.setDataSource(source);
    pool.setPoolName(name);
    pool.setConnectionTimeout(Math.max(timeout, 250));
    pool.setValidationTimeout(Math.max(timeout, 250));
    pool.setInitializationFailTimeout(-1);
    pool.setAutoCommit(true);
    pool.setTransactionIsolation(dialect.isolation());
    pool.setConnectionInitSql(dialect.set(settings));
    return pool;
  }

  /**
   * What a database is like.
   *
   * @param current whether its schema is up to date
   */
  private record Found(Dialect dialect, boolean current) {}

  private static Found look(DataSource source, String shown) {
    try (Connection connection = source.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      Dialect dialect = Dialects.of(connection);
      boolean current = SchemaHistory.isCurrent(connection, dialect);
      connection.setAutoCommit(autoCommit);
      return new Found(dialect, current);
    } catch (SQLException e) {
      throw StoreException.notDone("could not connect to " + shown + ": " + Database.reason(e), e);
    }
  }

  private static String url(JdbcConfig config) {
    String url = config.url();
    if (url == null) {
      throw new IllegalArgumentException("the configuration has no url: JdbcConfig.of(url)");
    }
    if (url.equals("jdbc:sqlite:") || url.contains(":memory:") || url.contains("mode=memory")) {
      throw new IllegalArgumentException(
          "SQLite needs a file: in memory, each connection would have a database of its own");
    }
    if (SCHEMES.stream().noneMatch(url::startsWith)) {
      throw new IllegalArgumentException(
          "no dialect for "
              + JdbcConfig.redacted(url)
              + "; known are "
              + String.join(", ", SCHEMES));
    }
    return url;
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
    List<NewJob> batch = Limits.batch("jobs", jobs);
    database.checkOpen();
    if (batch.isEmpty()) {
      return List.of();
    }
    return database.within(
        "enqueue",
        connection,
        session -> {
          List<Enqueued> enqueued = operations.enqueue(session, batch, LockWait.LONG);
          if (database.dialect().canNotify()) {
            for (String queue : JobOperations.dueNow(batch)) {
              database.dialect().notifyOthers(session, Wakeups.news(queue));
            }
          }
          return enqueued;
        });
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
    Limits.notNull("settlement", settlement);
    checkTransaction(connection);
    Settlement.Result result =
        database
            .within(
                "settle",
                connection,
                session -> operations.settle(session, List.of(settlement), LockWait.LONG, false))
            .get(0);
    if (result == Settlement.Result.LOST) {
      throw lost("settle", settlement.lease());
    }
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
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    checkTransaction(connection);
    return database
        .within(
            "keep a checkpoint",
            connection,
            session -> operations.checkpoint(session, lease, step, value))
        .orElseThrow(() -> lost("keep a checkpoint of", lease));
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
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.notNull("work", work);
    checkTransaction(connection);
    Optional<String> kept =
        database.within(
            "look for a step",
            connection,
            session -> {
              if (!operations.hold(session, lease)) {
                throw lost("run a step of", lease);
              }
              return operations.value(session, lease, step);
            });
    if (kept.isPresent()) {
      return kept.get();
    }
    String value = Limits.text("the value of step " + step, work.call());
    return checkpoint(connection, lease, step, value);
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
    return new StepTransactions(this, database, dataSource);
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
    fence(connection, FenceWriter.of(resource, lease));
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
    fence(connection, FenceWriter.of(resource, lease));
  }

  private void fence(Connection connection, FenceWriter writer) {
    checkTransaction(connection);
    fences.pass(connection, writer);
  }

  private static LeaseLostException lost(String what, JobLease lease) {
    return new LeaseLostException(
        "could not %s job %s of queue %s: the lease with token %d is lost"
            .formatted(what, lease.jobId(), lease.queue(), lease.token()));
  }

  private void checkTransaction(Connection connection) {
    database.checkOpen();
    try {
      if (connection.getAutoCommit()) {
        throw new IllegalArgumentException(
            "the connection must be in a transaction, but is in auto-commit mode");
      }
    } catch (SQLException e) {
      throw StoreException.notDone("could not use the connection: " + Database.reason(e), e);
    }
  }

  /** Closes the connections of the store; harmless when done twice. */
  @Override
  public void close() {
    wakeups.close();
    database.close();
  }
}
