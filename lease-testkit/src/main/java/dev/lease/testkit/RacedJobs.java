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

/**
 * Jobs whose leases expire during a race, and what two backend objects do to them at that moment.
 */
final class RacedJobs {

  private final TestTime time;
  private final JobQueue jobs;
  private final JobQueue others;

  /** A job, alone in its queue, and when its lease expires. */
  record RacedJob(JobLease lease, TestTime.Expiry expiry) {}

  RacedJobs(StoreContract contract) {
    time = contract.time;
    jobs = contract.bare.one.jobQueue();
    others = contract.bare.two.jobQueue();
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

  /** A call of the first backend object, at the expiry. */
  Extension extend(RacedJob job) {
    time.await(job.expiry());
    return jobs.extend(List.of(job.lease()), StoreContract.LEASE).get(0);
  }

  /**
   * True if the extension came too late. Even then the other call need not have got the job: it may
   * have skipped the job while the extension had locked it. The next call must get it.
   */
  boolean isOver(Extension extended) {
    return extended instanceof Extension.Lost
        || (time.isFrozen() && extended instanceof Extension.Busy);
  }

  Settlement.Result settle(RacedJob job, SettlementKind kind) {
    time.await(job.expiry());
    return jobs.settle(List.of(kind.of(job.lease()))).get(0);
  }

  /** A call of the second backend object, which moves the time to the expiry first. */
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
