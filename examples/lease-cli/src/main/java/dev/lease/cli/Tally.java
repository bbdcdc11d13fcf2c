package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.examples.shared.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** How many jobs match one of some filters, by queue, type and state. It changes nothing. */
final class Tally {

  private record Row(String queue, String type, JobState state) {}

  private final Map<Row, Long> rows = new LinkedHashMap<>();

  Tally(OpenStore store, List<JobFilter> filters) {
    filters.forEach(
        filter -> store.read(JobQuery.of(filter).brief().limit(Limits.MAX_BATCH), this::add));
  }

  private boolean add(Job job) {
    rows.merge(new Row(job.queue(), job.type(), job.state()), 1L, Long::sum);
    return true;
  }

  long total() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
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
    } else if (rows.isEmpty()) {
      out.say("No job matches.");
    } else {
      Table table = new Table("QUEUE", "TYPE", "STATE", "JOBS");
      rows.forEach((row, jobs) -> table.row(row.queue(), row.type(), row.state(), jobs));
      out.table(table);
      out.say(
          counted(total()) + " would be " + done + ". Nothing was changed; add --yes to do it.");
    }
    return !rows.isEmpty();
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
    } else if (rows.isEmpty() && jobs == 0) {
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
