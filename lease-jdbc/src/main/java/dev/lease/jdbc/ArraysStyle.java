package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Micros;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For databases that take lists as arrays, skip locked rows, and return the rows that a statement
 * changes.
 */
final class ArraysStyle extends StyleStatements {

  /** In one trip to the server, not in one for each. */
  static final int REQUEUED_TOGETHER = 500;

  /**
   * The statement of the file of a finish for jobs whose ids stay in rows with others. The next one
   * removes what it could not see.
   */
  private static final int LEAVING = 2;

  private static final int MAX_LOOKS = 3;

  /**
   * An insert takes further rows until they have this many characters: a message has 1 GB at most,
   * the driver has it in memory, and each answer has to come within {@code callTimeout}.
   */
  private static final int MAX_INSERT_CHARS = 8 << 20;

  /** A part of a statement that only one of its forms has. */
  private static final Pattern FORM = Pattern.compile("\\{(\\w+):([^}]*)}");

  private static final RowBatch.Name OLD_SNAPSHOT = new RowBatch.Name(null, null);

  private final SlotStatements slots = new ArraysSlots();
  private final Map<ClaimText, String> claimTexts = new ConcurrentHashMap<>();

  ArraysStyle(Dialect dialect) {
    super(dialect, new FailedAttempts());
  }

  @Override
  SlotStatements slots() {
    return slots;
  }

  @Override
  Updates updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException {
    var changes = Updates.allLost(rows.size());
    RowBatch free = rows;
    if (waiting == LockWait.NONE) {
      String locked = session.texts(Sql.JOB_FINISH).get(1);
      List<Integer> positions = positions(session, locked, rows.keys());
      positions.forEach(position -> changes.results()[position - 1] = UpdateResult.LOCKED);
      free = rows.withoutTokens(positions);
    }
    if (sql == Sql.JOB_FINISH) {
      List<Integer> leaving = RememberedIds.mayLeave(free);
      String text = session.texts(sql).get(LEAVING) + ";\n" + session.texts(sql).get(LEAVING + 1);
      update(session, text, free.only(leaving).keys(), leaving, changes);
    }
    List<Integer> others =
        IntStream.range(0, rows.size())
            .filter(i -> changes.results()[i] == UpdateResult.LOST)
            .boxed()
            .toList();
    update(session, session.texts(sql).get(0), free.only(others), others, changes);
    return changes;
  }

  /** Changes some of the rows, which are at these positions of all, from 0 on. */
  private void update(
      Session session, String sql, RowBatch some, List<Integer> positions, Updates changes)
      throws SQLException {
    boolean hasKeys = dialect().hasKeys();
    if (some.size() > 0) {
      arrays(session, sql, some)
          .listFirst(
              row -> {
                int number = row.getInt(1) - 1;
                changes.updated(
                    positions.get(number),
                    hasKeys ? JobEnd.of(row, 2, some.text(number, 0), some.text(number, 1)) : null);
                return number;
              });
    }
  }

  @Override
  int requeuedTogether() {
    return REQUEUED_TOGETHER;
  }

  @Override
  Set<RowBatch.Name> requeueEach(Session session, String text, RowBatch rows, boolean simple)
      throws SQLException {
    return Set.copyOf(
        arrays(session, text, rows).bind("simple", simple ? 1L : 0L).list(RowBatch.Name::of));
  }

  /**
   * Without a savepoint, which would take a trip and a number of a transaction: a statement that
   * fails makes the commit fail, unless the driver has a savepoint before each.
   */
  @Override
  <T> T allOrNothing(Session session, Session.Work<T> work, Session.Work<?> undo)
      throws SQLException {
    return orUndo(session, work, undo);
  }

  @Override
  boolean[] insertEach(Session session, RowBatch rows, LockWait waiting) throws SQLException {
    boolean keyed = rows.has(JobOperations.JOB_KEY);
    List<String> texts = session.texts(Sql.JOB_INSERT);
    if (rows.size() > 1 || keyed) {
      if (session.isTriedAgain()) {
        // The first try has met a deadlock, which is rare.
        lockKeys(session, rows.pairs("dedupKey"), waiting);
      }
      String text = keyed ? session.texts(Sql.SLOT_INSERT).get(0) : texts.get(1);
      return rows.insertInParts(
          MAX_INSERT_CHARS,
          rows.size(),
          part -> arrays(session, text, part).list(RowBatch.Name::of));
    }
    NamedStatement statement =
        session.statement(texts.get(0)).bind(rows.columns(), rows.rows().get(0));
    return new boolean[] {statement.update() > 0};
  }

