package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many orders of each customer the exchange may see at once, while limits change: the largest
 * limit since the last one that is kept. Safe for use by many threads.
 */
final class KeyBounds {

  private final Map<String, NavigableMap<Instant, Integer>> bounds = new HashMap<>();

  /** Somebody begins to set a limit: from now on the store may keep it, or that before. */
  synchronized void begin(String key, int slots, Instant now) {
    set(key, Math.max(slots, at(key, now)), now);
  }

  /** The limit is set and applied, and the store has been seen to keep it. */
  synchronized void kept(String key, int slots, Instant now) {
    set(key, slots, now);
  }

  private void set(String key, int slots, Instant from) {
    if (at(key, from) != slots) {
      bounds.computeIfAbsent(key, k -> new TreeMap<>()).put(from, slots);
    }
  }

  /** The bound at a time; before the first limit none. */
  synchronized int at(String key, Instant time) {
    NavigableMap<Instant, Integer> its = bounds.get(key);
    Map.Entry<Instant, Integer> entry = its == null ? null : its.floorEntry(time);
    return entry == null ? Integer.MAX_VALUE : entry.getValue();
  }
}
