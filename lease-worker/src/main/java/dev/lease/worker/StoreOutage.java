package dev.lease.worker;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store answers, for the log: an outage is one ERROR when the first operation fails,
 * and one INFO when none fails any more [W11].
 */
final class StoreOutage {

  private static final Logger log = LoggerFactory.getLogger(StoreOutage.class);

  private final String worker;
  private final Set<String> failing = new HashSet<>();
  private long since;

  StoreOutage(String worker) {
    this.worker = worker;
  }

  synchronized void failed(String operation, Throwable failure) {
    boolean first = failing.isEmpty();
    failing.add(operation);
    if (first) {
      since = System.nanoTime();
      log.error(
          "Worker {} cannot {}: the store does not answer; tried again until it does",
          worker,
          operation,
          failure);
    } else {
      log.debug("Worker {} cannot {}", worker, operation, failure);
    }
  }

  synchronized void succeeded(String operation) {
    if (failing.remove(operation) && failing.isEmpty()) {
      Duration length = Duration.ofNanos(System.nanoTime() - since);
      log.info("Worker {} reaches the store again after {}", worker, length);
    }
  }
}
