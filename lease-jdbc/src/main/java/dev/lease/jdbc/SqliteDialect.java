package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/** SQLite: a file, one writer at a time, and one row a statement. */
final class SqliteDialect extends Dialect {

  private static final String BUSY_TIMEOUT = "busy_timeout";

  /** SQLITE_OPEN_READWRITE, without SQLITE_OPEN_CREATE. */
  private static final String READ_AND_WRITE = "2";

  // Primary result codes: the low byte of an error's code. The driver's own names for them would
  // make every store need the driver.
  private static final int BUSY = 5;
  private static final int LOCKED = 6;
  private static final int READONLY = 8;
  private static final int IOERR = 10;
  private static final int FULL = 13;
  private static final int CANTOPEN = 14;
  private static final int CONSTRAINT = 19;

  SqliteDialect() {
    super(new FailedAttempts());
  }

  /**
   * @param makesFile whether a file that is missing is made
   */
  static Properties driverProperties(boolean makesFile) {
    var properties = new Properties();
    if (!makesFile) {
      properties.setProperty("open_mode", READ_AND_WRITE);
    }
    // Otherwise the driver scans the statement for an insert on every execution, which took 85 %
    // of the time in a drain benchmark.
    properties.setProperty("jdbc.get_generated_keys", "false");
    return properties;
  }

  @Override
  String folder() {
    return "sqlite";
  }

  @Override
  Map<String, String> words() {
    // SQLite's clock stands still within a statement.
    String now = "(cast(round(unixepoch('subsec') * 1000) as integer) * 1000)";
    return Map.of(
        "now", now,
        "asof", now,
        "greatest", "max",
        "position", "instr",
        "by_seq", "not indexed",
        "by_ready", "indexed by lease_job_ready",
        "by_finished", "indexed by lease_job_finished",
        "unfinished", UNFINISHED,
        "unkept", UNKEPT);
  }

  @Override
  void check(
      Connection connection,
      DatabaseMetaData metaData,
      ConnectionFactory others,
      @Nullable String schema)
      throws SQLException {
    int major = metaData.getDatabaseMajorVersion();
    int minor = metaData.getDatabaseMinorVersion();
    if (major < 3 || (major == 3 && minor < 43)) {
      throw new IllegalArgumentException(
          "SQLite must be 3.43 or newer, was " + metaData.getDatabaseProductVersion());
    }
    useWriteAheadLog(connection);
  }

  @Override
  MigrationTurn awaitMigrationTurn(Connection connection) throws SQLException {
    return MigrationFile.lock(connection);
  }

  @Override
  String prefix(String schema) {
    throw new IllegalArgumentException(
        "SQLite has no schemas: leave the schema out, was " + schema);
  }

  @Override
  Map<String, String> settings(int timeoutMillis) {
    return Map.of(BUSY_TIMEOUT, Integer.toString(timeoutMillis));
  }

  @Override
  Map<String, String> migrationSettings(int timeoutMillis) {
    return settings(timeoutMillis);
  }

  @Override
  boolean lacksRight(SQLException e) {
    return primaryCode(e) == READONLY;
  }

  @Override
  String set(Map<String, String> settings) {
    // The driver runs only the first of several statements.
    return "pragma " + BUSY_TIMEOUT + " = " + settings.get(BUSY_TIMEOUT);
  }

  @Override
  String get(String setting) {
    return "pragma " + setting;
  }

  @Override
  @Nullable String isolation() {
    return null;
  }

