package dev.lease.jdbc;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogFactory;
import org.flywaydb.core.api.output.MigrateResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema up to date, which several processes may do at once, or only checks it [Q52].
 */
final class Migrations {

  private static final Logger log = LoggerFactory.getLogger(Migrations.class);

  /** For that long it says nothing: several that start at once get into each other's way. */
  private static final long SOON_NANOS = 2_000_000_000L;

  private static final String BASELINE = "0";

  /** Guards where Flyway logs, of which a JVM has one place. */
  private static final Object LOGGING = new Object();

  /** How many stores of this process look at their schema just now. */
  private static int quiet;

  private final DataSource source;
  private final Dialect dialect;
  private final @Nullable String schema;
  private final @Nullable Library flywayModule;
  private final Flyway flyway;

  /** Whether an answer may take as long as it needs, which a statement on a large table does. */
  private volatile boolean patient;

  /** Whether the last try failed in a script, and not in Flyway's own work. */
  private volatile boolean scriptFailed;

  /**
   * Lets Flyway say only what goes wrong. That holds for the whole JVM, so a Flyway of the
   * application is quiet meanwhile too. Afterwards each Flyway logs by its own configuration again.
   */
  static void quietly(Runnable work) {
    synchronized (LOGGING) {
      quiet++;
      LogFactory.setLogCreator(QuietLog::new);
    }
    try {
      work.run();
    } finally {
      synchronized (LOGGING) {
        quiet--;
        if (quiet == 0) {
          LogFactory.setLogCreator(null);
        }
      }
    }
  }

  private static Flyway loaded(FluentConfiguration configuration) {
    synchronized (LOGGING) {
      Flyway flyway = configuration.load();
      if (quiet > 0) {
        // It has undone the silence of another store, which looks at its schema just now.
        LogFactory.setLogCreator(QuietLog::new);
      }
      return flyway;
    }
  }

  /** Its connections do not come from the store's pools, which may be too small for Flyway. */
  Migrations(DataSource source, Dialect dialect, @Nullable String schema, int timeoutMillis) {
    this.dialect = dialect;
    this.source = prepared(source);
    this.schema = schema;
    this.flywayModule = dialect instanceof OwnDialect own ? own.flywayModule() : null;
    FluentConfiguration configuration =
        Flyway.configure(dialect.getClass().getClassLoader())
            .dataSource(this.source)
            .initSql(dialect.initialSql(dialect.migrationSettings(timeoutMillis)))
            .locations("classpath:" + SchemaHistory.folder(dialect))
            .table(SchemaHistory.TABLE)
            // The user's own tables may be there already.
            .baselineOnMigrate(true)
            .baselineVersion(BASELINE)
            // A schema that is missing is misspelt.
            .createSchemas(false)
            // Otherwise it falls back to java.util.logging, and so to the error stream.
            .loggers("slf4j")
            // By default Flyway accepts a schema of a newer version.
            .ignoreMigrationPatterns(new String[0])
            .callbacks(new ScriptWatch())
            .cleanDisabled(true);
    if (schema != null) {
      configuration.schemas(schema);
    }
    this.flyway = loaded(configuration);
  }

  /**
   * Connections of the isolation that the store has too: under REPEATABLE READ, MariaDB may refuse
   * to change a job that others have changed since the migration began.
   */
  private DataSource prepared(DataSource source) {
    return BorrowedConnections.proxy(
        DataSource.class,
        (proxy, method, arguments) -> {
          Object result = method.invoke(source, arguments);
          if (result instanceof Connection connection) {
            if (dialect.isolation() != null) {
              connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
            if (patient) {
              waitForAnyAnswer(connection);
            }
          }
          return result;
        });
  }

  private static void waitForAnyAnswer(Connection connection) throws SQLException {
    try {
      connection.setNetworkTimeout(Runnable::run, 0);
    } catch (SQLFeatureNotSupportedException e) {
      // An embedded database has no network.
    }
  }

  void migrate() {
    long began = System.nanoTime();
    boolean told = false;
    String strangers = "";
    int before = 0;
    for (int tries = 1; ; tries++) {
      try {
        MigrationInfoService found = flyway.info();
        before = applied(found);
        refuseNewer(found);
        checkTables(found);
        if (tries == 1 && before == 0) {
          strangers = strangers();
        }
        // Asked anew, since others may have failed meanwhile.
        forgetFailures(flyway.info());
        migratePatiently();
        return;
      } catch (FlywayException e) {
        checkModule("migrate", e);
        String reason = Database.reason(e);
        if (tries == StartupRetry.MAX_TRIES || isFinal(e, before)) {
          throw StoreException.notDone("could not migrate the schema: " + reason + strangers, e);
        }
        if (!told && System.nanoTime() - began > SOON_NANOS) {
          told = true;
          log.warn(
              "Cannot migrate the schema yet: {}. The store opens once that has succeeded; it is tried up to {} times",
              reason,
              StartupRetry.MAX_TRIES);
        } else {
          log.debug("Cannot migrate the schema yet, trying again: {}", reason);
        }
        StartupRetry.pause();
      }
    }
  }

  /**
   * Whether it is no use to try again. A script fails again, unless it met a lock, or other
   * processes have run it meanwhile. Flyway's own work is tried again: several processes that start
   * at once get into each other's way there, in ways that differ by database.
   *
   * @param before how many scripts had run before the try
   */
  private boolean isFinal(FlywayException e, int before) {
    if (e instanceof FlywayValidateException) {
      return true;
    }
    SQLException cause = Database.sqlException(e);
    return cause != null
        && (dialect.lacksRight(cause)
            || (scriptFailed && !dialect.isConflict(cause) && !haveOthersRun(before)));
  }

  private boolean haveOthersRun(int before) {
    try {
      return applied(flyway.info()) != before;
    } catch (FlywayException e) {
      return false;
    }
  }

  /** How many scripts have run. */
  private static int applied(MigrationInfoService found) {
    return (int)
        Arrays.stream(found.applied())
            .filter(info -> info.getState() == MigrationState.SUCCESS)
            .count();
  }

  /**
   * What has a name of the store's although no script has run, and what to do about it; empty if
   * there is nothing like that.
   */
  private String strangers() {
    try (Connection connection = source.getConnection()) {
      List<String> found = SchemaHistory.tables(connection, schema);
      return found.isEmpty()
          ? ""
          : "; there was already %s: rename it, or choose another schema (JdbcConfig.withSchema) or database for the store"
              .formatted(String.join(", ", found));
    } catch (SQLException e) {
      throw new FlywayException(e);
    }
  }

  private void migratePatiently() {
    patient = true;
    scriptFailed = false;
    try {
      MigrateResult result = flyway.migrate();
      // Beside tables of the user's own a new schema begins with the version 0 of a baseline.
      boolean isUpgrade =
          result.initialSchemaVersion != null && !result.initialSchemaVersion.equals(BASELINE);
      if (isUpgrade && result.migrationsExecuted > 0) {
        log.info(
            "Migrated the schema from version {} to version {}",
            result.initialSchemaVersion,
            result.targetSchemaVersion);
      }
    } finally {
      patient = false;
    }
  }

  /** Before Flyway tries: it would try for ten seconds to make its table without the right to. */
  private void checkTables(MigrationInfoService found) {
    if (found.pending().length == 0) {
      return;
    }
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(true);
      dialect.checkMayCreate(connection, schema);
      dialect.checkIndexes(connection, schema);
    } catch (SQLException e) {
      throw new FlywayException(e);
    }
  }

