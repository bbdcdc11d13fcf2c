package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.Micros;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For databases with one writer at a time, which return the rows that a statement changes: one row
 * a statement, and no locks.
 */
final class SingleWriterStyle extends StyleStatements {

  /** The part of a statement that stands there once for each range. */
  private static final Pattern RANGE = Pattern.compile("\\{range:([^}]*)}");

  private static final Pattern PARAMETER = Pattern.compile(":\\w+");

  private final SlotStatements slots = new SingleSlots();
  private final Map<Integer, String> lookTexts = new ConcurrentHashMap<>();

  SingleWriterStyle(Dialect dialect) {
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
    if (sql == Sql.JOB_FINISH) {
      leave(session, rows, changes);
    }
    String text = session.texts(sql).get(0);
    for (int i = 0; i < rows.size(); i++) {
      if (changes.results()[i] == UpdateResult.LOST) {
        update(session, text, rows, i, changes);
      }
    }
    return changes;
  }

  /** Finishes those jobs whose ids stay in rows with others. */
  private void leave(Session session, RowBatch rows, Updates changes) throws SQLException {
    String text = session.texts(Sql.JOB_FINISH).get(1);
    RowBatch leaving = rows.keys();
    var gone = new ArrayList<RememberedIds.Gone>();
    for (int i : RememberedIds.mayLeave(rows)) {
      if (update(session, text, leaving, i, changes)) {
        gone.add(RememberedIds.Gone.now(leaving.rows().get(i)));
      }
    }
    remember(session, gone);
  }

  /**
   * Changes the job of one row, and notes what others have of that. No look before it finds that:
   * SQLite lets no transaction of the caller's that has read wait for another writer.
   */
  private static boolean update(Session session, String text, RowBatch rows, int i, Updates changes)
      throws SQLException {
    List<Optional<JobEnd>> ends =
        session
            .statement(text)
            .bind(rows.columns(), rows.rows().get(i))
            .list(row -> Optional.ofNullable(JobEnd.of(row, 1, rows.text(i, 0), rows.text(i, 1))));
    ends.forEach(end -> changes.updated(i, end.orElse(null)));
    return !ends.isEmpty();
  }

  @Override
  boolean[] insertEach(Session session, RowBatch rows, LockWait waiting) throws SQLException {
    Sql sql = rows.has(JobOperations.JOB_KEY) ? Sql.SLOT_INSERT : Sql.JOB_INSERT;
    return each(session, session.texts(sql).get(0), rows);
  }

  private static boolean[] each(Session session, String text, RowBatch rows) throws SQLException {
    if (rows.size() == 0) {
      return new boolean[0];
    }
    int[] counts = session.statement(text).updateEach(rows);
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
                      Extension.held(
                          Micros.instant(row.getLong("expires_at")),
                          row.getBoolean("cancel_requested")))
              .orElseGet(Extension::lost));
    }
    return extensions;
  }

  /** A row that a claim met, with the id if its lease has expired. */
  private record Met(long asOf, long seq, @Nullable String expired, long bytes, boolean spent) {
    long size() {
      return spent ? ClaimLook.Request.FINISHED : bytes;
    }
  }

  @Override
  ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException {
    List<String> texts = session.texts(Sql.JOB_CLAIM);
    List<ClaimRange> ranges = levels.ranges();
    NamedStatement statement = session.statement(lookText(texts.get(0), ranges.size()));
    List<Met> looked =
        ClaimRange.bindEnds(ranges, ClaimRange.bindBegins(ranges, statement))
            .bind("queue", request.queue())
            .bind("limit", request.limit())
            .list(
                row ->
                    new Met(
                        row.getLong(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getBoolean(5)));
    long asOf = looked.get(0).asOf();
    // A look that met nothing returns one row, which only has the time.
    List<Met> found = looked.get(0).seq() == 0 ? List.of() : looked;
    int fitting = request.fitting(List.of(), found.stream().map(Met::size).toList());
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
    List<Long> claimed = taken.stream().filter(row -> !row.spent()).map(Met::seq).toList();
    List<Long> finished = taken.stream().filter(Met::spent).map(Met::seq).toList();
    List<ClaimedRow> met = new ArrayList<>(fitting);
    if (!claimed.isEmpty()) {
      met.addAll(
          session
              .statement(texts.get(1))
              .bind("found", claimed.toString())
              .bind("asOf", asOf)
              .bind("owner", request.owner())
              .bind("duration", request.duration())
              .list(request::claimed));
    }
    if (!finished.isEmpty()) {
      met.addAll(
          session
              .statement(texts.get(2))
              .bind("found", finished.toString())
              .bind("asOf", asOf)
              .bind("keep", request.keep())
              .list(request::claimed));
    }
    var claim = new ClaimLook(asOf, met, fitting < found.size());
    noteEnded(session, claim.ended());
    return claim;
  }

  /** The statement that looks at so many ranges. */
  private String lookText(String sql, int ranges) {
    return lookTexts.computeIfAbsent(
        ranges,
        size ->
            RANGE
                .matcher(sql)
                .replaceAll(
                    range ->
                        IntStream.range(0, size)
                            .mapToObj(
                                i ->
                                    PARAMETER
                                        .matcher(range.group(1))
                                        .replaceAll(of -> of.group() + i))
                            .collect(Collectors.joining(", "))));
  }

  @Override
  ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException {
    List<String> texts = session.texts(Sql.JOB_RESET_EXPIRED);
    ResetWalk walk = ResetWalk.over(session, texts.get(0), request);
    if (walk.found().isEmpty()) {
      return new ResetSlice(0, List.of(), walk.next());
    }
    String found = walk.found().toString();
    List<String> expired =
        session.statement(texts.get(1)).bind("found", found).list(row -> row.getString("id"));
    failedAttempts().expired(session, request.queue(), expired);
    var ended = new ArrayList<JobEnd>();
    List<Optional<FinishedJob>> changed =
        session
            .statement(texts.get(2))
            .bind("found", found)
            .bind("keep", request.keep())
            .list(
                row -> {
                  FinishedJob job = RowMappers.finished(row, request.queue());
                  JobEnd end = job != null && dialect().hasKeys() ? JobEnd.of(row, job) : null;
                  if (end != null) {
                    ended.add(end);
                  }
                  return Optional.ofNullable(job);
                });
    noteEnded(session, ended);
    List<FinishedJob> finished = changed.stream().flatMap(Optional::stream).toList();
    return new ResetSlice(changed.size(), finished, walk.next());
  }
}
