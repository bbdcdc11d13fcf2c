package dev.lease.jdbc;

import dev.lease.EndedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** SQLite: an embedded file, one writer at a time, single rows. */
final class SqliteDialect extends Dialect {

  private static final String BUSY_TIMEOUT = "busy_timeout";

  static Properties driverProperties() {
    var properties = new Properties();
    // Else it searches each statement for an INSERT on every execution: measured, 85 % of a drain.
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
    return Map.of("now", now, "asof", now, "greatest", "max", "position", "instr");
  }

  @Override
  void check(Connection connection, DatabaseMetaData metaData) throws SQLException {
    int major = metaData.getDatabaseMajorVersion();
    int minor = metaData.getDatabaseMinorVersion();
    if (major < 3 || (major == 3 && minor < 43)) {
      throw new IllegalArgumentException(
          "SQLite must be 3.43 or newer, was " + metaData.getDatabaseProductVersion());
    }
    useWriteAheadLog(connection);
  }

  @Override
  Map<String, String> settings(int timeoutMillis) {
    return Map.of(BUSY_TIMEOUT, Integer.toString(timeoutMillis));
  }

  @Override
  String set(Map<String, String> settings) {
    // The driver runs the first of several statements only.
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

  /** Lets readers and the writer work at once; the file remembers it. */
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
        // Several processes that switch an empty file at once; the busy timeout does not count
        // here.
        if (tries == Contention.MAX_TRIES || !isBusy(e)) {
          throw e;
        }
        Contention.pause();
      }
    }
  }

  static boolean isBusy(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code;
  }

  @Override
  boolean singleWriter() {
    return true;
  }

  @Override
  void begin(Connection connection) throws SQLException {
    // Taking the write lock at once, since a transaction that read first is refused it later.
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
  void notifyOthers(Handle handle, String news) {
    throw new UnsupportedOperationException("SQLite has no notifications");
  }

  @Override
  Listener listener(Database database, Consumer<String> wake, Runnable wakeAll) {
    return Listener.NONE;
  }

  @Override
  Verdict verdict(SQLException e) {
    // The low byte is the primary code. The file is local: only a failed write leaves doubt.
    int code = e.getErrorCode() & 0xff;
    return code == SQLiteErrorCode.SQLITE_IOERR.code || code == SQLiteErrorCode.SQLITE_FULL.code
        ? Verdict.UNKNOWN
        : Verdict.NOT_DONE;
  }

  @Override
  boolean isDuplicate(SQLException e) {
    return (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code;
  }

  @Override
  Change[] updateEach(Database database, Handle handle, Sql sql, Rows rows, Waiting waiting) {
    boolean[] changed = insertEach(handle, database.text(sql), rows);
    var changes = new Change[changed.length];
    Arrays.setAll(changes, i -> changed[i] ? Change.DONE : Change.LOST);
    return changes;
  }

  @Override
  boolean[] insertEach(Handle handle, String sql, Rows rows) {
    int[] counts = rows.batch(handle, sql).execute();
    var changed = new boolean[counts.length];
    for (int i = 0; i < counts.length; i++) {
      changed[i] = counts[i] > 0;
    }
    return changed;
  }

  @Override
  List<Extension> extend(Database database, Handle handle, List<JobLease> leases, long duration) {
    var extensions = new ArrayList<Extension>(leases.size());
    for (JobLease lease : leases) {
      extensions.add(
          handle
              .createQuery(database.text(Sql.JOB_EXTEND))
              .bind("queue", lease.queue())
              .bind("id", lease.jobId())
              .bind("token", lease.token())
              .bind("duration", duration)
              .map(
                  (row, context) ->
                      (Extension)
                          Extension.Held.of(
                              Micros.instant(row.getLong("expires_at")),
                              row.getBoolean("cancel_requested")))
              .findOne()
              .orElseGet(Extension.Lost::new));
    }
    return extensions;
  }

  @Override
  Look claim(Database database, Handle handle, Claiming claiming, Watermarks.Levels levels) {
    List<String> steps = database.texts(Sql.JOB_CLAIM);
    var asOf = new AtomicLong();
    var seqs = new ArrayList<Long>();
    // Null for one that nobody held.
    var expired = new ArrayList<@Nullable String>();
    var sizes = new ArrayList<Long>();
    bind(handle.createQuery(steps.get(0)), levels)
        .bind("queue", claiming.queue())
        .bind("limit", claiming.limit())
        .map(
            (row, context) -> {
              if (sizes.isEmpty()) {
                asOf.set(row.getLong("as_of"));
              }
              long seq = row.getLong("seq");
              if (seq != 0) {
                seqs.add(seq);
                expired.add(row.getString("expired"));
                sizes.add(row.getLong("bytes"));
              }
              return sizes.size();
            })
        .list();
    int fitting = claiming.fitting(sizes, 0);
    if (fitting == 0) {
      return new Look(asOf.get(), new ArrayList<>(), !sizes.isEmpty());
    }
    List<String> lost =
        expired.subList(0, fitting).stream()
            .filter(Objects::nonNull)
            .map(Objects::requireNonNull)
            .toList();
    new FailedAttempts(database).expired(handle, claiming.queue(), lost);
    List<JobRows.Claimed> met =
        handle
            .createQuery(steps.get(1))
            .bind("found", seqs.subList(0, fitting).toString())
            .bind("worker", claiming.worker())
            .bind("duration", claiming.duration())
            .bind("keep", claiming.keep())
            .map((row, context) -> claiming.claimed(row))
            .list();
    return new Look(asOf.get(), met, fitting < sizes.size());
  }

  @Override
  Slice reset(Database database, Handle handle, Resetting resetting) {
    List<String> steps = database.texts(Sql.JOB_RESET_EXPIRED);
    Walk walk = Walk.over(handle, steps.get(0), resetting);
    if (walk.found().isEmpty()) {
      return new Slice(0, List.of(), walk.next());
    }
    var ended = new ArrayList<EndedJob>();
    List<String> changed =
        handle
            .createQuery(steps.get(1))
            .bind("found", walk.found().toString())
            .bind("keep", resetting.keep())
            .map(
                (row, context) -> {
                  EndedJob end = JobRows.ended(row, resetting.queue());
                  if (end != null) {
                    ended.add(end);
                  }
                  return row.getString("id");
                })
            .list();
    new FailedAttempts(database).expired(handle, resetting.queue(), changed);
    return new Slice(changed.size(), ended, walk.next());
  }
}
