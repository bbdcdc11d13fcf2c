package dev.lease.testkit;

import dev.lease.JobChange;
import dev.lease.Reset;
import dev.lease.testkit.JobBench.Place;
import java.time.Duration;

/** The calls of operators. */
final class AdminCalls {

  private AdminCalls() {}

  record Cancel(Place place, String id) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      var answer = bench.admin().cancel(bench.queue(place), id);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }

  record Requeue(Place place, String id) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      var answer = bench.admin().requeue(bench.queue(place), id);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }

  /** What is not set stays. */
  record Change(Place place, String id, JobChange change) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      var answer = bench.admin().change(bench.queue(place), id, change);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }

  record Delete(Place place, String id) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      var answer = bench.admin().delete(bench.queue(place), id);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }

  record Pause(Place place) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      bench.admin().pause(bench.queue(place));
      bench.paused.add(place);
    }
  }

  record Resume(Place place) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      bench.admin().resume(bench.queue(place));
      bench.paused.remove(place);
    }
  }

  /** Of all expired jobs: of more than the limit, which ones are reset is free. */
  record ResetExpired(Place place) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      Reset answer = bench.admin().resetExpired(bench.queue(place), JobBench.ALL);
      seen.add(bench.answer(), "%1$s.count()", answer.count());
      seen.add(
          bench.answer(),
          "%1$s.finished().stream().map(it -> it.id()).sorted().toList()",
          answer.finished().stream().map(it -> it.id()).sorted().toList());
    }
  }

  record Purge(Place place, int days) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      int answer = bench.admin().purge(bench.queue(place), Duration.ofDays(days), JobBench.ALL);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }

  /** Not where a job is kept for as long as the store likes. */
  record PurgeKept(Place place) implements Call<JobBench> {
    @Override
    public void run(JobBench bench, Seen seen) {
      if (bench.hasStoresOwnKeep(place)) {
        return;
      }
      int answer = bench.admin().purge(bench.queue(place), JobBench.ALL);
      seen.add(bench.answer(), "%1$s", answer);
    }
  }
}
