package dev.lease.cli;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.Limits;
import dev.lease.worker.Schedules;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The jobs that keep schedules. They look like jobs that wait, and are none: to cancel one removes
 * a schedule for all nodes.
 */
final class ScheduleJobs {

  static final String TYPE = Schedules.JOB_TYPE;

  /** The worker has this constant too, and does not publish it. */
  private static final String ID_PREFIX = "schedule:";

  private ScheduleJobs() {}

  static boolean isOne(Job job) {
    return job.type().equals(TYPE);
  }

  /** The id of the job that keeps a schedule; a name that is one stays as it is. */
  static String id(String name) {
    return name.startsWith(ID_PREFIX) ? name : ID_PREFIX + name;
  }

  /** The name of the schedule that a job keeps. */
  static String name(String id) {
    return id.startsWith(ID_PREFIX) ? id.substring(ID_PREFIX.length()) : id;
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
