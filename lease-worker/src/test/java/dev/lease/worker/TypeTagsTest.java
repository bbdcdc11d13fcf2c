package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TypeTagsTest {

  @Test
  @DisplayName("types that nobody here handles do not become tags without bound")
  void bound() {
    var registry = new SimpleMeterRegistry();
    var metrics = WorkerMetrics.of(registry);
    for (int i = 0; i < 150; i++) {
      metrics.spent(FinishedJob.builder("q", "id", "type-" + i, JobState.FAILED).build());
    }
    assertThat(registry.get("lease.spent").tag("state", "failed").counters()).hasSize(101);
    assertThat(
            registry
                .get("lease.spent")
                .tag("type", "other")
                .tag("state", "failed")
                .counter()
                .count())
        .isEqualTo(50);
  }

  @Test
  @DisplayName("queues that a worker finds in the store do not become tags without bound")
  void queues() {
    var registry = new SimpleMeterRegistry();
    var metrics = WorkerMetrics.of(registry);
    for (int i = 0; i < 150; i++) {
      String queue = "tenant-" + i;
      metrics.started(event(queue));
      metrics.claimed(event(queue));
      metrics.extended("worker", queue, Duration.ZERO);
    }
    assertThat(registry.get("lease.claims").counters()).hasSize(101);
    assertThat(registry.get("lease.claims").tag("queue", "other").counter().count()).isEqualTo(50);
    assertThat(registry.get("lease.extend.lag").timers()).hasSize(101);
    assertThat(registry.get("lease.extend.lag").tag("queue", "other").timer().count())
        .isEqualTo(50);
  }

  private static JobEvent event(String queue) {
    JobLease lease = JobLease.of(queue, "id", "worker", 1, Instant.EPOCH);
    ClaimedJob job =
        ClaimedJob.builder(lease, "type", "").dueAt(Instant.EPOCH).claimedAt(Instant.EPOCH).build();
    return new JobEvent(job, null, Duration.ZERO, Duration.ZERO, null, Duration.ZERO);
  }
}
