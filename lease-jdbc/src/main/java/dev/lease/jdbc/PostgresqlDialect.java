package dev.lease.jdbc;

import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;

/** PostgreSQL: many writers, and locked rows are skipped. Lists go in as arrays. */
final class PostgresqlDialect extends OwnDialect {

  private static final int MIN_VERSION = 12;

  /** What the versions of CockroachDB, YugabyteDB and Amazon Redshift have in them. */
  private static final List<String> RELATIVES = List.of("CockroachDB", "-YB-", "Redshift");

  private static final String NO_RIGHT = "42501";

  PostgresqlDialect() {
    super("postgresql", Style.ARRAYS);
  }

  /**
   * Limits how long a connection waits for a server that does not answer. Each call of the store
   * sets its own limit; that of an answer here, at least a minute, holds before the first call.
   */
  @Override
  protected Properties driverProperties(Duration callTimeout) {
    String seconds = Long.toString(Math.max(1, callTimeout.toSeconds()));
    var properties = new Properties();
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    properties.setProperty("socketTimeout", Long.toString(Math.max(60, callTimeout.toSeconds())));
    // The details of an error may quote a row, with its payload.
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  @Override
  protected Map<String, String> words() {
    // {now} moves during a transaction: if it stood still, a lease granted after a wait would be
    // too short, or over.
    // {asof} stands still during a statement, as a value must that is searched for along an index.
    // date_part is exact to the microsecond until 2106 and, unlike extract, does not compute in
    // numeric.
    return Map.of(
        "now", "(date_part('epoch', clock_timestamp()) * 1000000)::bigint",
        "asof", "(date_part('epoch', statement_timestamp()) * 1000000)::bigint",
        "lock", "for no key update",
        "error_contains", "strpos(error, :errorText) > 0",
        "has_id", "strpos(ids, :id) > 0");
  }

  @Override
  protected boolean hasKeys() {
    return true;
  }

  @Override
  Library flywayModule() {
    return new Library(
        "org.flywaydb.database.postgresql.PostgreSQLDatabaseType",
        "org.flywaydb:flyway-database-postgresql");
  }

  @Override
  void check(Connection connection, ConnectionFactory others, JdbcConfig config)
      throws SQLException {
    refuseRelatives(answer(connection, "select version()"));
    DatabaseMetaData metaData = connection.getMetaData();
    if (metaData.getDatabaseMajorVersion() < MIN_VERSION) {
      throw new IllegalArgumentException(
          "PostgreSQL must be "
              + MIN_VERSION
              + " or newer, was "
              + metaData.getDatabaseProductVersion());
    }
    String encoding = answer(connection, "show server_encoding");
    if (!"UTF8".equals(encoding)) {
      throw new IllegalArgumentException("the database's encoding must be UTF8, was " + encoding);
    }
    if (connection.isWrapperFor(PGConnection.class)
        && connection.unwrap(PGConnection.class).getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      throw new IllegalArgumentException(
          "preferQueryMode must not be simple: with it the driver sends statements one by one that have to be one"
              + " transaction; leave it out, and where the server's prepared statements are in the way set"
              + " prepareThreshold=0");
    }
    if (config.schema() == null && connection.getSchema() == null) {
      throw new IllegalArgumentException(
          "no schema of the search path exists: "
              + answer(connection, "show search_path")
              + "; create it, or correct currentSchema in the URL");
    }
    if (config.transactionPooling()) {
      checkRole(connection, Math.toIntExact(config.callTimeout().toMillis()));
    } else if (SharedSessions.behind(connection, others)) {
      throw new IllegalArgumentException(
          "a pooler gives each transaction another session of PostgreSQL (with PgBouncer: pool_mode = transaction), but"
              + " the store needs sessions of its own, for their settings and for LISTEN: use pool_mode = session,"
              + " connect to the server itself, or say so with JdbcConfig.withTransactionPooling");
    }
  }

  /** Where no session is the store's own, each has to come with the settings that it needs. */
  private void checkRole(Connection connection, int timeoutMillis) throws SQLException {
    Map<String, String> wanted =
        new TreeMap<>(Database.settings(this, timeoutMillis, timeoutMillis));
    wanted.put("default_transaction_isolation", "read committed");
    var statements = new ArrayList<String>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select setting, format('alter role %I in database %I set ', session_user, current_database()), source"
                + " from pg_settings where name = ?")) {
      for (Map.Entry<String, String> setting : wanted.entrySet()) {
        statement.setString(1, setting.getKey());
        try (ResultSet row = statement.executeQuery()) {
          if (!row.next()) {
            throw new SQLException("there is no setting " + setting.getKey());
          }
          if (!row.getString(1).equals(setting.getValue())) {
            if (row.getString(3).equals("session")) {
              throw new IllegalArgumentException(
                  "with transactionPooling no session has settings of its own, but %s was set to %s in one: let the DataSource not set it (a pool does by its isolation)"
                      .formatted(setting.getKey(), row.getString(1)));
            }
            statements.add(
                row.getString(2) + set(Map.ofEntries(setting)).substring("set ".length()));
          }
        }
      }
    }
    if (!statements.isEmpty()) {
      throw new IllegalArgumentException(
          "with transactionPooling the store sets nothing in a session, so its role needs these settings; run the"
              + " statements, and RECONNECT in the console of PgBouncer: "
              + String.join("; ", statements));
    }
  }

  /** Refuses databases whose drivers say that they are PostgreSQL. */
  private static void refuseRelatives(String version) {
    for (String relative : RELATIVES) {
      if (version.contains(relative)) {
        throw new IllegalArgumentException(
            "this is no PostgreSQL, though its driver says so, and the store was never tried on it: "
                + version);
      }
    }
  }

  private static String answer(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  protected String prefix(String schema) {
    return '"' + schema + "\".";
  }

  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    // A worker suspended in the middle of a call must not block its jobs for others.
    // Planning each execution costs more than the claim of one job. But a plan that was made when
    // the table was empty is used until the table is analysed, so it has to be good for a full
    // table as well. Each statement for jobs has an index to use.
    return Map.of(
        "idle_in_transaction_session_timeout",
        Integer.toString(Math.max(1, timeoutMillis)),
        // The server would go on after the client has left. Less than the client waits, so that the
        // outcome is known.
        "statement_timeout",
        Long.toString(timeoutMillis * 9L / 10),
        "plan_cache_mode",
        "force_generic_plan",
        "enable_seqscan",
        "off",
        "enable_hashjoin",
        "off",
        "enable_mergejoin",
        "off",
        "jit",
        "off");
  }

  /**
   * A migration that waits for a lock makes all others wait behind it, and goes on waiting on the
   * server after the client has gone.
   */
  @Override
  protected Map<String, String> migrationSettings(int timeoutMillis) {
    return Map.of(
        "lock_timeout",
        Long.toString(timeoutMillis * 3L / 4),
        "statement_timeout",
        "0",
        "idle_in_transaction_session_timeout",
        "0");
  }

  @Override
  protected void checkMayCreate(Connection connection, @Nullable String schema)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select current_user, name, has_schema_privilege(name, 'create')"
                + " from coalesce(?::name, current_schema()) name")) {
      statement.setString(1, schema);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getString(2) != null && !row.getBoolean(3)) {
          throw new SQLException(
              "the role %s has no right to create tables in the schema %s"
                  .formatted(row.getString(1), row.getString(2)),
              NO_RIGHT);
        }
      }
    }
  }

  /** {@code create index concurrently} leaves such an index if it is cut off. */
  @Override
  void checkIndexes(Connection connection, @Nullable String schema) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select format('%I.%I', n.nspname, i.relname)"
                + " from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid"
                + " join pg_namespace n on n.oid = t.relnamespace"
                + " where not x.indisvalid and t.relname like 'lease\\_%'"
                + " and n.nspname = coalesce(?::name, current_schema()) limit 1")) {
      statement.setString(1, schema);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          throw StoreException.notDone(
              "could not migrate the schema: the index %1$s is not valid: either it is being made, or that was cut off; wait for the one, and after the other run drop index concurrently %1$s"
                  .formatted(row.getString(1)),
              null);
        }
      }
    }
  }

  /**
   * A setting of the session: to set it in each statement that settles would cost a seventh of its
   * time.
   */
  @Override
  protected Map<String, String> briefSettings(Duration wait) {
    return Map.of("lock_timeout", Long.toString(wait.toMillis()));
  }

  @Override
  protected String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> "set " + setting.getKey() + " = '" + setting.getValue() + "'")
        .collect(Collectors.joining("; "));
  }

  @Override
  String setForTransaction(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(
            setting ->
                "set_config('%s', '%s', true)".formatted(setting.getKey(), setting.getValue()))
        .collect(Collectors.joining(", ", "select ", ""));
  }

  @Override
  protected String get(String setting) {
    return "show " + setting;
  }

  @Override
  protected String planAnew() {
    return "set local plan_cache_mode = force_custom_plan";
  }

  @Override
  String oldestSnapshot() {
    return """
        select reason
        from (
          select age(backend_xmin) as age,
            concat('process ', pid, ' (', usename, ' ', application_name, '), since ', xact_start) as reason
          from pg_stat_activity
          where backend_xmin is not null and xact_start < now() - interval '1 minute'
          union all
          select age(backend_xmin), concat('the standby ', application_name, ', by its hot_standby_feedback')
          from pg_stat_replication
          where backend_xmin is not null
          union all
          select age(transaction), concat('the prepared transaction ', gid, ', since ', prepared)
          from pg_prepared_xacts
          where prepared < now() - interval '1 minute'
          union all
          select age(xmin), concat('the replication slot ', slot_name)
          from pg_replication_slots
          where xmin is not null) snapshot
        order by age desc
        limit 1""";
  }

  @Override
  protected Notifications notifications(Connection connection, @Nullable String schema)
      throws SQLException {
    return new PostgresqlNotifications(schema == null ? connection.getSchema() : schema);
  }

  /** {@code lock_timeout} alone would begin anew each time that another gets the row first. */
  @Override
  protected String limitWait(Duration wait) {
    return "select set_config('statement_timeout', '%1$d', true), set_config('lock_timeout', '%1$d', true)"
        .formatted(wait.toMillis());
  }

  @Override
  protected Verdict verdict(SQLException e) {
    String state = e.getSQLState();
    if (state == null) {
      return Verdict.UNKNOWN;
    }
    // A standby, or a former primary; 57P03: it does not take connections now.
    if (state.equals("25006") || state.equals("57P03")) {
      return Verdict.READ_ONLY;
    }
    // 40003: statement completion unknown.
    if (state.startsWith("08") || state.startsWith("57P") || state.equals("40003")) {
      return Verdict.UNKNOWN;
    }
    // Serialization failure, deadlock; 0A000 also tells that a migration has made a plan stale.
    return state.equals("40001") || state.equals("40P01") || state.equals("0A000")
        ? Verdict.ROLLED_BACK
        : Verdict.NOT_DONE;
  }

  @Override
  protected boolean isLockTimeout(SQLException e) {
    return "55P03".equals(e.getSQLState());
  }

  @Override
  protected String message(SQLException e) {
    return Database.firstLine(e);
  }
}
