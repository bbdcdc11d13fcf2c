package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.FinishedJob;
import dev.lease.JobState;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TypeTagsTest {

  @Test
  @DisplayName("types that nobody here handles do not become tags without bound")
  void bound() {
    var registry = new SimpleMeterRegistry();
    var metrics = new WorkerMetrics(registry);
    for (int i = 0; i < 150; i++) {
      metrics.exhausted(FinishedJob.builder("q", "id", "type-" + i, JobState.FAILED).build());
    }
    assertThat(registry.get("lease.exhausted").counters()).hasSize(101);
    assertThat(registry.get("lease.exhausted").tag("type", "other").counter().count())
        .isEqualTo(50);
  }
}
