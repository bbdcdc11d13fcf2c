package dev.lease.examples.orderbot;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.QueueCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One queue as an operator sees it. */
record Jobs(JobAdmin admin, String queue) {

  private static final int PAGE = 500;

  /** All jobs in some states. */
  List<Job> in(JobState... states) {
    JobFilter filter = JobFilter.all().inQueue(queue).inState(states);
    List<Job> jobs = new ArrayList<>();
    JobPage page = admin.list(JobQuery.of(filter).limit(PAGE));
    jobs.addAll(page.jobs());
    while (page.next() != null) {
      page = admin.list(JobQuery.of(filter).after(page.next()).limit(PAGE));
      jobs.addAll(page.jobs());
    }
    return jobs;
  }

  QueueCounts counts() {
    return admin
        .counts()
        .queue(queue)
        .orElseGet(() -> QueueCounts.builder(queue, Instant.EPOCH).build());
  }

  /** How many jobs are not finished. */
  static long unfinished(QueueCounts counts) {
    return counts.count(JobState.PENDING)
        + counts.count(JobState.PROCESSING)
        + counts.count(JobState.RETRY);
  }

  /** What is left of a job's lease by the store's clock; negative once it has expired. */
  static Duration left(Job job) {
    return job.lease() == null
        ? Duration.ZERO
        : Duration.between(job.asOf(), job.lease().expiresAt());
  }

  /** Whether no worker holds it now. */
  static boolean isFree(Job job) {
    return left(job).isZero() || left(job).isNegative();
  }

  static String owner(Job job) {
    return job.lease() == null ? "-" : job.lease().owner();
  }

  static String progress(Job job) {
    return job.progress() == null
        ? "-"
        : job.progress().percent() + " % " + job.progress().message();
  }

  /** The first line of the job's error, without the stack trace. */
  static String error(Job job) {
    return job.error() == null ? "-" : job.error().lines().findFirst().orElse("-");
  }
}
