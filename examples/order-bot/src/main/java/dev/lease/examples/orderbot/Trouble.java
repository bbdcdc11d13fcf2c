package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Something that befell workers in a soak.
 *
 * @param fault what
 * @param worker whom; {@link #ANY} for all
 * @param order the order that it was about; {@link #ANY} for all
 * @param from since when
 * @param to until when
 */
record Trouble(SoakFault fault, String worker, String order, Instant from, Instant to) {

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

  /** How long it kept a worker from extending its lease of an order, of the time between two. */
  Duration kept(LostLease lost, Instant since) {
    boolean isAbout =
        fault.keepsFromExtending()
            && (worker.equals(ANY) || worker.equals(lost.worker()))
            && (order.equals(ANY) || order.equals(lost.order()));
    Instant begin = from.isAfter(since) ? from : since;
    Instant end = to.isBefore(lost.at()) ? to : lost.at();
    return isAbout && begin.isBefore(end) ? Duration.between(begin, end) : Duration.ZERO;
  }
}