  void check() {
    try {
      MigrationInfoService found = flyway.info();
      refuseNewer(found);
      if (found.pending().length > 0 || hasFailed(found)) {
        throw new IllegalStateException(
            "the schema is not up to date and migration is switched off: run JdbcBackend.migrate first");
      }
    } catch (FlywayException e) {
      checkModule("check", e);
      throw StoreException.notDone("could not check the schema: " + Database.reason(e), e);
    }
  }

  /** Says which module to add if Flyway failed without one. */
  private void checkModule(String what, FlywayException e) {
    if (flywayModule != null && flywayModule.isMissing()) {
      throw StoreException.notDone(
          "could not "
              + what
              + " the schema: no Flyway module for this database: "
              + flywayModule.advice(),
          e);
    }
  }

  /**
   * Lets a migration that failed or was cut off run again. If the database could not undo it,
   * Flyway has noted it as failed and refuses to go on; the scripts for such a database may run
   * twice.
   */
  private void forgetFailures(MigrationInfoService found) {
    if (!hasFailed(found)) {
      return;
    }
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(true);
      statement.execute(
          "delete from " + SchemaHistory.table(dialect, schema) + " where not success");
    } catch (SQLException e) {
      throw new FlywayException(e);
    }
  }

  private static boolean hasFailed(MigrationInfoService found) {
    return Arrays.stream(found.all()).anyMatch(info -> info.getState().isFailed());
  }

  private static void refuseNewer(MigrationInfoService found) {
    MigrationVersion known = MigrationVersion.fromVersion("0");
    for (MigrationInfo info : found.all()) {
      if (info.getState().isResolved() && info.isVersioned()) {
        known = info.getVersion();
      } else if (info.getState().isApplied()
          && info.isVersioned()
          && info.getVersion().isNewerThan(known)) {
        throw new IllegalStateException(
            "the schema has version %s, made by a newer version of Lease; this version knows up to %s"
                .formatted(info.getVersion(), known));
      }
    }
  }

  /** Flyway's exceptions do not tell what has failed. */
  private final class ScriptWatch extends BaseCallback {

    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.AFTER_EACH_MIGRATE_ERROR;
    }

    @Override
    public void handle(Event event, Context context) {
      scriptFailed = true;
    }
  }

  /**
   * The course of a migration is DEBUG, since it is some fifty lines; what goes wrong is louder.
   */
  private static final class QuietLog implements Log {

    private final Logger logger;

    private QuietLog(Class<?> of) {
      logger = LoggerFactory.getLogger(of);
    }

    /** Flyway 10 and 11 need it, which Micronaut and Spring Boot 3.5 bring. */
    @Override
    @SuppressWarnings("deprecation")
    public boolean isDebugEnabled() {
      return logger.isDebugEnabled();
    }

    @Override
    public void debug(String message) {
      logger.debug(message);
    }

    @Override
    public void info(String message) {
      logger.debug(message);
    }

    @Override
    public void notice(String message) {
      logger.debug(message);
    }

    @Override
    public void warn(String message) {
      logger.warn(message);
    }

    @Override
    public void error(String message) {
      logger.error(message);
    }

    @Override
    public void error(String message, Exception failure) {
      logger.error(message, failure);
    }
  }
}