  @Override
  boolean insertsAlone() {
    return true;
  }

  /** The server runs both statements as one transaction, because the driver sends them together. */
  @Override
  boolean insertAlone(Session session, RowBatch row, String end, LockWait waiting)
      throws SQLException {
    String insert = session.texts(Sql.JOB_INSERT).get(0);
    String takeBack = session.texts(Sql.JOB_TAKE_BACK).get(1);
    List<Integer> counts =
        session
            .statement(insert + ";\n" + takeBack)
            .bind(row.columns(), row.rows().get(0))
            .bind("end", end)
            .counts();
    return counts.get(0) > counts.get(1);
  }

  @Override
  Optional<Set<RowBatch.Name>> remembered(Session session, List<RowBatch.Name> ids)
      throws SQLException {
    var asked =
        new RowBatch(ids.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.text("end"));
    for (RowBatch.Name name : ids) {
      String id = String.valueOf(name.second());
      asked.add(name.first(), id, RememberedIds.end(id));
    }
    String text = session.texts(Sql.REMEMBERED_FIND).get(0);
    List<RowBatch.Name> found = arrays(session, text, asked).list(RowBatch.Name::of);
    return found.contains(OLD_SNAPSHOT) ? Optional.empty() : Optional.of(Set.copyOf(found));
  }

  @Override
  <T> List<T> listEach(
      Session session, String text, RowBatch rows, NamedStatement.RowReader<T> reader)
      throws SQLException {
    return arrays(session, text, rows).list(reader);
  }

  @Override
  int changeEach(Session session, String text, RowBatch rows) throws SQLException {
    return arrays(session, text, rows).update();
  }

