package dev.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import dev.lease.Limits;
import dev.lease.Opening;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the database of a store: finds its dialect, makes its pools, and migrates its schema. */
final class StoreOpening {

  private static final Set<String> CLOCKS = Set.of("now", "asof");

  private static final Logger log = LoggerFactory.getLogger(StoreOpening.class);

  /** A connection that nobody has needed for so long is closed; one stays. */
  private static final long IDLE_MILLIS = 60_000;

  /** A time limit that a driver is asked to take, in whole seconds. */
  private static final int WANTED_MILLIS = 60_000;

  /** PostgreSQL is shut down, has crashed, or does not let anybody in yet. */
  private static final Set<String> NO_CONNECTION_YET = Set.of("57P01", "57P02", "57P03");

  /** A server wants a password or TLS that it does not get, or speaks another protocol. */
  private static final Set<String> REFUSALS = Set.of("08004", "08P01");

  private final DataSource source;
  private final String shown;
  private final JdbcConfig config;
  private final boolean ownConnections;

  /**
   * @param shown the name of the source in messages
   * @param ownConnections whether the connections are the store's own, and not a caller's
   */
  private StoreOpening(DataSource source, String shown, JdbcConfig config, boolean ownConnections) {
    this.source = source;
    this.shown = shown;
    this.config = config;
    this.ownConnections = ownConnections;
  }

  /** Opens a database at the URL of a configuration. */
  static StoreOpening at(JdbcConfig config) {
    String url = url(config);
    Dialect dialect = config.dialect();
    Properties properties;
    if (dialect == null) {
      OwnDialect own = Dialects.of(url);
      properties = own.driverProperties(config.callTimeout(), config.migrate());
      dialect = own;
    } else {
      properties = dialect.driverProperties(config.callTimeout());
    }
    Set<String> ownSettings = changed(dialect, Math.toIntExact(config.callTimeout().toMillis()));
    ownSettings.addAll(properties.stringPropertyNames());
    ownSettings.add("journal_mode");
    UrlSettings.refuse(url, ownSettings);
    Dialects.checkDriver(url);
    return new StoreOpening(
        new DriverDataSource(url, null, properties, config.user(), config.password()),
        JdbcConfig.redacted(url),
        config,
        true);
  }

  /** Opens a database on a {@code DataSource} of the caller's. */
  static StoreOpening over(DataSource dataSource, JdbcConfig config) {
    String url = config.url();
    if (url != null || config.user() != null) {
      throw new IllegalArgumentException(
          "over a DataSource the configuration must have no url and no user, since the DataSource has its own: use JdbcConfig.defaults(), or JdbcBackend.open without the DataSource; had "
              + (url == null ? "user " + config.user() : "url " + JdbcConfig.redacted(url)));
    }
    return new StoreOpening(dataSource, "the DataSource", config, false);
  }

  private static String url(JdbcConfig config) {
    String url = config.url();
    if (url == null) {
      throw new IllegalArgumentException("the configuration has no url; use JdbcConfig.of(url)");
    }
    if (url.startsWith("jdbc:sqlite:")
        && (url.equals("jdbc:sqlite:")
            || url.contains(":memory:")
            || url.contains("mode=memory"))) {
      throw new IllegalArgumentException(
          "SQLite needs a file: in memory each connection would have a database of its own");
    }
    return url;
  }

  /**
   * Opens the database; again if it is down, for as long as the configuration says.
   *
   * @param clock gives another text for that of the clock in the statements
   */
  Database open(UnaryOperator<String> clock) {
    return Opening.retry(
        config.openingTime(), StoreOpening::isDown, log::warn, () -> openOnce(clock));
  }

  /** Whether it may pass by itself. */
  private static boolean isDown(StoreException e) {
    SQLException cause = Database.sqlException(e);
    String state = cause == null ? null : cause.getSQLState();
    if (state == null || REFUSALS.contains(state)) {
      return false;
    }
    return NO_CONNECTION_YET.contains(state)
        || (state.startsWith("08") && Limits.causes(e).noneMatch(SSLException.class::isInstance));
  }

