package dev.lease.jdbc;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Runs a statement on a connection. */
  interface Calls {
    <T> T run(Session.Work<T> work);
  }

  /** A job, and the cursor of a page that ends with it. */
  record Listed(String cursor, Job job) {}

  /** A page whose jobs have their cursors. */
  record Page(List<Listed> jobs, @Nullable String next, int examined) {}

  private final Database database;

  JobPages(Database database) {
    this.database = database;
  }

  Page page(JobQuery query, Calls calls) {
    String cursor = query.after();
    JobPlace after = cursor == null ? null : JobPlace.of(cursor, query.order());
    Map<String, String> queues = queues(query, calls);
    List<Listed> jobs = new ArrayList<>();
    int examined = 0;
    if (!mayHaveJobs(query, queues, calls)) {
      return new Page(jobs, null, examined);
    }
    while (true) {
      var conditions = new JobConditions(query, after);
      SqlCatalog.Listing listing =
          database.catalog().list(conditions, query.order(), queues.keySet(), query.isBrief());
      int limit = query.limit() - jobs.size();
      int piece = examined > 0 || listing.choosesRows() ? Math.max(limit, PIECE) : limit;
      int most = Math.min(query.examineAtMost() - examined, piece);
      Map<String, Object> values = new HashMap<>(conditions.values());
      values.putAll(queues);
      values.put("limit", limit);
      values.put("most", most);
      List<RowMappers.Examined> rows =
          calls.run(session -> rows(session.handle(), listing.text(), values));
      for (RowMappers.Examined row : rows) {
        Job job = row.job();
        if (job != null) {
          String text = row.place().text(query.order());
          jobs.add(new Listed(text, query.isBrief() ? job.brief() : job));
        }
      }
      int now = rows.isEmpty() ? 0 : rows.get(rows.size() - 1).number();
      examined += now;
      if (jobs.size() == query.limit()) {
        return new Page(jobs, jobs.get(jobs.size() - 1).cursor(), examined);
      }
      if (now < most) {
        return new Page(jobs, null, examined);
      }
      after = rows.get(rows.size() - 1).place();
      if (examined == query.examineAtMost()) {
        return new Page(jobs, after.text(query.order()), examined);
      }
    }
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

  private List<RowMappers.Examined> rows(Handle handle, String text, Map<String, Object> values) {
    return database
        .statements()
        .plannedAnew(
            handle,
            () ->
                handle
                    .createQuery(text)
                    .configure(SqlStatements.class, it -> it.setUnusedBindingAllowed(true))
                    .bindMap(values)
                    .map((row, context) -> RowMappers.examined(row))
                    .list());
  }

  /**
   * The queues that a list by the times of the finishes has to be put together from, each by the
   * name of its value. No index has the jobs of all queues in that order.
   */
  private static Map<String, String> queues(JobQuery query, Calls calls) {
    Map<String, String> queues = new HashMap<>();
    if (query.order() == JobOrder.LAST_FINISHED_FIRST) {
      String only = query.filter().queue();
      String queue = only == null ? next("", calls) : only;
      while (queue != null) {
        queues.put("queue" + queues.size(), queue);
        queue = only == null ? next(queue, calls) : null;
      }
    }
    return queues;
  }

  private boolean mayHaveJobs(JobQuery query, Map<String, String> queues, Calls calls) {
    if (query.order() == JobOrder.LAST_FINISHED_FIRST) {
      return !queues.isEmpty();
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

  private static @Nullable String next(String after, Calls calls) {
    return calls.run(
        session ->
            session
                .statement(Sql.JOB_NEXT_QUEUE)
                .bind("after", after)
                .first(row -> Optional.ofNullable(row.getString(1)))
                .flatMap(queue -> queue)
                .orElse(null));
  }
}
