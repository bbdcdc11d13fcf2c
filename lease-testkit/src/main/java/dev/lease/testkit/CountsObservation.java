package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import java.time.Duration;
import java.time.Instant;

/** Notes what the counts of a queue show. */
final class CountsObservation {

  private CountsObservation() {}

  /**
   * Notes what the counts show.
   *
   * @param code the source text of the counts
   * @param isOldestDueFixed false if the contract leaves open what the oldest due time is
   */
  static void look(String code, QueueCounts counts, boolean isOldestDueFixed, Observation seen) {
    for (JobState state : JobState.values()) {
      seen.add(code, "%1$s.count(JobState." + state + ")", counts.count(state));
    }
    seen.add(code, "%1$s.expired()", counts.expired());
    seen.add(code, "%1$s.paused()", counts.paused());
    seen.add(code, "%1$s.heldBack()", counts.heldBack());
    if (!isOldestDueFixed) {
      return;
    }
    Instant oldestDue = counts.oldestDue();
    seen.add(code, "%1$s.oldestDue() == null", oldestDue == null);
    if (oldestDue != null) {
      seen.add(
          code,
          "Duration.between(%1$s.asOf(), %1$s.oldestDue())",
          Duration.between(counts.asOf(), oldestDue));
    }
  }
}
