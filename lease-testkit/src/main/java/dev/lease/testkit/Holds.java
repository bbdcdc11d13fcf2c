package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.util.ArrayList;
import java.util.List;

/** Jobs whose leases end in the middle of a race, and what two store objects do to them then. */
final class Holds {

  private final TestTime time;
  private final JobQueue jobs;
  private final JobQueue others;

  /** A job, alone in its queue, and when its lease was asked for. */
  record Hold(int round, JobLease lease, long asked) {}

  Holds(StoreContract contract) {
    time = contract.time;
    jobs = JobContract.jobQueue(contract.bare.one);
    others = JobContract.jobQueue(contract.bare.two);
  }

  List<Hold> make(int count) throws Exception {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String queue = StoreContract.unique("race");
      batch.add(NewJob.builder(queue, "job", "kit", "payload").dedupKey("key").build());
    }
    jobs.enqueue(batch);
    List<Hold> holds = new ArrayList<>();
    for (NewJob job : batch) {
      long asked = System.nanoTime();
      var claimed = jobs.claim(job.queue(), "worker", 1, time.upToRound(holds.size()));
      assertThat(claimed).as("claim of the only job of a queue").hasSize(1);
      holds.add(new Hold(holds.size(), claimed.get(0).lease(), asked));
    }
    time.goToFirstRound();
    return holds;
  }

  /** What the first store object does. */
  Extension extend(Hold hold) {
    time.awaitEndOf(hold.round(), hold.asked());
    return jobs.extend(List.of(hold.lease()), StoreContract.LEASE).get(0);
  }

  Settlement.Result settle(Hold hold, Ending ending) {
    time.awaitEndOf(hold.round(), hold.asked());
    return jobs.settle(List.of(ending.of(hold.lease()))).get(0);
  }

  /** What the second does, which also moves the time to the end of the lease. */
  List<ClaimedJob> claim(Hold hold) throws Exception {
    time.meetEndOf(hold.round(), hold.asked());
    return others.claim(hold.lease().queue(), "rival", 2, StoreContract.LEASE);
  }

  Job stored(Hold hold) {
    return others.find(hold.lease().queue(), hold.lease().jobId()).orElseThrow();
  }
}
