package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the exchange saw of the orders of one customer, which are to be placed one at a time, as
 * they were enqueued.
 *
 * @param customer the customer
 * @param orders the ids of the customer's orders that were asked for, as they were enqueued
 * @param lines the lines about them in the exchange's log, oldest first
 */
record CustomerTrail(String customer, List<String> orders, List<LogLine> lines) {

  /**
   * Puts together what is known.
   *
   * @param customer the customer
   * @param asked the ids of the orders of all customers, as they were enqueued
   * @param lines the lines about the customer's orders in the exchange's log, oldest first
   */
  static CustomerTrail of(String customer, List<String> asked, List<LogLine> lines) {
    Set<String> its = lines.stream().map(LogLine::orderId).collect(toSet());
    return new CustomerTrail(customer, asked.stream().filter(its::contains).toList(), lines);
  }

  /** The requests that came while the exchange worked on another order of the customer. */
  List<String> crowded() {
    List<String> crowded = new ArrayList<>();
    InFlight inFlight = new InFlight();
    for (LogLine line : lines) {
      inFlight.read(line);
      Set<String> atOnce = inFlight.orders();
      if (line.isAsked() && atOnce.remove(line.orderId()) && !atOnce.isEmpty()) {
        crowded.add(
            "%s of %s was asked for while %s was placed"
                .formatted(line.orderId(), customer, String.join(", ", atOnce)));
      }
    }
    return crowded;
  }

  /** The orders that were booked before one that had been enqueued earlier. */
  List<String> outOfOrder() {
    List<String> outOfOrder = new ArrayList<>();
    Set<String> booked = new HashSet<>();
    for (LogLine line : lines) {
      if (line.event() == LogLine.Event.BOOKED) {
        booked.add(line.orderId());
        orders.stream()
            .takeWhile(earlier -> !earlier.equals(line.orderId()))
            .filter(earlier -> !booked.contains(earlier))
            .findFirst()
            .ifPresent(
                earlier ->
                    outOfOrder.add(
                        "%s of %s was booked before %s, which had been enqueued earlier"
                            .formatted(line.orderId(), customer, earlier)));
      }
    }
    return outOfOrder;
  }
}
