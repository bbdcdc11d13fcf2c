package dev.lease.jdbc;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jspecify.annotations.Nullable;

/** Reads pages of jobs, each in pieces of a bounded number of jobs [Q84]. */
final class JobPages {

  /**
   * How many jobs a statement examines, if it does not want all of them. With more, a database that
   * puts a list together from parts would sort too many.
   */
  private static final int PIECE = 500;

  /** How many queues one statement puts a list together from. */
  private static final int QUEUES = 100;

  /** The most values that the jobs of one queue in one state need: the queue, times, a place. */
  private static final int VALUES_OF_A_STATE = 7;

  /** Runs a statement on a connection. */
  interface Calls {
    <T> T run(Session.Work<T> work);
  }

  /** What was read of a job, and the cursor of a page that ends with it. */
  record Listed<T>(String cursor, T job) {}

  /** A page whose jobs have their cursors. */
  record Page<T>(List<Listed<T>> jobs, @Nullable String next, int examined) {}

  private final Database database;

  JobPages(Database database) {
    this.database = database;
  }

  Page<Job> page(JobQuery query, Calls calls) {
    return page(query, query.isBrief() ? RowMappers.BRIEF_JOBS : RowMappers.JOBS, calls);
  }

  /** Reads a page, of each job only what is asked for. */
  <T> Page<T> page(JobQuery query, RowMappers.Read<T> read, Calls calls) {
    String cursor = query.after();
    JobPlace after = cursor == null ? null : JobPlace.of(cursor, query.order());
    List<Map<String, String>> parts = parts(query, calls);
    List<Listed<T>> jobs = new ArrayList<>();
    int examined = 0;
    int left = query.examineAtMost();
    if (!mayHaveJobs(query, parts, calls)) {
      return new Page<>(jobs, null, examined);
    }
    while (true) {
      int limit = query.limit() - jobs.size();
      Piece<T> piece = piece(query, read, after, parts, limit, left, calls);
      for (RowMappers.Examined<T> row : piece.rows()) {
        T job = row.job();
        if (job != null) {
          jobs.add(new Listed<>(row.place().text(query.order()), job));
        }
      }
      examined += piece.examined();
      left -= piece.ofOnePart();
      if (jobs.size() == query.limit()) {
        return new Page<>(jobs, jobs.get(jobs.size() - 1).cursor(), examined);
      }
      after = piece.end();
      if (after == null) {
        return new Page<>(jobs, null, examined);
      }
      if (left == 0) {
        return new Page<>(jobs, after.text(query.order()), examined);
      }
    }
  }

  /**
   * What was examined between two places of a list.
   *
   * @param rows the jobs that match, in order, and perhaps others
   * @param examined how many jobs were examined
   * @param ofOnePart how many of one part, at most
   * @param end where it ends; null if there are no jobs behind
   */
  private record Piece<T>(
      List<RowMappers.Examined<T>> rows, int examined, int ofOnePart, @Nullable JobPlace end) {}

  /**
   * Reads the next piece: from each part of the list as many jobs as if it were the whole.
   *
   * @param limit how many jobs may match
   * @param left how many jobs of a part may be examined
   */
  private <T> Piece<T> piece(
      JobQuery query,
      RowMappers.Read<T> read,
      @Nullable JobPlace after,
      List<Map<String, String>> parts,
      int limit,
      int left,
      Calls calls) {
    var conditions = new JobConditions(query, after);
    List<RowMappers.Examined<T>> rows = List.of();
    JobPlace end = null;
    int examined = 0;
    int ofOnePart = 0;
    for (Map<String, String> queues : parts) {
      SqlCatalog.Listing listing =
          database.catalog().list(conditions, query.order(), queues.keySet(), read.columns());
      boolean isLong = left < query.examineAtMost() || listing.choosesRows();
      int most = Math.min(left, isLong ? Math.max(limit, PIECE) : limit);
      Map<String, Object> values = new HashMap<>(conditions.values());
      values.putAll(queues);
      values.put("limit", limit);
      values.put("most", most);
      List<RowMappers.Examined<T>> some =
          calls.run(session -> rows(session.handle(), listing.text(), values, read));
      RowMappers.Examined<T> last = some.isEmpty() ? null : some.get(some.size() - 1);
      if (last != null) {
        examined += last.number();
        ofOnePart = Math.max(ofOnePart, last.number());
        if (last.number() == most && (end == null || last.place().compareTo(end) < 0)) {
          end = last.place();
        }
      }
      rows = parts.size() == 1 ? some : merged(rows, some, end, limit);
    }
    return new Piece<>(rows, examined, ofOnePart, end);
  }

