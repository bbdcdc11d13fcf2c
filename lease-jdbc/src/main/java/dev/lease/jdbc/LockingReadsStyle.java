package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.StoreException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * For databases that lock rows and skip locked ones, but whose updates do not return rows: a
 * statement before locks and reads them, and the update finds them by their {@code seq}. It takes
 * into account that a locking read may lock the gap beside a row, as in MariaDB's InnoDB.
 */
final class LockingReadsStyle extends StyleStatements {

  /**
   * An insert takes further rows until they have this many characters, well below the smallest
   * packet.
   */
  private static final int MAX_INSERT_CHARS = 200_000;

  /** How many statements the file of an insert has that returns the rows that it makes. */
  static final int RETURNING_INSERT = 2;

  /** The statement of the file of a finish that removes jobs. */
  private static final int REMOVE = 4;

  private static final String BEFORE_LOOK = "lease_look";

  private static final Pattern INSERTED = Pattern.compile("\\{rows:(.*)}", Pattern.DOTALL);
  private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");

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
  private record Met(long seq, String id, boolean expired, long bytes, boolean spent, long asOf) {
    long size() {
      return spent ? ClaimLook.Request.FINISHED : bytes;
    }
  }

  /** A locked row, with the time when it was locked. */
  private record Locked(Key key, long seq, boolean cancelRequested, long asOf) {}

  private final ManyRows many;
  private final SlotStatements slots = new LockingSlots();

  LockingReadsStyle(Dialect dialect) {
    this(dialect, new ManyRows(dialect));
  }

  private LockingReadsStyle(Dialect dialect, ManyRows many) {
    super(dialect, new NumberedFailedAttempts(many));
    this.many = many;
  }

  @Override
  SlotStatements slots() {
    return slots;
  }