  @Override
  void removeEvents(Session session, String text, RowBatch events) throws SQLException {
    if (events.size() > 0) {
      var unused = arrays(session, text, events).update();
    }
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
          .bind("note", one.note())
          .list(RowMappers::lease);
    }
    var rows =
        new RowBatch(
            wanted.size(),
            RowBatch.text("name"),
            RowBatch.text("owner"),
            RowBatch.number("duration"),
            RowBatch.text("note"));
    wanted.forEach(
        one -> rows.add(one.name(), one.owner(), Micros.of(one.leaseDuration()), one.note()));
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
    return arrays(session, sql, rows).listFirst(row -> row.getInt(1));
  }

  /** A statement with the rows bound as arrays. */
  private static NamedStatement arrays(Session session, String sql, RowBatch rows)
      throws SQLException {
    return session.statement(sql).bindArrays(rows);
  }

  @Override
  List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException {
    var extensions = new ArrayList<Extension>(Collections.nCopies(leases.size(), Extension.lost()));
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
        extensions.set(missing.get(position - 1), Extension.busy());
      }
    }
    return extensions;
  }

  private static Extension held(ResultSet row) throws SQLException {
    return Extension.held(
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
    waiting(
        session,
        wait,
        own ->
            own.statement(Sql.JOB_LOCK)
                .bind("queue", lease.queue())
                .bind("id", lease.jobId())
                .bind("token", lease.token())
                .first(row -> wait));
  }

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    Look look = look(session, request, levels, false);
    if (look.metExpired) {
      look =
          dialect().hasKeys() && !session.isInTransaction()
              ? inTransaction(session, own -> lookAgain(own, request, levels))
              : lookAgain(session, request, levels);
    }
    // A look misses what was changed since it began; the next look sees it.
    for (int looks = 1; look.missed(request) && looks < MAX_LOOKS; looks++) {
      look =
          dialect().hasKeys() && !session.isInTransaction()
              ? inTransaction(session, own -> lookAgain(own, request, levels))
              : lookAgain(session, request, levels);
    }
    return look.claimed;
  }

  /** Looks once more, for jobs whose leases have expired too. The slots of spent ones are free. */
  private Look lookAgain(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    Look look = look(session, request, levels, true);
    noteEnded(session, look.claimed.ended());
    return look;
  }

  /**
   * What a look met.
   *
   * @param metExpired whether there were jobs whose leases have expired
   */
  private record Look(ClaimLook claimed, boolean metExpired) {
    boolean missed(ClaimLook.Request request) {
      return request.first() && claimed.cut() && claimed.met().isEmpty();
    }
  }

  /**
   * Looks once.
   *
   * @param expired whether it takes jobs whose leases have expired, and stores their failed
   *     attempts; otherwise it claims nothing if it meets some
   */
  private Look look(
      Session session, ClaimLook.Request request, Watermarks.Levels levels, boolean expired)
      throws SQLException {
    var met = new ArrayList<ClaimedRow>();
    long[] look = new long[2];
    List<Boolean> metExpired =
        claimStatement(session, session.texts(Sql.JOB_CLAIM).get(0), request, levels, expired)
            .list(
                row -> {
                  look[0] = row.getLong(1);
                  look[1] = row.getLong(2);
                  ClaimedRow claimed = request.claimed(row, 2);
                  if (claimed != null) {
                    met.add(claimed);
                  }
                  return row.getBoolean("expired");
                });
    return new Look(new ClaimLook(look[0], met, met.size() < look[1]), metExpired.get(0));
  }

  private record ClaimText(int size, boolean expired) {}

  /** The statement in one of its forms, for a limit. There is one for each power of two. */
  private String claimText(String sql, int limit, boolean expired) {
    int size = Integer.highestOneBit(Math.max(1, 2 * limit - 1));
    return claimTexts.computeIfAbsent(
        new ClaimText(size, expired),
        key ->
            FORM.matcher(sql)
                .replaceAll(
                    part ->
                        part.group(1).equals(expired ? "expired" : "fresh")
                            ? Matcher.quoteReplacement(part.group(2))
                            : "")
                .replace("{limit}", Integer.toString(size)));
  }

  NamedStatement claimStatement(
      Session session,
      String sql,
      ClaimLook.Request request,
      Watermarks.Levels levels,
      boolean expired)
      throws SQLException {
    List<ClaimRange> ranges = levels.ranges();
    return session
        .statement(claimText(sql, request.limit(), expired))
        .bindArray("priority", "int8", numbers(ranges, ClaimRange::priority))
        .bindArray("due", "int8", numbers(ranges, ClaimRange::due))
        .bindArray("seq", "int8", numbers(ranges, ClaimRange::seq))
        .bindArray("toDue", "int8", numbers(ranges, ClaimRange::toDue))
        .bindArray("toSeq", "int8", numbers(ranges, ClaimRange::toSeq))
        .bind("queue", request.queue())
        .bind("owner", request.owner())
        .bind("limit", request.limit())
        .bind("maxBytes", request.maxBytes())
        .bind("first", request.first())
        .bind("duration", request.duration())
        .bind("keep", request.keep());
  }

  private static @Nullable Object[] numbers(
      List<ClaimRange> ranges, ToLongFunction<ClaimRange> number) {
    return ranges.stream().mapToLong(number).boxed().toArray();
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    return dialect().hasKeys() && !session.isInTransaction()
        ? inTransaction(session, own -> resetSlice(own, request))
        : resetSlice(session, request);
  }

  private ResetSlice resetSlice(Session session, ResetSlice.Request request) throws SQLException {
    String slice = Integer.toString(request.slice());
    String text = session.texts(Sql.JOB_RESET_EXPIRED).get(0).replace("{slice}", slice);
    var next = new ArrayList<QueuePosition>();
    var finished = new ArrayList<FinishedJob>();
    var ended = new ArrayList<JobEnd>();
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
                    JobEnd end = dialect().hasKeys() ? JobEnd.of(row, job) : null;
                    if (end != null) {
                      ended.add(end);
                    }
                  }
                  return row.getString("id") != null;
                });
    noteEnded(session, ended);
    return new ResetSlice(
        Collections.frequency(changed, true), finished, next.isEmpty() ? null : next.get(0));
  }
}
