package dev.lease.examples.proof;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Workers with a broken store: a proof has to fail with them. */
final class BrokenWorker {

  private BrokenWorker() {}

  /** The store answers that each result of a step is kept, and keeps none. */
  static final class KeepsNothing {
    public static void main(String[] args) {
      ProofWorkerCommand.run(KeepsNothing::store, args);
    }

    private static JobQueue store(JobQueue jobs) {
      return Wrapped.jobQueue(
          jobs,
          (method, arguments, call) ->
              switch (method.getName()) {
                case "checkpoint" -> Optional.of(arguments[2]);
                case "checkpoints" -> Optional.of(Map.of());
                default -> call.make();
              });
    }
  }

  /** The store accepts DONE from every worker, whatever its token. */
  static final class Tokenless {
    public static void main(String[] args) {
      ProofWorkerCommand.run(Tokenless::store, args);
    }

    static JobQueue store(JobQueue jobs) {
      return Wrapped.jobQueue(
          jobs,
          (method, arguments, call) -> {
            if (method.getName().startsWith("settle")) {
              arguments[0] =
                  ((List<?>) arguments[0])
                      .stream().map(each -> current(jobs, (Settlement) each)).toList();
            }
            return call.make();
          });
    }

    private static Settlement current(JobQueue jobs, Settlement settlement) {
      if (!(settlement instanceof Settlement.Done)) {
        return settlement;
      }
      JobLease lease = settlement.lease();
      long token = jobs.find(lease.queue(), lease.jobId()).orElseThrow().token();
      return Settlement.done(
          JobLease.of(lease.queue(), lease.jobId(), lease.owner(), token, lease.expiresAt()));
    }
  }

  /**
   * In the store, an order has ended once it is claimed: the statement need not wait for its work.
   */
  static final class EndsAtClaim {
    public static void main(String[] args) {
      GraphWorkerCommand.run(EndsAtClaim::store, args);
    }

    private static JobQueue store(JobQueue jobs) {
      return Wrapped.afterClaims(
          jobs, claimed -> jobs.settle(orders(claimed).<Settlement>map(Settlement::done).toList()));
    }
  }

  /** The first lease of an order ends at once, whatever the store has answered. */
  static final class GivesTwice {
    public static void main(String[] args) {
      GraphWorkerCommand.run(GivesTwice::store, args);
    }

    private static JobQueue store(JobQueue jobs) {
      return Wrapped.afterClaims(
          jobs,
          claimed ->
              jobs.extend(
                  orders(claimed.stream().filter(job -> job.attempt() == 1).toList()).toList(),
                  Duration.ofMillis(1)));
    }
  }

  private static Stream<JobLease> orders(List<ClaimedJob> claimed) {
    return claimed.stream()
        .map(ClaimedJob::lease)
        .filter(lease -> lease.jobId().contains("/" + GraphPlan.ORDERS + "/"));
  }
}
