package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Jobs whose leases end in the middle of a race, and what two store objects do to them then. */
final class RacedJobs {

  private final TestTime time;
  private final JobQueue jobs;
  private final JobQueue others;

  /** A job, alone in its queue, and when its lease ends. */
  record RacedJob(JobLease lease, TestTime.Expiry expiry) {}

  RacedJobs(StoreContract contract) {
    time = contract.time;
    jobs = contract.bare.one.requireJobQueue();
    others = contract.bare.two.requireJobQueue();
  }

  List<RacedJob> make(int count) throws Exception {
    return time.aboutToEnd(count, this::claimed);
  }

  private List<RacedJob> claimed(int count) {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String queue = Names.unique("race");
      batch.add(NewJob.builder(queue, "job", "kit", "payload").dedupKey("key").build());
    }
    jobs.enqueue(batch);
    List<RacedJob> raced = new ArrayList<>();
    for (NewJob job : batch) {
      Duration duration = time.upToRound(raced.size());
      long asked = System.nanoTime();
      var claimed = jobs.claim(ClaimRequest.of(job.queue(), "worker", 1, duration)).jobs();
      TestTime.Expiry expiry = time.expiry(asked, duration);
      assertThat(claimed).as("claim of the only job of a queue").hasSize(1);
      raced.add(new RacedJob(claimed.get(0).lease(), expiry));
    }
    return raced;
  }

  /** What the first store object does. */
  Extension extend(RacedJob job) {
    time.await(job.expiry());
    return jobs.extend(List.of(job.lease()), StoreContract.LEASE).get(0);
  }

  /**
   * True if a lease has ended that was to be extended. A call that met the extension need not have
   * got the job: it may have passed over it while it was locked. The next one has to.
   */
  boolean isOver(Extension extended) {
    return extended instanceof Extension.Lost
        || (time.isFrozen() && extended instanceof Extension.Busy);
  }

  Settlement.Result settle(RacedJob job, SettlementKind kind) {
    time.await(job.expiry());
    return jobs.settle(List.of(kind.of(job.lease()))).get(0);
  }

  /** What the second does, which also moves the time to the end of the lease. */
  List<ClaimedJob> claim(RacedJob job) throws Exception {
    time.meet(job.expiry());
    return claimNow(job);
  }

  List<ClaimedJob> claimNow(RacedJob job) {
    return others
        .claim(ClaimRequest.of(job.lease().queue(), "rival", 2, StoreContract.LEASE))
        .jobs();
  }

  Job stored(RacedJob job) {
    return others.find(job.lease().queue(), job.lease().jobId()).orElseThrow();
  }
}
