package dev.lease.worker.metrics;

import dev.lease.Backend;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** {@link QueueMetrics} for tests, which counts and looks for its lease many times a second. */
public final class SoonQueueMetrics {

  private SoonQueueMetrics() {}

  public static QueueMetrics start(MeterRegistry registry, Backend backend) {
    return QueueMetrics.start(registry, backend, Duration.ofMillis(20));
  }
}