  private Database openOnce(UnaryOperator<String> clock) {
    // Connects once before there is a pool, which would try a wrong password many times.
    Found found = look();
    Dialect dialect = found.dialect();
    // The store closes its own connections; a caller's go back as they came.
    int timeout = Math.toIntExact(config.callTimeout().toMillis());
    DataSource connections = source;
    Runnable distrust = () -> {};
    if (!ownConnections) {
      checkSize(found);
      Set<String> changed = config.transactionPooling() ? null : changed(dialect, timeout);
      var borrowed = new BorrowedConnections(source, dialect, changed, timeout);
      connections = borrowed.dataSource();
      distrust = borrowed::distrust;
    }
    Database database = database(connections, distrust, found, clock, timeout);
    try {
      if (!found.current()) {
        migrate(connections, dialect, timeout);
      }
      return database;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * What a database is like.
   *
   * @param prefix puts a table into its schema, or is empty
   * @param notifications how it notifies other processes, or null
   * @param current whether its schema is up to date
   */
  private record Found(
      Dialect dialect, String prefix, @Nullable Notifications notifications, boolean current) {}

  private Found look() {
    try (Connection connection = source.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(true);
      Found found;
      try {
        found = look(connection);
      } catch (RuntimeException e) {
        // It is refused, and so the connection is sound.
        connection.setAutoCommit(autoCommit);
        throw e;
      }
      connection.setAutoCommit(autoCommit);
      return found;
    } catch (SQLException e) {
      String reason = "could not connect to " + shown + ": " + Database.reason(e);
      boolean missing = shown.startsWith("jdbc:sqlite:") && SqliteDialect.isCannotOpen(e);
      if (missing && !config.migrate()) {
        throw new IllegalStateException(
            reason + "; migration is switched off: run JdbcBackend.migrate first", e);
      }
      throw StoreException.notDone(missing ? reason + SqliteDialect.advice(shown) : reason, e);
    }
  }

  private Found look(Connection connection) throws SQLException {
    Dialect dialect = Dialects.of(connection, source::getConnection, config);
    String prefix = prefix(connection, dialect);
    Notifications notifications =
        config.transactionPooling() && config.listenUrl() == null
            ? null
            : dialect.notifications(connection, config.schema());
    boolean current = SchemaHistory.isCurrent(connection, dialect, config.schema());
    warnOfEndlessWaits(connection, dialect);
    return new Found(dialect, prefix, notifications, current);
  }

  /** SQLite has no network. Of other databases in this process the store does not know that. */
  private static void warnOfEndlessWaits(Connection connection, Dialect dialect)
      throws SQLException {
    if (!(dialect instanceof SqliteDialect) && !limitsNetwork(connection)) {
      log.warn(
          "The driver {} has no time limit for the network (Connection.setNetworkTimeout). The store aborts the"
              + " connection of a call that takes too long; if the driver does not obey that either, such a call hangs,"
              + " unless a setting of the dialect (Dialect.settings) ends its statement",
          connection.getMetaData().getDriverName());
    }
  }

  private static boolean limitsNetwork(Connection connection) throws SQLException {
    try {
      int before = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, WANTED_MILLIS);
      boolean obeyed = connection.getNetworkTimeout() == WANTED_MILLIS;
      connection.setNetworkTimeout(Runnable::run, before);
      return obeyed;
    } catch (SQLFeatureNotSupportedException e) {
      return false;
    }
  }

  /** With fewer connections the store would wait for itself, and handlers for the store. */
  private void checkSize(Found found) {
    int listening = found.notifications() == null || config.listenUrl() != null ? 0 : 1;
    int taken = ConnectionPool.Places.sum(lanes().values()) + listening;
    HikariDataSource pool = BorrowedConnections.pool(source);
    if (pool == null) {
      log.info(
          "The store takes up to {} connections of the DataSource, which does not tell how many it has; handlers need more",
          taken);
      return;
    }
    int size = pool.getMaximumPoolSize();
    int left = size - taken;
    String numbers =
        "the store takes up to %d of the %d connections of the DataSource (maximumPoolSize): poolSize is %d, 1 is for claiming and settling, 1 for extending and renewing, %d for notifications"
            .formatted(taken, size, config.poolSize(), listening);
    if (left < 1) {
      throw new IllegalArgumentException(
          numbers + "; none is left to the application: make the pool larger, or poolSize smaller");
    }
    if (left < taken) {
      log.warn(
          "Only {} left to the application, whose handlers may wait for them: {}. Make the pool larger, or poolSize smaller",
          left == 1 ? "1 connection is" : left + " connections are",
          numbers);
    } else {
      log.info(
          "The store takes up to {} of the {} connections of the DataSource, so {} are left to the application",
          taken,
          size,
          left);
    }
  }

  /** Refuses a schema that does not exist: Flyway would make it, and an empty store in it. */
  private String prefix(Connection connection, Dialect dialect) throws SQLException {
    String schema = config.schema();
    if (schema == null) {
      return "";
    }
    String prefix = dialect.prefix(schema);
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select 1 from information_schema.schemata where schema_name = ?")) {
      statement.setString(1, schema);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalArgumentException(
              "there is no schema %s in %s, or the user has no right on it: create it, or change withSchema"
                  .formatted(schema, shown));
        }
      }
    }
    return prefix;
  }

  private Database database(
      DataSource connections,
      Runnable distrust,
      Found found,
      UnaryOperator<String> clock,
      int timeout) {
    Dialect dialect = found.dialect();
    var files = new DialectFiles(dialect);
    var words = new HashMap<>(files.words());
    words.replaceAll((word, text) -> CLOCKS.contains(word) ? clock.apply(text) : text);
    words.put("least_kept", Long.toString(Retention.leastKept(config)));
    words.put("remembered", Long.toString(Retention.remembered(config)));
    Map<String, String> settings = Database.settings(dialect, timeout, timeout);
    return new Database(
        new ConnectionPool(pool(connections, dialect, settings, timeout), lanes(), timeout),
        listening(dialect, connections),
        distrust,
        statements(dialect),
        new SqlCatalog(
            files::statement,
            words,
            found.prefix(),
            text -> dialect.briefly(text, Database.briefWait(timeout))),
        found.notifications(),
        ownConnections && dialect.cachesStatements(),
        timeout);
  }

  /** Where the store listens. */
  private ConnectionFactory listening(Dialect dialect, DataSource connections) {
    String url = config.listenUrl();
    if (url == null) {
      return connections::getConnection;
    }
    Dialects.checkDriver(url);
    Properties properties = dialect.driverProperties(config.callTimeout());
    return new DriverDataSource(url, null, properties, config.user(), config.password())
        ::getConnection;
  }

  private Map<Lane, ConnectionPool.Places> lanes() {
    var lanes = new EnumMap<Lane, ConnectionPool.Places>(Lane.class);
    for (Lane lane : Lane.values()) {
      Lane shared = lane.shared(ownConnections);
      int size = shared.size(config, ownConnections);
      lanes.computeIfAbsent(shared, it -> new ConnectionPool.Places(size));
    }
    for (Lane lane : Lane.values()) {
      lanes.put(lane, Objects.requireNonNull(lanes.get(lane.shared(ownConnections))));
    }
    return lanes;
  }

  /** The settings that any of the store's sessions changes. */
  private static Set<String> changed(Dialect dialect, int timeout) {
    var names = new TreeSet<>(Database.settings(dialect, timeout, timeout).keySet());
    names.addAll(dialect.migrationSettings(timeout).keySet());
    return names;
  }

  private static StyleStatements statements(Dialect dialect) {
    return switch (dialect.style()) {
      case ARRAYS -> new ArraysStyle(dialect);
      case LOCKING_READS -> new LockingReadsStyle(dialect);
      case SINGLE_WRITER -> new SingleWriterStyle(dialect);
    };
  }

  private HikariConfig pool(
      DataSource source, Dialect dialect, Map<String, String> settings, int timeout) {
    var pool = new HikariConfig();
    pool.setDataSource(ConnectionPool.asked(source));
    pool.setPoolName("lease-jdbc");
    pool.setMinimumIdle(1);
    pool.setIdleTimeout(IDLE_MILLIS);
    pool.setValidationTimeout(Math.max(timeout, ConnectionPool.WAIT_MILLIS));
    pool.setInitializationFailTimeout(-1);
    pool.setAutoCommit(true);
    if (!config.transactionPooling()) {
      pool.setTransactionIsolation(dialect.isolation());
      pool.setConnectionInitSql(dialect.initialSql(settings));
    }
    return pool;
  }

  private void migrate(DataSource connections, Dialect dialect, int timeout) {
    if (config.transactionPooling()) {
      throw new IllegalStateException(
          "the schema is not that of this version of Lease, and with transactionPooling there is no session to migrate"
              + " it: run JdbcBackend.migrate at the server itself, without transactionPooling");
    }
    var migrations = new Migrations(connections, dialect, config.schema(), timeout);
    if (!config.migrate()) {
      Migrations.quietly(migrations::check);
      return;
    }
    try (Connection connection = connections.getConnection()) {
      Dialect.MigrationTurn turn = dialect.awaitMigrationTurn(connection);
      try {
        Migrations.quietly(migrations::migrate);
      } finally {
        turn.close();
      }
    } catch (SQLException e) {
      throw StoreException.notDone("could not migrate the schema: " + Database.reason(e), e);
    }
  }
}
