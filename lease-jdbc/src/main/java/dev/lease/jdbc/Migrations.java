package dev.lease.jdbc;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/**
 * Brings the schema up to date, which several processes may do at once, or only checks it [Q52].
 */
final class Migrations {

  private final DataSource source;
  private final @Nullable Library flywayModule;
  private final Flyway flyway;

  /** Its connections do not come from the store's pools, which may be too small for Flyway. */
  Migrations(DataSource source, Dialect dialect, int timeoutMillis) {
    Map<String, String> settings = dialect.migrationSettings(timeoutMillis);
    this.source = source;
    this.flywayModule = dialect.flywayModule();
    this.flyway =
        Flyway.configure(Migrations.class.getClassLoader())
            .dataSource(source)
            .initSql(settings.isEmpty() ? null : dialect.set(settings))
            .locations("classpath:" + SchemaHistory.folder(dialect))
            .table(SchemaHistory.TABLE)
            // The user's own tables may be there already.
            .baselineOnMigrate(true)
            .baselineVersion("0")
            // A schema that is missing is misspelt.
            .createSchemas(false)
            // Otherwise it falls back to java.util.logging, and so to the error stream.
            .loggers("slf4j")
            // By default Flyway accepts a schema of a newer version.
            .ignoreMigrationPatterns(new String[0])
            .cleanDisabled(true)
            .load();
  }

  void migrate() {
    for (int tries = 1; ; tries++) {
      try {
        refuseNewer();
        forgetFailures();
        flyway.migrate();
        return;
      } catch (FlywayException e) {
        checkModule("migrate", e);
        // If several processes start at once, the first one makes the others fail, in ways that
        // differ by database.
        if (tries == StartupRetry.MAX_TRIES || e instanceof FlywayValidateException) {
          throw StoreException.notDone("could not migrate the schema: " + Database.reason(e), e);
        }
        StartupRetry.pause();
      }
    }
  }

  void check() {
    try {
      refuseNewer();
      if (flyway.info().pending().length > 0 || hasFailed()) {
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
  private void forgetFailures() {
    if (!hasFailed()) {
      return;
    }
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(true);
      statement.execute("delete from " + SchemaHistory.TABLE + " where not success");
    } catch (SQLException e) {
      throw new FlywayException(e);
    }
  }

  private boolean hasFailed() {
    return Arrays.stream(flyway.info().all()).anyMatch(info -> info.getState().isFailed());
  }

  private void refuseNewer() {
    MigrationVersion known = MigrationVersion.fromVersion("0");
    for (MigrationInfo info : flyway.info().all()) {
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
}
