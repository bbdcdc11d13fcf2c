package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** PostgreSQL: many writers, and locked rows are skipped. Lists go in as arrays. */
final class PostgresqlDialect extends Dialect {

  private static final int MIN_VERSION = 12;
  private static final int MAX_LOOKS = 3;

  /**
   * An insert takes further rows until they have this many characters: a message has 1 GB at most,
   * the driver has it in memory, and each answer has to come within {@code callTimeout}.
   */
  private static final int MAX_INSERT_CHARS = 8 << 20;

  /** What the versions of CockroachDB, YugabyteDB and Amazon Redshift have in them. */
  private static final List<String> RELATIVES = List.of("CockroachDB", "-YB-", "Redshift");

  private static final String NO_RIGHT = "42501";

  private final Map<ClaimText, String> claimTexts = new ConcurrentHashMap<>();

  /** The channel for notifications. */
  private String channel = "";

  PostgresqlDialect() {
    super(new FailedAttempts());
  }

  /**
   * Limits how long a connection waits for a server that does not answer. Each call of the store
   * sets its own limit; that of an answer here, at least a minute, holds before the first call.
   */
  static Properties driverProperties(Duration callTimeout) {
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
  String folder() {
    return "postgresql";
  }

  @Override
  Map<String, String> words() {
    // {now} moves during a transaction: if it stood still, a lease granted after a wait would be
    // too short, or over.
    // {asof} stands still during a statement, as a value must that is searched for along an index.
    // date_part is exact to the microsecond until 2106 and, unlike extract, does not compute in
    // numeric.
    return Map.of(
        "now", "(date_part('epoch', clock_timestamp()) * 1000000)::bigint",
        "asof", "(date_part('epoch', statement_timestamp()) * 1000000)::bigint",
        "greatest", "greatest",
        "lock", "for no key update",
        "position", "strpos",
        "unfinished", UNFINISHED,
        "unkept", "s.forgets = 1 and coalesce(j.keep, s.keep) = 0");
  }

  @Override
  Library flywayModule() {
    return new Library(
        "org.flywaydb.database.postgresql.PostgreSQLDatabaseType",
        "org.flywaydb:flyway-database-postgresql");
  }

  @Override
  void check(
      Connection connection,
      DatabaseMetaData metaData,
      ConnectionFactory others,
      @Nullable String schema)
      throws SQLException {
    refuseRelatives(answer(connection, "select version()"));
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
    String used = schema == null ? connection.getSchema() : schema;
    if (used == null) {
      throw new IllegalArgumentException(
          "no schema of the search path exists: "
              + answer(connection, "show search_path")
              + "; create it, or correct currentSchema in the URL");
    }
    if (SharedSessions.behind(connection, others)) {
      throw new IllegalArgumentException(
          "a pooler gives each transaction another session of PostgreSQL (with PgBouncer: pool_mode = transaction), but"
              + " the store needs sessions of its own, for their settings and for LISTEN: use pool_mode = session, or"
              + " connect to the server itself");
    }
    channel = PostgresqlListener.channel(used);
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
  String prefix(String schema) {
    return '"' + schema + "\".";
  }

  @Override
  Map<String, String> settings(int timeoutMillis) {
    // A worker suspended in the middle of a call must not block its jobs for others.
    // Planning each execution costs more than the claim of one job. But a plan that was made when
    // the table was empty is used until the table is analysed, so it has to be good for a full
    // table as well. Each statement for jobs has an index to use.
    return Map.of(
        "idle_in_transaction_session_timeout",
        Integer.toString(Math.max(1, timeoutMillis)),
        "lock_timeout",
        lockTimeout(timeoutMillis),
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
  Map<String, String> migrationSettings(int timeoutMillis) {
    return Map.of(
        "lock_timeout",
        lockTimeout(timeoutMillis),
        "statement_timeout",
        "0",
        "idle_in_transaction_session_timeout",
        "0");
  }

  @Override
  void checkMayCreate(Connection connection, @Nullable String schema) throws SQLException {
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

  @Override
  boolean lacksRight(SQLException e) {
    return NO_RIGHT.equals(e.getSQLState());
  }

  private static String lockTimeout(long timeoutMillis) {
    return Long.toString(timeoutMillis * 3 / 4);
  }

  /**
   * A setting of the session: to set it in each statement that settles would cost a seventh of its
   * time.
   */
  @Override
  Map<String, String> briefSettings(Duration wait) {
    return Map.of("lock_timeout", Long.toString(wait.toMillis()));
  }

  @Override
  String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> "set " + setting.getKey() + " = '" + setting.getValue() + "'")
        .collect(Collectors.joining("; "));
  }

  @Override
  String get(String setting) {
    return "show " + setting;
  }

  @Override
  <T> T plannedAnew(Handle handle, Supplier<T> read) {
    return handle.inTransaction(
        own -> {
          own.execute("set local plan_cache_mode = force_custom_plan");
          return read.get();
        });
  }

  @Override
  boolean singleWriter() {
    return false;
  }

  @Override
  boolean canNotify() {
    return true;
  }

  @Override
  void notifyOthers(Session session, String news) throws SQLException {
    session
        .statement("select pg_notify(:channel, :news)")
        .bind("channel", channel)
        .bind("news", news)
        .first(row -> news);
  }

  @Override
  NotificationListener listener(ConnectionFactory connections, NotificationListener.Events events) {
    return new PostgresqlListener(channel, connections, events);
  }

  @Override
  Verdict verdict(SQLException e) {
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
  boolean isDuplicate(SQLException e) {
    return "23505".equals(e.getSQLState());
  }

  @Override
  boolean isLockTimeout(SQLException e) {
    return "55P03".equals(e.getSQLState());
  }

  @Override
  UpdateResult[] updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException {
    var changes = new UpdateResult[rows.size()];
    Arrays.fill(changes, UpdateResult.LOST);
    RowBatch free = rows;
    if (waiting == LockWait.NONE) {
      String locked = session.texts(Sql.JOB_FINISH).get(1);
      List<Integer> positions = positions(session, locked, rows.keys());
      positions.forEach(position -> changes[position - 1] = UpdateResult.LOCKED);
      free = rows.withoutTokens(positions);
    }
    for (int position : positions(session, session.texts(sql).get(0), free)) {
      changes[position - 1] = UpdateResult.UPDATED;
    }
    return changes;
  }

  @Override
  boolean[] insertEach(Session session, RowBatch rows, LockWait waiting) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_INSERT);
    if (rows.size() > 1) {
      if (session.isTriedAgain()) {
        // The first try has met a deadlock, which is rare.
        lockKeys(session, rows.pairs("dedupKey"), waiting);
      }
      return rows.insertInParts(
          MAX_INSERT_CHARS, part -> arrays(session, texts.get(1), part).list(RowBatch.Name::of));
    }
    NamedStatement statement =
        session.statement(texts.get(0)).bind(rows.columns(), rows.rows().get(0));
    return new boolean[] {statement.update() > 0};
  }

  @Override
  List<Lease> acquireEach(Session session, List<LeaseRequest> wanted, LockWait waiting)
      throws SQLException {
    List<String> texts = session.texts(Sql.LEASE_ACQUIRE);
    if (wanted.size() == 1) {
      LeaseRequest one = wanted.get(0);
      return session
          .statement(texts.get(0))
          .bind("name", one.name())
          .bind("owner", one.owner())
          .bind("duration", Micros.of(one.leaseDuration()))
          .list(RowMappers::lease);
    }
    var rows =
        new RowBatch(
            wanted.size(),
            RowBatch.text("name"),
            RowBatch.text("owner"),
            RowBatch.number("duration"));
    wanted.forEach(one -> rows.add(one.name(), one.owner(), Micros.of(one.leaseDuration())));
    return arrays(session, texts.get(1), rows).list(RowMappers::lease);
  }

  @Override
  List<LeaseKey> releaseEach(Session session, List<LeaseKey> leases, LockWait waiting)
      throws SQLException {
    if (leases.size() == 1) {
      return super.releaseEach(session, leases, waiting);
    }
    var rows =
        new RowBatch(
            leases.size(), RowBatch.text("name"), RowBatch.text("owner"), RowBatch.number("token"));
    leases.forEach(lease -> rows.add(lease.name(), lease.owner(), lease.token()));
    return arrays(session, session.texts(Sql.LEASE_RELEASE).get(1), rows)
        .list(
            row ->
                new LeaseKey(row.getString("name"), row.getString("owner"), row.getLong("token")));
  }

  /** The positions, from 1 on, of the rows that a statement returns. */
  private static List<Integer> positions(Session session, String sql, RowBatch rows)
      throws SQLException {
    return arrays(session, sql, rows).list(row -> row.getInt(1));
  }

  /** A statement with the rows bound as arrays. */
  private static NamedStatement arrays(Session session, String sql, RowBatch rows)
      throws SQLException {
    NamedStatement statement = session.statement(sql);
    for (int i = 0; i < rows.columns().size(); i++) {
      RowBatch.Column column = rows.columns().get(i);
      statement.bindArray(
          column.name(), column.type() == Long.class ? "int8" : "text", rows.column(i));
    }
    return statement;
  }

  @Override
  List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException {
    var extensions =
        new ArrayList<Extension>(Collections.nCopies(leases.size(), new Extension.Lost()));
    List<String> texts = session.texts(Sql.JOB_EXTEND);
    arrays(session, texts.get(0), keys(leases))
        .bind("duration", duration)
        .list(row -> extensions.set(row.getInt("ord") - 1, held(row)));
    List<Integer> missing =
        IntStream.range(0, leases.size())
            .filter(i -> extensions.get(i) instanceof Extension.Lost)
            .boxed()
            .toList();
    if (!missing.isEmpty()) {
      RowBatch keys = keys(missing.stream().map(leases::get).toList());
      for (int position : positions(session, texts.get(1), keys)) {
        extensions.set(missing.get(position - 1), new Extension.Busy());
      }
    }
    return extensions;
  }

  private static Extension held(ResultSet row) throws SQLException {
    return Extension.Held.of(
        Micros.instant(row.getLong("expires_at")), row.getBoolean("cancel_requested"));
  }

  private static RowBatch keys(List<JobLease> leases) {
    var rows =
        new RowBatch(
            leases.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("token"));
    leases.forEach(lease -> rows.add(lease.queue(), lease.jobId(), lease.token()));
    return rows;
  }

  @Override
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    // lock_timeout would begin anew each time that another transaction gets the row first.
    session
        .statement(
            "select set_config('statement_timeout', :millis, true) || set_config('lock_timeout', :millis, true)")
        .bind("millis", Long.toString(wait.toMillis()))
        .first(row -> wait);
    session
        .statement(Sql.JOB_LOCK)
        .bind("queue", lease.queue())
        .bind("id", lease.jobId())
        .bind("token", lease.token())
        .first(row -> wait);
  }

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    var known = new ArrayList<String>();
    for (int looks = 1; ; looks++) {
      var unknown = new ArrayList<String>();
      ClaimLook look = look(session, request, levels, known, unknown);
      // A look misses what was changed since it began; the next look sees it.
      boolean missed = request.first() && look.cut() && look.met().isEmpty();
      if (unknown.isEmpty() && (!missed || looks >= MAX_LOOKS)) {
        return look;
      }
      if (!unknown.isEmpty() && !session.isInTransaction()) {
        return inTransaction(session, own -> claim(own, request, levels));
      }
      // By now their rows are locked.
      failedAttempts().expired(session, request.queue(), unknown);
      known.addAll(unknown);
    }
  }

