package dev.lease.testkit;

import dev.lease.JobChange;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.testkit.JobCalls.Deadline;
import java.time.Duration;
import java.util.List;

/** The calls of operators in a random sequence. */
final class AdminCalls {

  private AdminCalls() {}

  record Cancel(ModelQueue queue, String id) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().cancel(subject.queueName(queue), id);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record Requeue(ModelQueue queue, String id, Requeueing how) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().requeue(subject.queueName(queue), id, how);
      seen.add(subject.answer(), "%1$s", answer);
    }

    @Override
    public List<Requeue> simpler() {
      return how.equals(Requeueing.now())
          ? List.of()
          : List.of(new Requeue(queue, id, Requeueing.now()));
    }
  }

  /** Changes some fields of a job, and keeps the others. */
  record Change(ModelQueue queue, String id, JobChange change) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().change(subject.queueName(queue), id, change);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record ChangeDeadline(ModelQueue queue, String id, Deadline deadline)
      implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      JobChange change = JobChange.builder().notAfter(deadline.due(subject)).build();
      new Change(queue, id, change).run(subject, seen);
    }
  }

  record Delete(ModelQueue queue, String id) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      var answer = subject.admin().delete(subject.queueName(queue), id);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  record Pause(ModelQueue queue) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admin().pause(subject.queueName(queue));
      subject.paused.add(queue);
    }
  }

  record Resume(ModelQueue queue) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.admin().resume(subject.queueName(queue));
      subject.paused.remove(queue);
    }
  }

  /**
   * Resets all expired jobs, since a store may choose which ones if there are more than the limit.
   */
  record ResetExpired(ModelQueue queue) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      Reset answer = subject.admin().resetExpired(subject.queueName(queue), JobSubject.ALL);
      seen.add(subject.answer(), "%1$s.count()", answer.count());
      seen.add(
          subject.answer(),
          "%1$s.finished().stream().map(it -> it.id()).sorted().toList()",
          answer.finished().stream().map(it -> it.id()).sorted().toList());
    }
  }

  record Purge(ModelQueue queue, int days) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      int answer =
          subject.admin().purge(subject.queueName(queue), Duration.ofDays(days), JobSubject.ALL);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  /**
   * Does nothing if a job of the queue has no keep of its own, since the store then chooses one.
   */
  record PurgeKept(ModelQueue queue) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      if (subject.hasStoresOwnKeep(queue)) {
        return;
      }
      // A store may have removed such jobs by itself, and may count what is left of others.
      subject.admin().purge(subject.queueName(queue), JobSubject.ALL);
    }

    @Override
    public List<Purge> simpler() {
      return List.of(new Purge(queue, 0));
    }
  }
}
