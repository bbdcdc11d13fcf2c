package dev.lease.examples.orderbot;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.examples.shared.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Views of a queue, as text. The store's clock decides all ages and remaining times. */
final class Views {

  private Views() {}

  static String status(Jobs jobs) {
    QueueCounts counts = jobs.counts();
    StringBuilder text = new StringBuilder("Queue " + counts.queue());
    if (!counts.asOf().equals(Instant.EPOCH)) {
      text.append(" at ").append(counts.asOf().truncatedTo(ChronoUnit.SECONDS));
    }
    text.append(counts.paused() ? ", paused\n" : "\n");
    for (JobState state : JobState.values()) {
      String name = state.name().toLowerCase(Locale.ROOT);
      text.append(String.format(Locale.ROOT, "%8d  %s", counts.count(state), name));
      if (state == JobState.PROCESSING && counts.expired() > 0) {
        text.append(", ").append(counts.expired()).append(" of them with an expired lease");
      }
      text.append('\n');
    }
    if (counts.oldestDue() != null) {
      Duration waits = Duration.between(counts.oldestDue(), counts.asOf());
      text.append("The oldest job has waited ").append(Durations.shown(waits)).append(".\n");
    }
    return text.append('\n').append(held(jobs)).toString();
  }

  /** Who works on what. */
  static String held(Jobs jobs) {
    Table table = new Table("WORKER", "JOB", "ATTEMPT", "LEASE", "PROGRESS");
    for (Job job : jobs.in(JobState.PROCESSING)) {
      table.row(Jobs.owner(job), job.id(), attempt(job), lease(job), Jobs.progress(job));
    }
    return table.toString();
  }

  static String leases(Jobs jobs) {
    Table table = new Table("JOB", "WORKER", "TOKEN", "LEASE", "EXPIRES");
    for (Job job : jobs.in(JobState.PROCESSING)) {
      Instant expiry = job.asOf().plus(Jobs.left(job)).truncatedTo(ChronoUnit.MILLIS);
      table.row(job.id(), Jobs.owner(job), job.token(), lease(job), expiry);
    }
    return table.toString();
  }

  static String failed(Jobs jobs) {
    Table table = new Table("JOB", "ATTEMPTS", "ERROR");
    for (Job job : jobs.in(JobState.FAILED)) {
      table.row(job.id(), attempt(job), Jobs.error(job));
    }
    return table.toString();
  }

  private static String attempt(Job job) {
    return Integer.toString(job.attempts());
  }

  private static String lease(Job job) {
    return Jobs.isFree(job) ? "expired" : Durations.shown(Jobs.left(job)) + " left";
  }
}