  /**
   * Looks once.
   *
   * @param known jobs whose leases have expired, and whose failed attempts are stored already
   * @param unknown gets the ids of other jobs whose leases have expired; if there are any, the look
   *     claims nothing
   */
  private ClaimLook look(
      Session session,
      ClaimLook.Request request,
      Watermarks.Levels levels,
      List<String> known,
      List<String> unknown)
      throws SQLException {
    var met = new ArrayList<ClaimedRow>();
    long[] look = new long[2];
    claimStatement(session, session.texts(Sql.JOB_CLAIM).get(0), request, levels, known)
        .list(
            row -> {
              look[0] = row.getLong(1);
              look[1] = row.getLong(2);
              ClaimedRow claimed = request.claimed(row, 2);
              if (claimed != null) {
                return met.add(claimed);
              }
              return Collections.addAll(unknown, (String[]) row.getArray("expired").getArray());
            });
    return new ClaimLook(look[0], met, met.size() < look[1]);
  }

  private record ClaimText(int size, boolean known) {}

  /** The statement for a limit. There is one for each power of two. */
  private String claimText(String sql, int limit, boolean known) {
    int size = Integer.highestOneBit(Math.max(1, 2 * limit - 1));
    return claimTexts.computeIfAbsent(
        new ClaimText(size, known),
        key ->
            sql.replace("{limit}", Integer.toString(size))
                .replace("{known}", known ? "and id <> all(:expired)" : ""));
  }

