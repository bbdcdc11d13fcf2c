package dev.lease.examples.orderbot;

import static java.util.Comparator.comparing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The leases that living workers lost. A loss is excused if faults kept the worker from extending
 * for a third of the lease or more while it had the order.
 *
 * @param excused the excused losses, each as if its worker had been killed with that order alone
 * @param unexcused the other losses
 */
record Excuses(List<Kill> excused, List<LostLease> unexcused) {

  /** Workers extend a lease after a third of it, so a shorter fault costs no lease. */
  private static final int SHARE = 3;

  /** How many leases to look back where the exchange was never asked. */
  private static final int LOOK_BACK = 4;

  /**
   * Judges each loss.
   *
   * @param lost the leases that living workers lost
   * @param troubles the faults that hit the workers
   * @param lease the lease duration of the workers
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
                "%s lost its lease of %s, token %d, at %s, and no fault had hit it"
                    .formatted(lost.worker(), lost.order(), lost.token(), lost.at()))
        .toList();
  }

  /** The earliest time at which the worker can have had the order. */
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

  /** How much of a lease from that time on the faults took; overlapping faults count once. */
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
