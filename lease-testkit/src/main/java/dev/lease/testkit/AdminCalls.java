package dev.lease.testkit;

import dev.lease.JobChange;
import dev.lease.Reset;
import dev.lease.testkit.JobSubject.Place;
import java.time.Duration;

/** The calls of operators. */
final class AdminCalls {

  private AdminCalls() {}

  record Cancel(Place place, String id) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().cancel(subject.queue(place), id);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record Requeue(Place place, String id) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().requeue(subject.queue(place), id);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  /** What is not set stays. */
  record Change(Place place, String id, JobChange change) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().change(subject.queue(place), id, change);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record Delete(Place place, String id) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().delete(subject.queue(place), id);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record Pause(Place place) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admin().pause(subject.queue(place));
      subject.paused.add(place);
    }
  }

  record Resume(Place place) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admin().resume(subject.queue(place));
      subject.paused.remove(place);
    }
  }

  /** Of all expired jobs: of more than the limit, which ones are reset is free. */
  record ResetExpired(Place place) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      Reset answer = subject.admin().resetExpired(subject.queue(place), JobSubject.ALL);
      seen.add(subject.answer(), "%1$s.count()", answer.count());
      seen.add(
          subject.answer(),
          "%1$s.finished().stream().map(it -> it.id()).sorted().toList()",
          answer.finished().stream().map(it -> it.id()).sorted().toList());
    }
  }

  record Purge(Place place, int days) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      int answer =
          subject.admin().purge(subject.queue(place), Duration.ofDays(days), JobSubject.ALL);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  /** Not where a job is kept for as long as the store likes. */
  record PurgeKept(Place place) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      if (subject.hasStoresOwnKeep(place)) {
        return;
      }
      int answer = subject.admin().purge(subject.queue(place), JobSubject.ALL);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }
}
