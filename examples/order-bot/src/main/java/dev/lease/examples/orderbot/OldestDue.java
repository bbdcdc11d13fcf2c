package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toMap;

import dev.lease.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The longest time that a due job of a queue has waited for a worker, and not for a slot of its
 * key. The wait starts again after a worker held the job; the due time would include what that
 * worker did before it was killed.
 */
final class OldestDue {

  /** The jobs that were due at the last look, by id, with the first look at which they were due. */
  private Map<String, Instant> dueSince = Map.of();

  private Duration longest = Duration.ZERO;

  /** Looks at all jobs of the queue that are not finished. */
  void look(List<Job> unfinished) {
    Map<String, Instant> before = dueSince;
    dueSince =
        unfinished.stream()
            .filter(OldestDue::isDue)
            .collect(toMap(Job::id, job -> before.getOrDefault(job.id(), job.asOf())));
    for (Job job : unfinished) {
      Instant since = dueSince.getOrDefault(job.id(), job.asOf());
      Duration waited = Duration.between(since, job.asOf());
      longest = waited.compareTo(longest) > 0 ? waited : longest;
    }
  }

  Duration longest() {
    return longest;
  }

  private static boolean isDue(Job job) {
    return Jobs.isFree(job) && !job.heldBack() && !job.dueAt().isAfter(job.asOf());
  }
}
