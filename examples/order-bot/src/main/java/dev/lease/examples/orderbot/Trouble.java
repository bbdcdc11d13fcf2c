package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A fault that hit workers.
 *
 * @param fault the fault
 * @param worker the worker; {@link #ANY} for all
 * @param order the order whose job it hit; {@link #ANY} for all
 * @param from when it began
 * @param to when it ended
 */
record Trouble(Fault fault, String worker, String order, Instant from, Instant to) {

  static final String ANY = "";

  @Override
  public String toString() {
    return "%s %s%s%s for %s"
        .formatted(
            from.truncatedTo(ChronoUnit.MILLIS),
            fault,
            worker.equals(ANY) ? "" : " of " + worker,
            order.equals(ANY) ? "" : " of the job of " + order,
            Durations.shown(Duration.between(from, to)));
  }

  /** The part of it, from a time on, that kept a worker from extending a lease that it lost. */
  Optional<Trouble> of(LostLease lost, Instant since) {
    boolean isAbout =
        fault.keepsFromExtending()
            && (worker.equals(ANY) || worker.equals(lost.worker()))
            && (order.equals(ANY) || order.equals(lost.order()));
    Instant begins = from.isAfter(since) ? from : since;
    Instant ends = to.isBefore(lost.at()) ? to : lost.at();
    return isAbout && begins.isBefore(ends)
        ? Optional.of(new Trouble(fault, worker, order, begins, ends))
        : Optional.empty();
  }
}
