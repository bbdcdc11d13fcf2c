package dev.lease.examples.proof;

import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import dev.lease.examples.proof.ProofAnswers.Hold;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports to the world what the store answers a worker. A worker that is killed before it has
 * reported leaves out something that it held, and adds nothing that it did not hold.
 */
record ProofReports(ProofClient world) {

  /** The store of a worker, with reports. */
  JobQueue of(JobQueue jobs) {
    JobQueue claiming = Wrapped.afterClaims(jobs, this::claimed);
    JobQueue extending = Wrapped.afterExtensions(claiming, this::extended);
    JobQueue givingBack =
        Wrapped.aroundSettlements(extending, this::givingBack, (settlements, results) -> {});
    return Wrapped.afterDone(givingBack, this::done);
  }

  private void claimed(List<ClaimedJob> jobs) {
    world.answered(
        true,
        jobs.stream()
            .map(job -> Hold.of(job.lease(), job.claimedAt(), job.lease().expiresAt()))
            .toList());
  }

  private void extended(List<JobLease> leases, List<Extension> answers) {
    List<Hold> holds = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) instanceof Extension.Held held) {
        holds.add(Hold.of(leases.get(i), leases.get(i).expiresAt(), held.expiresAt()));
      }
    }
    report(holds);
  }

  /** Reported before it is sent: another worker may claim the job before this one has an answer. */
  private void givingBack(List<Settlement> settlements) {
    report(
        settlements.stream()
            .filter(settlement -> !(settlement instanceof Settlement.Done))
            .map(settlement -> Hold.givenBack(settlement.lease()))
            .toList());
  }

  private void done(List<JobLease> leases) {
    report(leases.stream().map(Hold::ended).toList());
  }

  private void report(List<Hold> holds) {
    if (!holds.isEmpty()) {
      world.answered(false, holds);
    }
  }
}
