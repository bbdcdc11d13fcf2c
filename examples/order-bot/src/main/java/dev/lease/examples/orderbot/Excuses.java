package dev.lease.examples.orderbot;

import static java.util.Comparator.comparing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which of the leases that living workers lost are excused: something kept the worker from
 * extending for a third of the lease or more, while it had the order.
 *
 * @param excused the leases that are, each as if its worker had been killed with that order alone
 * @param unexcused the leases that are not
 */
record Excuses(List<Kill> excused, List<LostLease> unexcused) {

  /** A lease is extended when a third of it has passed: less than that costs no worker a lease. */
  private static final int SHARE = 3;

  /** For how many leases it looks back where the exchange was never asked. */
  private static final int LOOK_BACK = 4;

  /**
   * Judges.
   *
   * @param lost the leases that living workers lost
   * @param troubles what befell the workers
   * @param lease how long the workers held a job
   * @param log the exchange's log
   */
  static Excuses of(
      List<LostLease> lost, List<Trouble> troubles, Duration lease, List<LogLine> log) {
    List<Kill> excused = new ArrayList<>();
    List<LostLease> unexcused = new ArrayList<>();
    for (LostLease each : lost) {
      excuse(each, troubles, lease, had(each, lease, log))
          .ifPresentOrElse(excused::add, () -> unexcused.add(each));
    }
    return new Excuses(excused, unexcused);
  }

  /** What is wrong, in words; empty if all is well. */
  List<String> failures() {
    return unexcused.stream()
        .map(
            lost ->
                "%s lost its lease of %s, token %d, at %s, and nothing had befallen it"
                    .formatted(lost.worker(), lost.order(), lost.token(), lost.at()))
        .toList();
  }

  /** Since when the worker had the order, at the earliest. */
  private static Instant had(LostLease lost, Duration lease, List<LogLine> log) {
    return log.stream()
        .filter(line -> line.orderId().equals(lost.order()))
        .filter(line -> line.request().token() == lost.token())
        .map(line -> line.at().minus(lease))
        .findFirst()
        .orElse(lost.at().minus(lease.multipliedBy(LOOK_BACK)));
  }

  private static Optional<Kill> excuse(
      LostLease lost, List<Trouble> troubles, Duration lease, Instant since) {
    List<Trouble> reasons =
        troubles.stream()
            .flatMap(trouble -> trouble.of(lost, since).stream())
            .sorted(comparing(Trouble::from))
            .toList();
    return reasons.stream()
        .filter(first -> kept(reasons, first.from(), lease).compareTo(lease.dividedBy(SHARE)) >= 0)
        .findFirst()
        .map(first -> new Kill(lost.worker(), first.from(), Map.of(lost.order(), lost.token())));
  }

  /** How much of a lease that begins then they took together; what several took at once, once. */
  private static Duration kept(List<Trouble> reasons, Instant from, Duration lease) {
    Instant end = from.plus(lease);
    Duration kept = Duration.ZERO;
    Instant counted = from;
    for (Trouble reason : reasons) {
      Instant begins = reason.from().isAfter(counted) ? reason.from() : counted;
      Instant ends = reason.to().isBefore(end) ? reason.to() : end;
      if (begins.isBefore(ends)) {
        kept = kept.plus(Duration.between(begins, ends));
        counted = ends;
      }
    }
    return kept;
  }
}
