package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB: many writers, and locked rows are skipped. An update does not return its rows, so a
 * statement before locks and reads them, and the update finds them by their {@code seq}.
 */
final class MariadbDialect extends Dialect {

  static final String NOT_MYSQL =
      "MySQL is not supported, nor MariaDB through MySQL's driver or under its name: the statements are MariaDB's"
          + " (insert .. returning); use MariaDB 10.6 or newer with jdbc:mariadb:";

  /**
   * An insert takes further rows until they have this many characters, well below the smallest
   * packet.
   */
  private static final int MAX_INSERT_CHARS = 200_000;

  /**
   * The packet that the server must accept: a row with the largest payload, each byte of it
   * escaped, and some rows beside it. On a larger packet the server just closes the connection, and
   * the outcome is unknown.
   */
  private static final int MIN_PACKET_BYTES = 4 << 20;

  /** Access to a database or a command denied, also for one column, and a privilege missing. */
  private static final Set<Integer> NO_RIGHT = Set.of(1044, 1142, 1143, 1227);

  /** A {@code seq} that no row has. */
  private static final long NO_ROW = -1;

  private static final String BEFORE_LOOK = "lease_look";

  private static final RowBatch.Column QUEUE = RowBatch.text("queue");
  private static final RowBatch.Column ID = RowBatch.text("id");
  private static final RowBatch.Column TOKEN = RowBatch.number("token");

  private static final Pattern INSERTED = Pattern.compile("\\{rows:(.*)}", Pattern.DOTALL);
  private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");

  /** Whether the server knows {@code innodb_snapshot_isolation}. */
  private boolean snapshotIsolation;

  /** Identifies one claim of a job. */
  private record Key(String queue, String id, long token) {
    static Key of(JobLease lease) {
      return new Key(lease.queue(), lease.jobId(), lease.token());
    }

    static Key of(ResultSet row) throws SQLException {
      return new Key(row.getString("queue"), row.getString("id"), row.getLong("token"));
    }
  }

  /** A row that a claim met and locked, with the time when it did. */
  private record Met(long seq, String id, boolean expired, long bytes, boolean spent, long asOf) {}

  /** A locked row, with the time when it was locked. */
  private record Locked(Key key, long seq, boolean cancelRequested, long asOf) {}

  MariadbDialect() {
    super(new MariadbFailedAttempts());
  }

  /**
   * Limits how long a connection waits for a server that does not answer. Each call of the store
   * sets its own limit; that of an answer here, at least a minute, holds before the first call.
   */
  static Properties driverProperties(Duration callTimeout) {
    var properties = new Properties();
    properties.setProperty("connectTimeout", Long.toString(callTimeout.toMillis()));
    properties.setProperty(
        "socketTimeout", Long.toString(Math.max(60_000, callTimeout.toMillis())));
    return properties;
  }

  @Override
  String folder() {
    return "mariadb";
  }

