package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.Map;

/**
 * A kill of a worker, or the excused loss of a lease, which counts as one.
 *
 * @param worker the worker
 * @param at just before the signal was sent, or the fault began
 * @param inFlight the token under which it held each order, by the id of the order
 */
record Kill(String worker, Instant at, Map<String, Long> inFlight) {

  Kill {
    inFlight = Map.copyOf(inFlight);
  }

  boolean hit(String order) {
    return inFlight.containsKey(order);
  }

  /** The token under which it held the order, 0 if it did not. */
  long tokenOf(String order) {
    return inFlight.getOrDefault(order, 0L);
  }
}
