package dev.lease.jdbc;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** SQLite: a file, one writer at a time, and one row a statement. */
final class SqliteDialect extends OwnDialect {

  private static final String BUSY_TIMEOUT = "busy_timeout";

  /** SQLITE_OPEN_READWRITE, without SQLITE_OPEN_CREATE. */
  private static final String READ_AND_WRITE = "2";

  // Primary result codes: the low byte of an error's code. The driver's own names for them would
  // make every store need the driver.
  private static final int BUSY = 5;
  private static final int LOCKED = 6;
  private static final int READONLY = 8;
  private static final int IOERR = 10;
  private static final int CANTOPEN = 14;
  private static final int CONSTRAINT = 19;

  SqliteDialect() {
    super("sqlite", Style.SINGLE_WRITER);
  }

  @Override
  Properties driverProperties(Duration callTimeout, boolean makesFile) {
    var properties = new Properties();
    if (!makesFile) {
      properties.setProperty("open_mode", READ_AND_WRITE);
    }
    // Otherwise the driver scans the statement for an insert on every execution, which took 85 %
    // of the time in a drain benchmark.
    properties.setProperty("jdbc.get_generated_keys", "false");
    // Flyway reads before it writes, and SQLite lets no such transaction wait for another writer.
    properties.setProperty("transaction_mode", "IMMEDIATE");
    return properties;
  }

  @Override
  protected boolean hasKeys() {
    return true;
  }

  @Override
  protected Map<String, String> words() {
    // SQLite's clock stands still within a statement.
    String now = "(cast(round(unixepoch('subsec') * 1000) as integer) * 1000)";
    return Map.of("now", now, "greatest", "max", "by_seq", "not indexed", "lock", "");
  }

  @Override
  protected String useIndex(String index) {
    return "indexed by " + index;
  }

  @Override
  void check(Connection connection, ConnectionFactory others, JdbcConfig config)
      throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    int major = metaData.getDatabaseMajorVersion();
    int minor = metaData.getDatabaseMinorVersion();
    if (major < 3 || (major == 3 && minor < 43)) {
      throw new IllegalArgumentException(
          "SQLite must be 3.43 or newer, was " + metaData.getDatabaseProductVersion());
    }
    useWriteAheadLog(connection);
  }

  @Override
  protected MigrationTurn awaitMigrationTurn(Connection connection) throws SQLException {
    return MigrationFile.lock(connection);
  }

  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    return Map.of(BUSY_TIMEOUT, Integer.toString(timeoutMillis));
  }

  @Override
  protected boolean lacksRight(SQLException e) {
    return primaryCode(e) == READONLY;
  }

  @Override
  protected String set(Map<String, String> settings) {
    // The driver runs only the first of several statements.
    return "pragma " + BUSY_TIMEOUT + " = " + settings.get(BUSY_TIMEOUT);
  }

  @Override
  protected String get(String setting) {
    return "pragma " + setting;
  }

  @Override
  protected @Nullable String isolation() {
    return null;
  }

  /** Lets readers and the writer work at the same time. The setting stays with the file. */
  private void useWriteAheadLog(Connection connection) throws SQLException {
    for (int tries = 1; ; tries++) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("pragma journal_mode = wal")) {
        if (!row.next() || !"wal".equalsIgnoreCase(row.getString(1))) {
          throw new IllegalArgumentException(
              "the SQLite database must be a file that can have a write-ahead log");
        }
        return;
      } catch (SQLException e) {
        // Several processes may switch an empty file at once, and busy_timeout does not apply here.
        if (tries == StartupRetry.MAX_TRIES || !isBusy(e)) {
          throw e;
        }
        StartupRetry.pause();
      }
    }
  }

  private static int primaryCode(SQLException e) {
    return e.getErrorCode() & 0xff;
  }

  /** Whether the file is missing, or cannot be opened for another reason. */
  static boolean isCannotOpen(SQLException e) {
    return primaryCode(e) == CANTOPEN;
  }

  /** What to do about a file that cannot be opened; empty if that is not known. */
  static String advice(String url) {
    String file = url.replaceFirst("^jdbc:sqlite:(file:)?", "");
    try {
      Path folder = Path.of(file).toAbsolutePath().getParent();
      return folder != null && Files.notExists(folder) && !file.contains("%")
          ? "; make the directory " + folder + ", which does not exist"
          : "";
    } catch (InvalidPathException e) {
      return "";
    }
  }

  @Override
  boolean isBusy(SQLException e) {
    int code = primaryCode(e);
    return code == BUSY || code == LOCKED;
  }

  @Override
  boolean isConflict(SQLException e) {
    return isBusy(e);
  }

  @Override
  protected boolean cachesStatements() {
    return true;
  }

  @Override
  protected void begin(Connection connection) throws SQLException {
    // Takes the write lock at once: a transaction that has read first may be refused it later.
    execute(connection, "begin immediate");
  }

  @Override
  protected void commit(Connection connection) throws SQLException {
    execute(connection, "commit");
  }

  @Override
  protected void rollback(Connection connection) throws SQLException {
    execute(connection, "rollback");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  protected Verdict verdict(SQLException e) {
    // The file is local: only a failed write leaves doubt. If there was no room for it, the last
    // frame of the write-ahead log is not whole, and that is the one that commits.
    return primaryCode(e) == IOERR ? Verdict.UNKNOWN : Verdict.NOT_DONE;
  }

  /** The driver has one code for all constraints; the words are SQLite's own. */
  @Override
  protected boolean isDuplicate(SQLException e) {
    return breaksRule(e) && String.valueOf(e.getMessage()).contains("UNIQUE constraint failed");
  }

  @Override
  protected boolean breaksRule(SQLException e) {
    return primaryCode(e) == CONSTRAINT;
  }

  @Override
  protected String message(SQLException e) {
    return Database.firstLine(e);
  }
}