  /** Lets readers and the writer work at the same time. The setting stays with the file. */
  private static void useWriteAheadLog(Connection connection) throws SQLException {
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

  static boolean isBusy(SQLException e) {
    int code = primaryCode(e);
    return code == BUSY || code == LOCKED;
  }

  @Override
  boolean singleWriter() {
    return true;
  }

  @Override
  boolean cachesStatements() {
    return true;
  }

  @Override
  void begin(Connection connection) throws SQLException {
    // Takes the write lock at once: a transaction that has read first may be refused it later.
    execute(connection, "begin immediate");
  }

  @Override
  void commit(Connection connection) throws SQLException {
    execute(connection, "commit");
  }

  @Override
  void rollback(Connection connection) throws SQLException {
    execute(connection, "rollback");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  boolean canNotify() {
    return false;
  }

  @Override
  void notifyOthers(Session session, String news) {
    throw new UnsupportedOperationException("SQLite has no notifications");
  }

  @Override
  NotificationListener listener(ConnectionFactory connections, NotificationListener.Events events) {
    return NotificationListener.NONE;
  }

  @Override
  Verdict verdict(SQLException e) {
    // The file is local: only a failed write leaves doubt.
    int code = primaryCode(e);
    return code == IOERR || code == FULL ? Verdict.UNKNOWN : Verdict.NOT_DONE;
  }

  @Override
  boolean isDuplicate(SQLException e) {
    return primaryCode(e) == CONSTRAINT;
  }

  @Override
  UpdateResult[] updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException {
    boolean[] changed = each(session, sql, rows);
    var changes = new UpdateResult[changed.length];
    Arrays.setAll(changes, i -> changed[i] ? UpdateResult.UPDATED : UpdateResult.LOST);
    return changes;
  }

  @Override
  boolean[] insertEach(Session session, RowBatch rows, LockWait waiting) throws SQLException {
    return each(session, Sql.JOB_INSERT, rows);
  }

  private static boolean[] each(Session session, Sql sql, RowBatch rows) throws SQLException {
    int[] counts = session.statement(sql).updateEach(rows);
    var changed = new boolean[counts.length];
    for (int i = 0; i < counts.length; i++) {
      changed[i] = counts[i] > 0;
    }
    return changed;
  }

  @Override
  List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException {
    var extensions = new ArrayList<Extension>(leases.size());
    for (JobLease lease : leases) {
      extensions.add(
          session
              .statement(Sql.JOB_EXTEND)
              .bind("queue", lease.queue())
              .bind("id", lease.jobId())
              .bind("token", lease.token())
              .bind("duration", duration)
              .<Extension>first(
                  row ->
                      Extension.Held.of(
                          Micros.instant(row.getLong("expires_at")),
                          row.getBoolean("cancel_requested")))
              .orElseGet(Extension.Lost::new));
    }
    return extensions;
  }

  /** A row that a claim met, with the id if its lease has expired. */
  private record Met(long asOf, long seq, @Nullable String expired, long bytes) {}

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    List<String> texts = session.texts(Sql.JOB_CLAIM);
    List<Met> looked =
        levels
            .bind(session.statement(texts.get(0)))
            .bind("queue", request.queue())
            .bind("limit", request.limit())
            .list(row -> new Met(row.getLong(1), row.getLong(2), row.getString(3), row.getLong(4)));
    long asOf = looked.get(0).asOf();
    // A look that met nothing returns one row, which only has the time.
    List<Met> found = looked.get(0).seq() == 0 ? List.of() : looked;
    int fitting = request.fitting(found.stream().map(Met::bytes).toList(), 0);
    if (fitting == 0) {
      return new ClaimLook(asOf, new ArrayList<>(), !found.isEmpty());
    }
    List<Met> taken = found.subList(0, fitting);
    List<String> lost =
        taken.stream()
            .map(Met::expired)
            .filter(Objects::nonNull)
            .map(Objects::requireNonNull)
            .toList();
    failedAttempts().expired(session, request.queue(), lost);
    List<ClaimedRow> met =
        session
            .statement(texts.get(1))
            .bind("found", taken.stream().map(Met::seq).toList().toString())
            .bind("owner", request.owner())
            .bind("duration", request.duration())
            .bind("keep", request.keep())
            .list(request::claimed);
    return new ClaimLook(asOf, met, fitting < found.size());
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_RESET_EXPIRED);
    ResetWalk walk = ResetWalk.over(session, texts.get(0), request);
    if (walk.found().isEmpty()) {
      return new ResetSlice(0, List.of(), walk.next());
    }
    var finished = new ArrayList<FinishedJob>();
    List<String> changed =
        session
            .statement(texts.get(1))
            .bind("found", walk.found().toString())
            .bind("keep", request.keep())
            .list(
                row -> {
                  FinishedJob job = RowMappers.finished(row, request.queue());
                  if (job != null) {
                    finished.add(job);
                  }
                  return row.getString("id");
                });
    failedAttempts().expired(session, request.queue(), changed);
    return new ResetSlice(changed.size(), finished, walk.next());
  }
}
