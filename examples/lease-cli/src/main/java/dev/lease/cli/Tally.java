package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.examples.shared.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * How many jobs match one of some filters, which have no job in common; and how many of each queue,
 * type and state. It changes nothing.
 */
final class Tally {

  /** A store takes as long for one count as for all: with more of them a walk is faster. */
  private static final int MOST_COUNTS = 10;

  private record Row(String queue, String type, JobState state) {

    JobFilter within(JobFilter filter) {
      return filter.inQueue(queue).ofType(type).inState(state);
    }
  }

  private final OpenStore store;
  private final List<JobFilter> filters;
  private final long total;

  Tally(OpenStore store, List<JobFilter> filters) {
    this.store = store;
    this.filters = filters;
    this.total = filters.stream().mapToLong(this::count).sum();
  }

  private long count(JobFilter filter) {
    try {
      return store.admin().count(filter, Long.MAX_VALUE).jobs();
    } catch (StoreException e) {
      // One call may be too short for so many jobs. A walk has a call for each page.
      return sum(walk(List.of(filter)));
    }
  }

  private Map<Row, Long> walk(List<JobFilter> some) {
    Map<Row, Long> rows = new LinkedHashMap<>();
    some.forEach(
        filter ->
            store.read(
                query(filter),
                job -> {
                  rows.merge(row(job), 1L, Long::sum);
                  return true;
                }));
    return rows;
  }

  private static JobQuery query(JobFilter filter) {
    return JobQuery.of(filter).brief().limit(Limits.MAX_BATCH);
  }

  private static Row row(Job job) {
    return new Row(job.queue(), job.type(), job.state());
  }

  private Map<Row, Long> rows() {
    Map<Row, Long> rows = total > Limits.MAX_BATCH ? rowsOfFirst() : Map.of();
    return sum(rows) == total ? rows : walk(filters);
  }

  /** Counts all jobs of the rows in which the first jobs are; empty if that would take long. */
  private Map<Row, Long> rowsOfFirst() {
    Map<Row, JobFilter> first = new LinkedHashMap<>();
    for (JobFilter filter : filters) {
      store.admin().list(query(filter)).jobs().forEach(job -> first.put(row(job), filter));
    }
    Map<Row, Long> rows = new LinkedHashMap<>();
    if (first.size() <= MOST_COUNTS) {
      try {
        first.forEach((row, filter) -> rows.put(row, count(row.within(filter))));
      } catch (IllegalArgumentException e) {
        // Somebody else has made a row with a name that no filter takes.
        return Map.of();
      }
    }
    return rows;
  }

  private static long sum(Map<Row, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  long total() {
    return total;
  }

  /**
   * Prints what would be done.
   *
   * @param done what would be done to the jobs, such as {@code cancelled}
   * @return whether there are jobs
   */
  boolean print(Output out, String done) {
    if (out.isJson()) {
      out.json(document(true, total()));
    } else if (total == 0) {
      out.say("No job matches.");
    } else {
      Map<Row, Long> rows = rows();
      Table table = new Table("QUEUE", "TYPE", "STATE", "JOBS");
      rows.forEach((row, jobs) -> table.row(row.queue(), row.type(), row.state(), jobs));
      out.table(table);
      out.say(
          counted(sum(rows)) + " would be " + done + ". Nothing was changed; add --yes to do it.");
    }
    return total > 0;
  }

  /**
   * Prints that nothing was done, since there are too many jobs.
   *
   * @return false
   */
  boolean printTooMany(Output out, long expected) {
    if (out.isJson()) {
      out.json(document(true, total()));
    } else {
      out.say(
          "%s, and at most %d %s expected. Nothing was changed."
              .formatted(
                  total() == 1 ? "1 job matches" : total() + " jobs match",
                  expected,
                  expected == 1 ? "was" : "were"));
    }
    return false;
  }

  /**
   * Prints what was done.
   *
   * @param why why it may not be done to a job that was counted
   * @param isAnyLeft whether jobs match now to which it was not done; asked if it was done to as
   *     many as were counted
   * @return whether there were jobs, it was done to as many as were counted, and no more match
   */
  boolean printDone(Output out, String done, String why, long jobs, BooleanSupplier isAnyLeft) {
    long kept = total() - jobs;
    boolean all = kept <= 0 && !isAnyLeft.getAsBoolean();
    if (out.isJson()) {
      Map<String, Object> document = document(false, jobs);
      document.put("counted", total());
      document.put("all", all);
      out.json(document);
    } else if (total == 0 && jobs == 0) {
      out.say("No job matches.");
    } else {
      out.say(counted(jobs) + (jobs == 1 ? " was " : " were ") + done + ".");
    }
    if (kept > 0) {
      out.say(
          "%d of the %d that were counted %s not: %s"
              .formatted(kept, total(), kept == 1 ? "was" : "were", why));
    } else if (!all) {
      out.say("More jobs match by now. They stay as they are; count them again.");
    }
    return jobs > 0 && all;
  }

  private static String counted(long jobs) {
    return jobs + (jobs == 1 ? " job" : " jobs");
  }

  private static Map<String, Object> document(boolean dryRun, long jobs) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("dryRun", dryRun);
    document.put("jobs", jobs);
    return document;
  }
}
