package dev.lease.worker.spring;

import dev.lease.Backend;
import dev.lease.worker.Worker;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Spring Boot finds this by itself. Where there is a {@link MeterRegistry}, it measures the worker
 * and the queues.
 */
@AutoConfiguration(
    // By name, since each major has another; a name that is missing orders nothing.
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
    },
    after = LeaseWorkerAutoConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBooleanProperty(name = "lease.metrics.enabled", matchIfMissing = true)
@ConditionalOnBean(MeterRegistry.class)
public final class LeaseMetricsAutoConfiguration {

  /** Spring makes one. */
  LeaseMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnBean(LeaseWorker.class)
  @ConditionalOnMissingBean
  WorkerMetrics leaseWorkerMetrics(MeterRegistry registry) {
    return WorkerMetrics.of(registry);
  }

  @Bean
  @ConditionalOnBean(WorkerMetrics.class)
  LeaseCustomizer leaseWatchedWorker(WorkerMetrics metrics) {
    return new LeaseCustomizer() {
      @Override
      public void started(Worker worker) {
        metrics.watch(worker);
      }
    };
  }

  @Bean
  @ConditionalOnBean(Backend.class)
  @ConditionalOnMissingBean
  @ConditionalOnBooleanProperty(name = "lease.metrics.queues", matchIfMissing = true)
  QueueMetrics leaseQueueMetrics(MeterRegistry registry, Backend backend) {
    return QueueMetrics.start(registry, backend);
  }
}
