package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toSet;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What the exchange saw of the orders of one customer.
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

  /**
   * The requests that came while the exchange worked on too many orders of the customer.
   *
   * @param most how many it may work on at a time
   */
  List<String> crowded(ToIntFunction<Instant> most) {
    List<String> crowded = new ArrayList<>();
    InFlight inFlight = new InFlight();
    Instant latest = Instant.MIN;
    for (LogLine line : lines) {
      inFlight.read(line);
      // A line may be written after one that is later. Then the order of the lines counts.
      latest = line.at().isAfter(latest) ? line.at() : latest;
      Set<String> atOnce = inFlight.orders();
      int allowed = most.applyAsInt(latest);
      if (line.isAsked() && atOnce.remove(line.orderId()) && atOnce.size() >= allowed) {
        crowded.add(
            "%s of %s was asked for at %s while %s was placed; at most %d at once"
                .formatted(line.orderId(), customer, latest, String.join(", ", atOnce), allowed));
      }
    }
    return crowded;
  }

  /** How many orders of the customer the exchange worked on at once. */
  int mostAtOnce() {
    InFlight inFlight = new InFlight();
    int most = 0;
    for (LogLine line : lines) {
      inFlight.read(line);
      most = Math.max(most, inFlight.orders().size());
    }
    return most;
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