  /** The first jobs of two parts, up to the place to which both were read. */
  private static <T> List<RowMappers.Examined<T>> merged(
      List<RowMappers.Examined<T>> rows,
      List<RowMappers.Examined<T>> others,
      @Nullable JobPlace end,
      int limit) {
    return Stream.concat(rows.stream(), others.stream())
        .filter(row -> row.job() != null)
        .filter(row -> end == null || row.place().compareTo(end) <= 0)
        .sorted(Comparator.comparing(RowMappers.Examined<T>::place))
        .limit(limit)
        .toList();
  }

  long count(Handle handle, JobFilter filter, long most) {
    var conditions = new JobConditions(JobQuery.of(filter), null);
    return database
        .statements()
        .plannedAnew(
            handle,
            () ->
                handle
                    .createQuery(database.catalog().count(conditions))
                    .bindMap(conditions.values())
                    .bind("most", most)
                    .mapTo(Long.class)
                    .one());
  }

  private <T> List<RowMappers.Examined<T>> rows(
      Handle handle, String text, Map<String, Object> values, RowMappers.Read<T> read) {
    return database
        .statements()
        .plannedAnew(
            handle,
            () ->
                handle
                    .createQuery(text)
                    .configure(SqlStatements.class, it -> it.setUnusedBindingAllowed(true))
                    .bindMap(values)
                    .map((row, context) -> RowMappers.examined(row, read.reader()))
                    .list());
  }

  /**
   * The queues that a list by the times of the finishes has to be put together from, each by the
   * name of its value: no index has the jobs of all queues in that order. Each part is as many as
   * one statement may name. Other lists have one part.
   */
  private List<Map<String, String>> parts(JobQuery query, Calls calls) {
    if (query.order() != JobOrder.LAST_FINISHED_FIRST) {
      return List.of(Map.of());
    }
    String only = query.filter().queue();
    List<String> queues = only == null ? queues(calls) : List.of(only);
    int states = new JobConditions(query, null).finishedStates().size();
    int most = new ManyRows(database.dialect()).most(states * VALUES_OF_A_STATE);
    int size = Math.max(1, Math.min(most, QUEUES));
    List<Map<String, String>> parts = new ArrayList<>();
    for (int i = 0; i < queues.size(); i++) {
      if (i % size == 0) {
        parts.add(new HashMap<>());
      }
      parts.get(parts.size() - 1).put("queue" + i % size, queues.get(i));
    }
    return parts;
  }

  private boolean mayHaveJobs(JobQuery query, List<Map<String, String>> parts, Calls calls) {
    if (query.order() == JobOrder.LAST_FINISHED_FIRST) {
      return !parts.isEmpty();
    }
    var conditions = new JobConditions(query, null);
    String exists = database.catalog().queueExists(conditions);
    return exists == null
        || calls.run(
            session ->
                session
                    .statement(exists)
                    .bind(conditions.values())
                    .first(row -> true)
                    .orElse(false));
  }

  private static List<String> queues(Calls calls) {
    return calls.run(session -> session.statement(Sql.JOB_QUEUES).list(row -> row.getString(1)));
  }
}
