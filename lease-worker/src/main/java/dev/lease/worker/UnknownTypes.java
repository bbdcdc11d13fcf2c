package dev.lease.worker;

import dev.lease.ClaimedJob;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long jobs stay away whose type this worker does not know: shortly at first, so that whoever
 * knows it has them soon, and twice as long with each claim that brings the type again [W10]. Safe
 * for use by many threads.
 */
final class UnknownTypes {

  /** The delay of a type, and whether it is the first time that it is met. */
  record PutOff(Duration delay, boolean isFirst) {}

  private static final Duration FIRST = Duration.ofMillis(500);
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

  /** To be called once for each type that a claim brings. */
  synchronized PutOff met(ClaimedJob job) {
    String type = job.lease().queue() + '\n' + job.type();
    Duration before = delays.get(type);
    Duration delay = before == null ? FIRST : before.multipliedBy(2);
    delay = delay.compareTo(longest) < 0 ? delay : longest;
    delays.put(type, delay);
    return new PutOff(delay, before == null);
  }
}
