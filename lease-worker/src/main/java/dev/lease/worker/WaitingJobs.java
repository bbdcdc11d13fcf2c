package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.worker.codec.PayloadCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The jobs of a queue that wait, for assertions. */
final class WaitingJobs {

  private static final int PAGE = 100;
  private static final int MOST_SHOWN = 20;
  private static final int LONGEST_PAYLOAD = 200;

  private final List<Job> jobs = new ArrayList<>();
  private final String queue;

  WaitingJobs(JobAdmin admin, String queue) {
    this.queue = queue;
    JobFilter waiting = JobFilter.all().inQueue(queue).inState(JobState.PENDING, JobState.RETRY);
    String after = null;
    do {
      JobPage page = admin.list(JobQuery.of(waiting).after(after).limit(PAGE));
      jobs.addAll(page.jobs());
      after = page.next();
    } while (after != null);
  }

  /** The oldest one with such a payload; null if there is none. */
  <T> @Nullable Job find(JobType<T> type, Predicate<? super T> payload, PayloadCodec codec) {
    for (Job job : jobs) {
      if (job.type().equals(type.name()) && payload.test(type.payload().read(job, codec))) {
        return job;
      }
    }
    return null;
  }

  static String shown(Job job) {
    String payload = job.payload();
    return "%s %s (%s, due %s): %s"
        .formatted(
            job.type(),
            job.id(),
            job.state(),
            job.dueAt(),
            payload.length() <= LONGEST_PAYLOAD
                ? payload
                : payload.substring(0, LONGEST_PAYLOAD) + "...");
  }

  /** For messages of assertions. */
  @Override
  public String toString() {
    if (jobs.isEmpty()) {
      return "no job waits in queue " + queue;
    }
    String shown =
        jobs.stream()
            .limit(MOST_SHOWN)
            .map(job -> "\n  " + shown(job))
            .collect(Collectors.joining());
    int more = jobs.size() - MOST_SHOWN;
    return "in queue " + queue + " wait:" + shown + (more > 0 ? "\n  and " + more + " more" : "");
  }
}
