package dev.lease.worker.spring;

import dev.lease.worker.WorkerHealth;
import java.util.List;
import java.util.Map;

/**
 * The health of a worker as Spring Boot shows it, which knows no DEGRADED: a balancer would take
 * the instance out, though it works.
 */
record ShownHealth(boolean up, Map<String, Object> details) {

  static ShownHealth of(LeaseWorker worker) {
    if (!worker.wasStarted()) {
      return new ShownHealth(false, details("DOWN", List.of("the worker was not started")));
    }
    WorkerHealth health = worker.worker().health();
    return new ShownHealth(health.isReady(), details(health.status().toString(), health.reasons()));
  }

  private static Map<String, Object> details(String status, List<String> reasons) {
    return Map.of("worker", status, "reasons", reasons);
  }
}
