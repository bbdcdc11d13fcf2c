package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.Map;

/**
 * A worker that was killed, or that lost its leases for another reason that excuses it.
 *
 * @param worker who
 * @param at when, just before the signal was sent or the reason began
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
