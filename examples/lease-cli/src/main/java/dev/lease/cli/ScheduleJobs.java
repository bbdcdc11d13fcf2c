package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.Limits;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The jobs that keep schedules. They look like jobs that wait, and are none: to cancel one removes
 * a schedule for all nodes.
 */
final class ScheduleJobs {

  /** The worker has this constant too, and does not publish it. */
  static final String TYPE = "lease-schedule";

  private ScheduleJobs() {}

  static boolean isOne(Job job) {
    return job.type().equals(TYPE);
  }

  /** Filters for all that this one matches, but schedules. */
  static List<JobFilter> leftOut(OpenStore store, JobFilter filter) {
    if (store.admin().count(filter.ofType(TYPE), 1).jobs() == 0) {
      return List.of(filter);
    }
    Set<String> types = new LinkedHashSet<>();
    store.read(
        JobQuery.of(filter).brief().limit(Limits.MAX_BATCH),
        job -> {
          types.add(job.type());
          return true;
        });
    types.remove(TYPE);
    return types.stream().map(filter::ofType).toList();
  }
}