  @Override
  Map<String, String> words() {
    // The time at which the statement began. In UTC, since local time comes twice in an autumn
    // night, which rules out sysdate(). Where a wait for a lock could make this time too old, a
    // statement before takes the lock.
    String now = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))";
    return Map.of(
        "now", now,
        "asof", now,
        "greatest", "greatest",
        "lock", "for update",
        "position", "instr",
        "by_seq", "",
        "by_ready", "force index (lease_job_ready)",
        "by_finished", "force index (lease_job_finished)",
        "unfinished", "live = 1",
        "unkept", UNKEPT);
  }

  @Override
  Library flywayModule() {
    return new Library(
        "org.flywaydb.database.mysql.mariadb.MariaDBDatabaseType", "org.flywaydb:flyway-mysql");
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
    if (major < 10 || (major == 10 && minor < 6)) {
      throw new IllegalArgumentException(
          "MariaDB must be 10.6 or newer, was " + metaData.getDatabaseProductVersion());
    }
    // An update to the same values must count: extending twice within a microsecond is no loss.
    if (metaData.getURL().contains("useAffectedRows=true")) {
      throw new IllegalArgumentException("useAffectedRows must not be set in the URL of MariaDB");
    }
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select @@log_bin = 1 and @@binlog_format = 'STATEMENT', @@max_allowed_packet")) {
        row.next();
        if (row.getBoolean(1)) {
          throw new IllegalArgumentException(
              "binlog_format must be ROW or MIXED, was STATEMENT, with which the server refuses READ COMMITTED");
        }
        if (row.getLong(2) < MIN_PACKET_BYTES) {
          throw new IllegalArgumentException(
              "max_allowed_packet must be %d or more, was %d"
                  .formatted(MIN_PACKET_BYTES, row.getLong(2)));
        }
      }
      try (ResultSet row =
          statement.executeQuery("show variables like 'innodb_snapshot_isolation'")) {
        snapshotIsolation = row.next();
      }
    }
  }

  @Override
  String prefix(String schema) {
    return '`' + schema + "`.";
  }

  /**
   * The server gives up on a lock early enough for some retries: where it does not look for
   * deadlocks, only that ends one. A long list stays a list: by default the server turns it into a
   * subquery, for which it would use no index.
   */
  @Override
  Map<String, String> settings(int timeoutMillis) {
    String lockSeconds = Integer.toString(Math.max(1, timeoutMillis / 5_000));
    return Map.of(
        "innodb_lock_wait_timeout",
        lockSeconds,
        "lock_wait_timeout",
        lockSeconds,
        // A worker suspended in the middle of a call must not block its jobs for others.
        "idle_transaction_timeout",
        Integer.toString(Math.max(1, timeoutMillis / 1_000)),
        // The server would go on after the client has left. Less than the client waits, so that the
        // outcome is known.
        "max_statement_time",
        String.format(Locale.ROOT, "%.3f", timeoutMillis * 0.9 / 1e3),
        "in_predicate_conversion_threshold",
        "0");
  }

  @Override
  Map<String, String> migrationSettings(int timeoutMillis) {
    var settings = new HashMap<>(settings(timeoutMillis));
    settings.put("idle_transaction_timeout", "0");
    settings.put("max_statement_time", "0");
    return settings;
  }

  /** Preparing the statement checks the right, and makes nothing. */
  @Override
  void checkMayCreate(Connection connection, @Nullable String schema) throws SQLException {
    String table = (schema == null ? "" : prefix(schema)) + "lease_may_create";
    try (Statement statement = connection.createStatement()) {
      statement.execute("prepare lease_may_create from 'create table " + table + " (a int)'");
      statement.execute("deallocate prepare lease_may_create");
    }
  }

  @Override
  boolean lacksRight(SQLException e) {
    return NO_RIGHT.contains(e.getErrorCode());
  }

  @Override
  String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " = " + setting.getValue())
        .collect(Collectors.joining(", ", "set session ", ""));
  }

  @Override
  String get(String setting) {
    return "select @@session." + setting;
  }

  @Override
  boolean singleWriter() {
    return false;
  }

  /**
   * Lets a caller's transaction under REPEATABLE READ write to a job that was extended after its
   * snapshot. By default servers from 11.6.2 on roll the whole transaction back then (error 1020),
   * to protect a value that was read before and is written now. These statements do no such thing.
   */
  @Override
  String inCallersTransaction(String sql) {
    return snapshotIsolation ? "set statement innodb_snapshot_isolation = off for " + sql : sql;
  }

  @Override
  boolean canNotify() {
    return false;
  }

  @Override
  void notifyOthers(Session session, String news) {
    throw new UnsupportedOperationException("MariaDB has no notifications");
  }

  @Override
  NotificationListener listener(ConnectionFactory connections, NotificationListener.Events events) {
    return NotificationListener.NONE;
  }

  @Override
  Verdict verdict(SQLException e) {
    int code = e.getErrorCode();
    // The server is read-only, by one of its options or in this session, or no part of a cluster.
    if (code == 1290 || code == 1836 || code == 1792 || code == 1047) {
      return Verdict.READ_ONLY;
    }
    String state = e.getSQLState();
    if (state == null || state.startsWith("08")) {
      return Verdict.UNKNOWN;
    }
    return switch (code) {
      // Connection killed.
      case 1927 -> Verdict.UNKNOWN;
      // Record has changed since last read, lock wait timeout, deadlock. On the second the server
      // rolls back only the statement, and the store rolls back the rest.
      case 1020, 1205, 1213 -> Verdict.ROLLED_BACK;
      default -> Verdict.NOT_DONE;
    };
  }

  @Override
  boolean isDuplicate(SQLException e) {
    return e.getErrorCode() == 1062;
  }

  @Override
  boolean isLockTimeout(SQLException e) {
    // max_statement_time exceeded: see within.
    return e.getErrorCode() == 1969;
  }

  /** One statement changes all rows with the same values; one batch changes the others. */
  @Override
  UpdateResult[] updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException {
    List<String> texts = session.texts(sql);
    List<Key> keys =
        rows.rows().stream()
            .map(row -> new Key((String) row[0], (String) row[1], (Long) row[2]))
            .toList();
    Map<Key, Long> held = Map.of();
    Map<Key, Long> locked;
    if (waiting == LockWait.NONE) {
      List<String> finish = session.texts(Sql.JOB_FINISH);
      held = held(session, finish.get(2), keys);
      locked =
          locked(session, finish.get(3), held).stream()
              .collect(Collectors.toMap(Locked::key, Locked::seq));
    } else {
      locked = held(session, session.texts(sql, waiting).get(0), keys);
    }
    var changed = new UpdateResult[rows.size()];
    Map<List<@Nullable Object>, List<Long>> alike = new LinkedHashMap<>();
    for (int i = 0; i < changed.length; i++) {
      Long seq = locked.get(keys.get(i));
      changed[i] =
          seq != null
              ? UpdateResult.UPDATED
              : held.containsKey(keys.get(i)) ? UpdateResult.LOCKED : UpdateResult.LOST;
      if (seq != null) {
        @Nullable Object[] row = rows.rows().get(i);
        alike
            .computeIfAbsent(Arrays.asList(row).subList(3, row.length), v -> new ArrayList<>())
            .add(seq);
      }
    }
    List<RowBatch.Column> columns = rows.columns().subList(3, rows.columns().size());
    var singleColumns = new ArrayList<>(columns);
    singleColumns.add(RowBatch.number("seq"));
    var singles = new RowBatch(0, singleColumns.toArray(RowBatch.Column[]::new));
    for (Map.Entry<List<@Nullable Object>, List<Long>> entry : alike.entrySet()) {
      List<Long> seqs = entry.getValue();
      var values = new ArrayList<>(entry.getKey());
      if (seqs.size() == 1) {
        values.add(seqs.get(0));
        singles.add(values.toArray());
      } else {
        numbered(session, texts.get(1), seqs).bind(columns, values.toArray()).update();
      }
    }
    if (singles.size() > 0) {
      session.statement(texts.get(1).replace("{found}", ":seq")).updateEach(singles);
    }
    return changed;
  }

  @Override
  String briefly(String sql, Duration wait) {
    return within(wait, sql);
  }

  /** An insert locks what is left of the finished job that had its dedup key before. */
  @Override
  <T> List<T> purge(Session session, SqlScript script, NamedStatement.RowReader<T> reader)
      throws SQLException {
    var keys = new HashSet<RowBatch.Name>();
    return script.listAndChange(
        row -> {
          String key = row.getString("dedup_key");
          if (key != null) {
            keys.add(new RowBatch.Name(row.getString("queue"), key));
          }
          return reader.read(row);
        },
        () -> lockKeys(session, keys, LockWait.LONG));
  }

  @Override
  String findDuplicate(Session session, LockWait waiting) {
    return session.texts(Sql.JOB_FIND_DUPLICATE, waiting).get(session.isInTransaction() ? 1 : 0);
  }

  @Override
  boolean[] insertEach(Session session, RowBatch rows, LockWait waiting) throws SQLException {
    Set<RowBatch.Name> keys = rows.pairs("dedupKey");
    Set<RowBatch.Name> taken =
        keys.size() > 1 && session.isInTransaction() ? taken(session, keys, waiting) : Set.of();
    List<Integer> free = rows.without("dedupKey", taken);
    boolean[] some = insertFree(session, taken.isEmpty() ? rows : rows.only(free), waiting);
    if (taken.isEmpty()) {
      return some;
    }
    var inserted = new boolean[rows.size()];
    for (int i = 0; i < some.length; i++) {
      inserted[free.get(i)] = some[i];
    }
    return inserted;
  }

  /** Those of some dedup keys that are taken. Nobody else's batch takes one until the end. */
  private static Set<RowBatch.Name> taken(
      Session session, Set<RowBatch.Name> keys, LockWait waiting) throws SQLException {
    String places = String.join(",", Collections.nCopies(keys.size(), "(?,?)"));
    NamedStatement statement =
        session.statementOnce(
            session
                .texts(Sql.JOB_INSERT, waiting)
                .get(1)
                .replace("{found}", buckets(keys))
                .replace("{keys}", places));
    int position = 0;
    for (RowBatch.Name key : keys) {
      statement.set(position + 1, QUEUE, key.first());
      statement.set(position + 2, ID, key.second());
      position += 2;
    }
    return new HashSet<>(statement.list(RowBatch.Name::of));
  }

  private static boolean[] insertFree(Session session, RowBatch rows, LockWait waiting)
      throws SQLException {
    String sql = session.texts(Sql.JOB_INSERT, waiting).get(0);
    return rows.insertInParts(
        MAX_INSERT_CHARS, part -> insert(session, sql, part).list(RowBatch.Name::of));
  }

  private static NamedStatement insert(Session session, String sql, RowBatch rows)
      throws SQLException {
    Matcher inserted = INSERTED.matcher(sql);
    if (!inserted.find()) {
      throw new IllegalStateException("no {rows:..} in " + sql);
    }
    String row = PARAMETER.matcher(inserted.group(1)).replaceAll("?");
    List<String> names =
        PARAMETER.matcher(inserted.group(1)).results().map(name -> name.group(1)).toList();
    if (!names.equals(rows.columns().stream().map(RowBatch.Column::name).toList())) {
      throw new IllegalStateException("the columns are " + names);
    }
    String all = String.join(",\n", Collections.nCopies(rows.size(), row));
    NamedStatement statement =
        session.statementOnce(
            sql.substring(0, inserted.start()) + all + sql.substring(inserted.end()));
    int position = 0;
    for (@Nullable Object[] values : rows.rows()) {
      for (int i = 0; i < values.length; i++) {
        position++;
        statement.set(position, rows.columns().get(i), values[i]);
      }
    }
    return statement;
  }

  /**
   * In a caller's transaction under REPEATABLE READ, a locking read of a missing row would lock the
   * gap into which other jobs insert. A plain read would miss what is newer than the snapshot; or
   * it would take the snapshot, after which the server refuses the caller writes to what others
   * have changed since.
   */
  @Override
  boolean isMissing(Session session, Insert insert) throws SQLException {
    Savepoint before = session.connection().setSavepoint(BEFORE_LOOK);
    boolean inserted = insert.run();
    session.connection().rollback(before);
    return inserted;
  }

  @Override
  boolean makesGuardsApart() {
    return true;
  }

  @Override
  void makeGuard(Session session, FenceWriter writer) {
    String text = session.texts(Sql.FENCE_RAISE).get(0);
    writer.bound(session.handle().createUpdate(text)).execute();
  }

  @Override
  long raiseGuard(Session session, FenceWriter writer) throws SQLException {
    List<String> texts = session.texts(Sql.FENCE_RAISE);
    long seen =
        writer
            .bound(session.handle().createQuery(texts.get(1)))
            .mapTo(Long.class)
            .findOne()
            .orElseThrow(
                () ->
                    StoreException.notDone(
                        "could not pass a fence: its unused guard has just been removed", null));
    if (seen <= writer.token()) {
      writer.bound(session.handle().createUpdate(texts.get(2))).execute();
    }
    return seen;
  }

  @Override
  List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException {
    List<String> texts = session.texts(Sql.JOB_EXTEND);
    List<Key> keys = leases.stream().map(Key::of).distinct().toList();
    Map<Key, Long> held = held(session, texts.get(0), keys);
    Map<Key, Extension> extensions = new HashMap<>();
    List<Locked> free = locked(session, texts.get(1), held);
    if (!free.isEmpty()) {
      long asOf = free.get(0).asOf();
      numbered(session, texts.get(2), free.stream().map(Locked::seq).toList())
          .bind("asOf", asOf)
          .bind("duration", duration)
          .update();
      for (Locked row : free) {
        extensions.put(
            row.key(), Extension.Held.of(Micros.instant(asOf + duration), row.cancelRequested()));
      }
    }
    if (extensions.size() < held.size()) {
      held(session, texts.get(0), keys)
          .keySet()
          .forEach(key -> extensions.putIfAbsent(key, new Extension.Busy()));
    }
    return leases.stream()
        .map(lease -> extensions.getOrDefault(Key.of(lease), new Extension.Lost()))
        .toList();
  }

  @Override
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_EXTEND);
    Map<Key, Long> held = held(session, texts.get(0), List.of(Key.of(lease)));
    if (!held.isEmpty()) {
      numbered(session, within(wait, texts.get(3)), held.values()).list(row -> wait);
    }
  }

  /**
   * A statement with a time limit. The timeout for a lock would not do: it counts whole seconds.
   */
  private static String within(Duration wait, String text) {
    return String.format(
        Locale.ROOT, "set statement max_statement_time = %.3f for %s", wait.toMillis() / 1e3, text);
  }

  /**
   * A statement for rows that are known by their {@code seq}. It has parameters for a power of two
   * of them, so that there are few such texts, and each is parsed once.
   */
  private static NamedStatement numbered(Session session, String text, Collection<Long> seqs)
      throws SQLException {
    int places = places(seqs.size());
    NamedStatement statement =
        session.statement(
            text.replace(
                "{found}",
                IntStream.range(0, places)
                    .mapToObj(i -> ":found" + i)
                    .collect(Collectors.joining(","))));
    int i = 0;
    for (long seq : seqs) {
      statement.bind("found" + i, seq);
      i++;
    }
    for (; i < places; i++) {
      statement.bind("found" + i, NO_ROW);
    }
    return statement;
  }

  private static int places(int count) {
    return Integer.highestOneBit(Math.max(1, 2 * count - 1));
  }

  /** The {@code seq} of each row that has one of these keys. */
  private static Map<Key, Long> held(Session session, String text, List<Key> keys)
      throws SQLException {
    Map<Key, Long> held = new HashMap<>();
    keyed(session, text, keys).list(row -> held.put(Key.of(row), row.getLong("seq")));
    return held;
  }

  private static List<Locked> locked(Session session, String text, Map<Key, Long> held)
      throws SQLException {
    if (held.isEmpty()) {
      return List.of();
    }
    return numbered(session, text, held.values())
        .list(
            row ->
                new Locked(
                    Key.of(row),
                    row.getLong("seq"),
                    row.getBoolean("cancel_requested"),
                    row.getLong("as_of")))
        .stream()
        .filter(row -> held.containsKey(row.key()))
        .toList();
  }

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    List<String> texts = session.texts(Sql.JOB_CLAIM);
    List<QueuePosition> places = places(session, texts, request.queue(), levels);
    long asOf = places.remove(places.size() - 1).dueAt();
    var met = new ArrayList<Long>();
    long bytes = 0;
    boolean cut = false;
    for (QueuePosition place : places) {
      if (met.size() < request.limit() && !cut) {
        List<Met> level = meet(session, texts, request, place, request.limit() - met.size());
        int fitting = request.fitting(level.stream().map(Met::bytes).toList(), bytes);
        cut = fitting < level.size();
        level = level.subList(0, fitting);
        failedAttempts()
            .expired(
                session,
                request.queue(),
                level.stream().filter(Met::expired).map(Met::id).toList());
        change(session, texts, request, level);
        level.forEach(row -> met.add(row.seq()));
        bytes += level.stream().mapToLong(Met::bytes).sum();
      }
    }
    return new ClaimLook(asOf, claimed(session, texts, request, met), cut);
  }

  /**
   * Where to begin in each priority that has jobs to claim, the most urgent first. The last element
   * only has the time.
   */
  private static List<QueuePosition> places(
      Session session, List<String> texts, String queue, Watermarks.Levels levels)
      throws SQLException {
    Stream<String> each =
        IntStream.rangeClosed(0, Limits.MAX_PRIORITY)
            .mapToObj(i -> texts.get(0).replace("{priority}", Integer.toString(i)));
    String all =
        Stream.concat(each, Stream.of(texts.get(1))).collect(Collectors.joining("\nunion all\n"));
    List<QueuePosition> places =
        levels.bind(session.statement(all).bind("queue", queue)).list(QueuePosition::of);
    places.sort(Comparator.comparingInt(QueuePosition::priority).reversed());
    return places;
  }

  private static List<Met> meet(
      Session session,
      List<String> texts,
      ClaimLook.Request request,
      QueuePosition place,
      int limit)
      throws SQLException {
    return session
        .statement(texts.get(2))
        .bind("queue", request.queue())
        .bind("priority", place.priority())
        .bind("due", place.dueAt())
        .bind("seq", place.seq())
        .bind("limit", limit)
        .list(
            row ->
                new Met(
                    row.getLong("seq"),
                    row.getString("id"),
                    row.getBoolean("expired"),
                    row.getLong("bytes"),
                    row.getBoolean("spent"),
                    row.getLong("as_of")));
  }

  private static void change(
      Session session, List<String> texts, ClaimLook.Request request, List<Met> level)
      throws SQLException {
    List<Long> taken = level.stream().filter(row -> !row.spent()).map(Met::seq).toList();
    List<Long> finished = level.stream().filter(Met::spent).map(Met::seq).toList();
    if (!taken.isEmpty()) {
      numbered(session, texts.get(3), taken)
          .bind("asOf", level.get(0).asOf())
          .bind("owner", request.owner())
          .bind("duration", request.duration())
          .update();
    }
    if (!finished.isEmpty()) {
      numbered(session, texts.get(4), finished)
          .bind("asOf", level.get(0).asOf())
          .bind("keep", request.keep())
          .update();
    }
  }

  private static List<ClaimedRow> claimed(
      Session session, List<String> texts, ClaimLook.Request request, List<Long> met)
      throws SQLException {
    return met.isEmpty()
        ? new ArrayList<>()
        : numbered(session, texts.get(5), met).list(request::claimed);
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_RESET_EXPIRED);
    ResetWalk walk = ResetWalk.over(session, texts.get(0), request);
    List<Long> free =
        walk.found().isEmpty()
            ? List.of()
            : numbered(session, texts.get(1), walk.found()).list(row -> row.getLong(1));
    if (free.isEmpty()) {
      return new ResetSlice(0, List.of(), walk.next());
    }
    numbered(session, texts.get(2), free).bind("keep", request.keep()).update();
    var finished = new ArrayList<FinishedJob>();
    List<String> ids =
        numbered(session, texts.get(3), free)
            .list(
                row -> {
                  FinishedJob job = RowMappers.finished(row, request.queue());
                  if (job != null) {
                    finished.add(job);
                  }
                  return row.getString("id");
                });
    failedAttempts().expired(session, request.queue(), ids);
    return new ResetSlice(free.size(), finished, walk.next());
  }

  private static NamedStatement keyed(Session session, String text, List<Key> keys)
      throws SQLException {
    String places = String.join(",", Collections.nCopies(keys.size(), "(?,?,?)"));
    NamedStatement statement = session.statementOnce(text.replace("{keys}", places));
    int position = 0;
    for (Key key : keys) {
      statement.set(position + 1, QUEUE, key.queue());
      statement.set(position + 2, ID, key.id());
      statement.set(position + 3, TOKEN, key.token());
      position += 3;
    }
    return statement;
  }
}