  NamedStatement claimStatement(
      Session session,
      String sql,
      ClaimLook.Request request,
      Watermarks.Levels levels,
      List<String> expired)
      throws SQLException {
    @Nullable Long[] due = new Long[Limits.MAX_PRIORITY + 1];
    @Nullable Long[] seq = new Long[due.length];
    for (int i = 0; i < due.length; i++) {
      int level = Limits.MAX_PRIORITY - i;
      due[i] = levels.due(level);
      seq[i] = levels.seq(level);
    }
    NamedStatement statement =
        session.statement(claimText(sql, request.limit(), !expired.isEmpty()));
    if (!expired.isEmpty()) {
      statement.bindArray("expired", "text", expired.toArray(String[]::new));
    }
    return statement
        .bindArray("due", "int8", due)
        .bindArray("seq", "int8", seq)
        .bind("queue", request.queue())
        .bind("owner", request.owner())
        .bind("limit", request.limit())
        .bind("maxBytes", request.maxBytes())
        .bind("first", request.first())
        .bind("duration", request.duration())
        .bind("keep", request.keep());
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    String slice = Integer.toString(request.slice());
    String text = session.texts(Sql.JOB_RESET_EXPIRED).get(0).replace("{slice}", slice);
    var next = new ArrayList<QueuePosition>();
    var finished = new ArrayList<FinishedJob>();
    List<Boolean> changed =
        request
            .bind(session.statement(text))
            .bind("keep", request.keep())
            .list(
                row -> {
                  if (RowMappers.number(row, "seq") != null && next.isEmpty()) {
                    next.add(QueuePosition.of(row));
                  }
                  FinishedJob job = RowMappers.finished(row, request.queue());
                  if (job != null) {
                    finished.add(job);
                  }
                  return row.getString("id") != null;
                });
    return new ResetSlice(
        Collections.frequency(changed, true), finished, next.isEmpty() ? null : next.get(0));
  }
}
