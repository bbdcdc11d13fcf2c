package dev.lease.worker;

import dev.lease.ClaimedJob;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides for how long jobs of a type without a handler here are released. The delay is short at
 * first, so that a worker that has a handler gets them soon. It doubles with each claim that brings
 * the type again [W10]. Safe for use by many threads.
 */
final class UnknownTypes {

  /** The delay, and whether the type was met for the first time. */
  record PutOff(Duration delay, boolean isFirst) {}

  /** The first delay. */
  static final Duration FIRST = Duration.ofMillis(500);

  private static final int MOST_TYPES = 1_000;

  private final Duration longest;
  private final Map<String, Duration> delays =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Duration> eldest) {
          return size() > MOST_TYPES;
        }
      };

  UnknownTypes(Duration longest) {
    this.longest = longest;
  }

  /** Call this once for each unknown type that a claim brings. */
  synchronized PutOff met(ClaimedJob job) {
    String type = job.lease().queue() + '\n' + job.type();
    Duration before = delays.get(type);
    Duration delay = before == null ? FIRST : before.multipliedBy(2);
    delay = delay.compareTo(longest) < 0 ? delay : longest;
    delays.put(type, delay);
    return new PutOff(delay, before == null);
  }
}
