package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.testkit.JobSubject.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the counts show of the queues of a subject. */
final class CountsObservation {

  private final JobSubject subject;
  private final String admin;

  CountsObservation(JobSubject subject, String admin) {
    this.subject = subject;
    this.admin = admin;
  }

  void look(List<QueueCounts> counts, Observation seen) {
    for (Place place : Place.values()) {
      Optional<QueueCounts> found =
          counts.stream().filter(it -> it.queue().equals(subject.queue(place))).findFirst();
      String code =
          admin
              + ".counts().stream().filter(it -> it.queue().equals("
              + JobSubject.queueCode(place)
              + ")).findFirst()";
      seen.add(code, "%1$s.isPresent()", found.isPresent());
      found.ifPresent(it -> look(place, code + ".orElseThrow()", it, seen));
    }
  }

  private void look(Place place, String code, QueueCounts counts, Observation seen) {
    for (JobState state : JobState.values()) {
      seen.add(code, "%1$s.count(JobState." + state + ")", counts.count(state));
    }
    seen.add(code, "%1$s.expired()", counts.expired());
    seen.add(code, "%1$s.paused()", counts.paused());
    if (subject.isReference() && (counts.paused() || subject.hasDoomed(place))) {
      return; // whether those could be claimed is a matter of words
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