  /** One statement changes all rows with the same values; one batch changes the others. */
  @Override
  Updates updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException {
    List<String> texts = session.texts(sql);
    List<Key> keys =
        rows.rows().stream()
            .map(row -> new Key((String) row[0], (String) row[1], (Long) row[2]))
            .toList();
    Map<Key, Long> held = Map.of();
    Map<Key, Long> locked;
    Set<Key> bare = new HashSet<>();
    Map<Key, JobEnd> ends = new HashMap<>();
    if (waiting == LockWait.NONE) {
      List<String> finish = session.texts(Sql.JOB_FINISH);
      held = held(session, finish.get(2), keys, row -> addEnd(row, ends));
      locked =
          locked(session, finish.get(3), held).stream()
              .collect(Collectors.toMap(Locked::key, Locked::seq));
    } else {
      String text = session.texts(sql, waiting).get(0);
      locked =
          held(
              session,
              text,
              keys,
              row -> {
                addEnd(row, ends);
                if (sql == Sql.JOB_FINISH) {
                  addBare(row, bare);
                }
              });
    }
    var gone = new HashMap<Long, RememberedIds.Gone>();
    Updates changes = Updates.allLost(rows.size());
    Map<List<@Nullable Object>, List<Long>> alike = new LinkedHashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      Long seq = locked.get(keys.get(i));
      if (seq != null) {
        changes.updated(i, ends.get(keys.get(i)));
      } else if (held.containsKey(keys.get(i))) {
        changes.results()[i] = UpdateResult.LOCKED;
      }
      @Nullable Object[] row = rows.rows().get(i);
      if (seq != null && bare.contains(keys.get(i)) && RememberedIds.mayLeave(row)) {
        gone.put(seq, RememberedIds.Gone.now(row));
      } else if (seq != null) {
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
        many.update(session, texts.get(1), seqs, each -> each.bind(columns, values.toArray()));
      }
    }
    if (singles.size() > 0) {
      session.statement(texts.get(1).replace("{found}", ":seq")).updateEach(singles);
    }
    if (!gone.isEmpty()) {
      many.update(session, texts.get(REMOVE), gone.keySet(), each -> each);
      remember(session, List.copyOf(gone.values()));
    }
    addOutcomes(session, changes, i -> locked.get(keys.get(i)));
    return changes;
  }

  /**
   * Adds a job that may leave nothing but its id. One with a dedup key keeps its row: an insert
   * locks what is left of it.
   */
  private static void addBare(ResultSet row, Set<Key> bare) throws SQLException {
    Long keep = RowMappers.number(row, "keep");
    if ((keep == null || keep == 0) && row.getString("dedup_key") == null) {
      bare.add(Key.of(row));
    }
  }

  private void addEnd(ResultSet row, Map<Key, JobEnd> ends) throws SQLException {
    Key key = Key.of(row);
    JobEnd end = dialect().hasKeys() ? JobEnd.of(row, key.queue(), key.id()) : null;
    if (end != null) {
      ends.put(key, end);
    }
  }

  /** How the jobs have ended that were changed and are of graphs: when they were read, none had. */
  private void addOutcomes(Session session, Updates changes, IntFunction<@Nullable Long> seq)
      throws SQLException {
    Map<Long, Integer> positions = new HashMap<>();
    changes
        .ends()
        .forEach(
            (i, end) -> {
              if (end.graph() != null) {
                positions.put(seq.apply(i), i);
              }
            });
    if (!positions.isEmpty()) {
      many.list(
          session,
          session.texts(Sql.GRAPH_OUTCOME).get(0),
          positions.keySet(),
          each -> each,
          row -> {
            int position = Objects.requireNonNull(positions.get(row.getLong(1)));
            JobEnd end = Objects.requireNonNull(changes.ends().get(position));
            return changes.ends().put(position, end.withOutcome(row.getInt(2)));
          });
    }
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

  @Override
  boolean insertsAlone() {
    return dialect().asTransaction("") != null;
  }

  /**
   * One trip, if the database runs several statements as one transaction. It asks by itself whether
   * the id is remembered: as a condition of the delete, the question would lock what it reads, and
   * the first id of the next queue.
   */
  @Override
  boolean insertAlone(Session session, RowBatch row, String end, LockWait waiting)
      throws SQLException {
    String insert =
        INSERTED
            .matcher(session.texts(Sql.JOB_INSERT).get(0))
            .replaceFirst(rows -> Matcher.quoteReplacement(rows.group(1)));
    List<String> takeBack = session.texts(Sql.JOB_TAKE_BACK);
    String together =
        Objects.requireNonNull(
            dialect()
                .asTransaction(
                    // Or an insert that stores nothing leaves the number of an earlier one.
                    "do last_insert_id(0); "
                        + insert
                        + "; "
                        + takeBack.get(1)
                        + "; if found_rows() > 0 then "
                        + takeBack.get(0)
                        + "; end if"));
    try {
      List<Integer> counts =
          session
              .statement(session.withWait(together, waiting))
              .bind(row.columns(), row.rows().get(0))
              .bind("end", end)
              .counts();
      return counts.get(0) > counts.get(1);
    } catch (SQLException | RuntimeException e) {
      try {
        if (e instanceof SQLException cut
            && dialect().isLockTimeout(cut)
            && isCommitted(session, takeBack.get(2), row.first(2))) {
          return true;
        }
        session.statementOnce("rollback").update();
      } catch (SQLException again) {
        e.addSuppressed(again);
        session.fails();
      }
      throw e;
    }
  }

  private static boolean isCommitted(Session session, String text, RowBatch job)
      throws SQLException {
    return session
        .statement(text)
        .bind(job.columns(), job.rows().get(0))
        .first(row -> row.getLong(1))
        .isPresent();
  }

  /** Those of some dedup keys that are taken. Nobody else's batch takes one until the end. */
  private Set<RowBatch.Name> taken(Session session, Set<RowBatch.Name> keys, LockWait waiting)
      throws SQLException {
    var rows = new RowBatch(keys.size(), RowBatch.text("queue"), RowBatch.text("dedupKey"));
    keys.forEach(key -> rows.add(key.first(), key.second()));
    String text = session.texts(Sql.JOB_INSERT, waiting).get(1).replace("{found}", buckets(keys));
    return new HashSet<>(many.list(session, text, rows, RowBatch.Name::of));
  }

  private boolean[] insertFree(Session session, RowBatch rows, LockWait waiting)
      throws SQLException {
    Sql sql = rows.has(JobOperations.JOB_KEY) ? Sql.SLOT_INSERT : Sql.JOB_INSERT;
    List<String> texts = session.texts(sql, waiting);
    return rows.insertInParts(
        MAX_INSERT_CHARS,
        many.most(rows.columns().size()),
        part -> {
          NamedStatement insert = insert(session, texts.get(0), part);
          if (sql == Sql.SLOT_INSERT) {
            return keyed(session, insert, texts.get(1));
          }
          return texts.size() == RETURNING_INSERT
              ? insert.list(RowBatch.Name::of)
              : counted(session, texts.get(RETURNING_INSERT), part, insert.update());
        });
  }

  /** Stores jobs of which some have keys. Those that are not due get another place. */
  private List<RowBatch.Name> keyed(Session session, NamedStatement insert, String later)
      throws SQLException {
    List<Long> seqs = new ArrayList<>();
    List<RowBatch.Name> made =
        insert.list(
            row -> {
              Long seq = RowMappers.number(row, "later");
              if (seq != null) {
                seqs.add(seq);
              }
              return RowBatch.Name.of(row);
            });
    if (!seqs.isEmpty()) {
      many.update(session, later, seqs, each -> each);
    }
    return made;
  }

  /** Those of some jobs that an insert has made which does not tell more than their number. */
  private List<RowBatch.Name> counted(Session session, String text, RowBatch rows, int made)
      throws SQLException {
    if (made == 0 || made == rows.size()) {
      return rows.names().subList(0, made);
    }
    return many.list(
        session, text.replace("{made}", Integer.toString(made)), rows.first(2), RowBatch.Name::of);
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
  void makeGuard(Session session, FencedHolder holder) {
    String text = session.texts(Sql.FENCE_RAISE).get(0);
    holder.bound(session.handle().createUpdate(text)).execute();
  }

  @Override
  long raiseGuard(Session session, FencedHolder holder) throws SQLException {
    List<String> texts = session.texts(Sql.FENCE_RAISE);
    long seen =
        holder
            .bound(session.handle().createQuery(texts.get(1)))
            .mapTo(Long.class)
            .findOne()
            .orElseThrow(
                () ->
                    StoreException.notDone(
                        "could not pass a fence: its unused guard has just been removed", null));
    if (seen <= holder.token()) {
      holder.bound(session.handle().createUpdate(texts.get(2))).execute();
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
      many.update(
          session,
          texts.get(2),
          free.stream().map(Locked::seq).toList(),
          each -> each.bind("asOf", asOf).bind("duration", duration));
      for (Locked row : free) {
        extensions.put(
            row.key(), Extension.held(Micros.instant(asOf + duration), row.cancelRequested()));
      }
    }
    if (extensions.size() < held.size()) {
      held(session, texts.get(0), keys)
          .keySet()
          .forEach(key -> extensions.putIfAbsent(key, Extension.busy()));
    }
    return leases.stream()
        .map(lease -> extensions.getOrDefault(Key.of(lease), Extension.lost()))
        .toList();
  }

  @Override
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_EXTEND);
    Map<Key, Long> held = held(session, texts.get(0), List.of(Key.of(lease)));
    if (!held.isEmpty()) {
      String text = dialect().briefly(texts.get(3), wait);
      waiting(session, wait, own -> many.list(own, text, held.values(), row -> wait));
    }
  }

  /** The {@code seq} of each row that has one of these keys. */
  private Map<Key, Long> held(Session session, String text, List<Key> keys) throws SQLException {
    return held(session, text, keys, row -> {});
  }

  private interface RowLook {
    void at(ResultSet row) throws SQLException;
  }

  private Map<Key, Long> held(Session session, String text, List<Key> keys, RowLook look)
      throws SQLException {
    var rows =
        new RowBatch(
            keys.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("token"));
    keys.forEach(key -> rows.add(key.queue(), key.id(), key.token()));
    Map<Key, Long> held = new HashMap<>();
    many.list(
        session,
        text,
        rows,
        row -> {
          look.at(row);
          return held.put(Key.of(row), row.getLong("seq"));
        });
    return held;
  }

  private List<Locked> locked(Session session, String text, Map<Key, Long> held)
      throws SQLException {
    if (held.isEmpty()) {
      return List.of();
    }
    return many
        .list(
            session,
            text,
            held.values(),
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
  boolean walksOverDead() {
    return true;
  }

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    List<String> texts = session.texts(Sql.JOB_CLAIM);
    List<QueuePosition> places = places(session, texts, request, levels);
    long asOf = places.remove(places.size() - 1).dueAt();
    var met = new ArrayList<Long>();
    List<Long> sizes = new ArrayList<>();
    boolean cut = false;
    for (int priority = Limits.MAX_PRIORITY; priority >= 0; priority--) {
      int limit = request.limit() - met.size();
      List<QueuePosition> of = of(places, priority);
      if (!of.isEmpty() && limit > 0 && !cut) {
        List<Met> level =
            of.size() < limit
                ? lock(session, texts, request, of)
                : meet(session, texts, request, of.get(0), limit);
        List<Long> ofLevel = level.stream().map(Met::size).toList();
        int fitting = request.fitting(sizes, ofLevel);
        cut = fitting < level.size();
        level = level.subList(0, fitting);
        failedAttempts()
            .expired(
                session,
                request.queue(),
                level.stream().filter(Met::expired).map(Met::id).toList());
        change(session, texts, request, level);
        level.forEach(row -> met.add(row.seq()));
        sizes.addAll(ofLevel.subList(0, fitting));
      }
    }
    Set<Integer> seen = places.stream().map(QueuePosition::priority).collect(Collectors.toSet());
    var look = new ClaimLook(asOf, claimed(session, texts, request, met), cut, seen);
    noteEnded(session, look.ended());
    return look;
  }

  private static List<QueuePosition> of(List<QueuePosition> places, int priority) {
    return places.stream().filter(place -> place.priority() == priority).toList();
  }

  /**
   * Where there are jobs to claim, at most as many in each priority as are wanted. The last element
   * only has the time.
   */
  private static List<QueuePosition> places(
      Session session, List<String> texts, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    List<ClaimRange> ranges = levels.ranges();
    Stream<String> each =
        IntStream.range(0, ranges.size())
            .mapToObj(i -> texts.get(0).replace("{range}", Integer.toString(i)));
    String all =
        Stream.concat(each, Stream.of(texts.get(1))).collect(Collectors.joining("\nunion all\n"));
    NamedStatement statement = session.statement(all);
    if (!ranges.isEmpty()) {
      statement.bind("queue", request.queue()).bind("limit", request.limit());
    }
    List<QueuePosition> places = ClaimRange.bindBegins(ranges, statement).list(QueuePosition::of);
    places.sort(
        Comparator.comparingInt(QueuePosition::priority)
            .reversed()
            .thenComparingLong(QueuePosition::dueAt)
            .thenComparingLong(QueuePosition::seq));
    return places;
  }

  /** Locks the next jobs of a priority, from a place on. */
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
        .list(LockingReadsStyle::met);
  }

  /** Locks the jobs at these places, in their order. */
  private List<Met> lock(
      Session session, List<String> texts, ClaimLook.Request request, List<QueuePosition> places)
      throws SQLException {
    List<Long> seqs = places.stream().map(QueuePosition::seq).toList();
    Map<Long, Met> locked =
        many
            .list(
                session,
                texts.get(3),
                seqs,
                each ->
                    each.bind("queue", request.queue()).bind("priority", places.get(0).priority()),
                LockingReadsStyle::met)
            .stream()
            .collect(Collectors.toMap(Met::seq, row -> row));
    return seqs.stream().map(locked::get).filter(Objects::nonNull).toList();
  }

  private static Met met(ResultSet row) throws SQLException {
    return new Met(
        row.getLong("seq"),
        row.getString("id"),
        row.getBoolean("expired"),
        row.getLong("bytes"),
        row.getBoolean("spent"),
        row.getLong("as_of"));
  }

  private void change(
      Session session, List<String> texts, ClaimLook.Request request, List<Met> level)
      throws SQLException {
    List<Long> taken = level.stream().filter(row -> !row.spent()).map(Met::seq).toList();
    List<Long> finished = level.stream().filter(Met::spent).map(Met::seq).toList();
    if (!taken.isEmpty()) {
      many.update(
          session,
          texts.get(4),
          taken,
          each ->
              each.bind("asOf", level.get(0).asOf())
                  .bind("owner", request.owner())
                  .bind("duration", request.duration()));
    }
    if (!finished.isEmpty()) {
      many.update(
          session,
          texts.get(5),
          finished,
          each -> each.bind("asOf", level.get(0).asOf()).bind("keep", request.keep()));
    }
  }

  private List<ClaimedRow> claimed(
      Session session, List<String> texts, ClaimLook.Request request, List<Long> met)
      throws SQLException {
    return met.isEmpty()
        ? new ArrayList<>()
        : many.list(session, texts.get(6), met, request::claimed);
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_RESET_EXPIRED);
    ResetWalk walk = ResetWalk.over(session, texts.get(0), request);
    var expired = new ArrayList<String>();
    List<Long> free =
        walk.found().isEmpty()
            ? List.of()
            : many.list(
                session,
                texts.get(1),
                walk.found(),
                each -> each.bind("spentOnly", request.spentOnly()),
                row -> {
                  String id = row.getString("expired");
                  if (id != null) {
                    expired.add(id);
                  }
                  return row.getLong("seq");
                });
    if (free.isEmpty()) {
      return new ResetSlice(0, List.of(), walk.next());
    }
    failedAttempts().expired(session, request.queue(), expired);
    many.update(session, texts.get(2), free, each -> each.bind("keep", request.keep()));
    var ended = new ArrayList<JobEnd>();
    List<FinishedJob> finished =
        many
            .list(
                session,
                texts.get(3),
                free,
                row -> {
                  FinishedJob job = RowMappers.finished(row, request.queue());
                  JobEnd end = job != null && dialect().hasKeys() ? JobEnd.of(row, job) : null;
                  if (end != null) {
                    ended.add(end);
                  }
                  return Optional.ofNullable(job);
                })
            .stream()
            .flatMap(Optional::stream)
            .toList();
    noteEnded(session, ended);
    return new ResetSlice(free.size(), finished, walk.next());
  }
}
