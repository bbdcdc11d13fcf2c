package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.Map;

/**
 * A worker that was killed.
 *
 * @param worker who
 * @param at when, just before the signal was sent
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
