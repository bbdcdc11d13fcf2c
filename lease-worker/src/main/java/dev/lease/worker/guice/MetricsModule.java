package dev.lease.worker.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import com.google.inject.multibindings.ProvidesIntoSet;
import dev.lease.Backend;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerListener;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures the worker and the queues of {@link WorkerModule} with Micrometer, from the start to the
 * end of {@link WorkerLifecycle}. It needs a binding of {@link MeterRegistry}, and a store with
 * named leases and calls for operators: on another one the start throws an {@link
 * UnsupportedOperationException}. See {@link WorkerMetrics} and {@link QueueMetrics} for the
 * meters.
 */
public final class MetricsModule extends AbstractModule {

  /** Makes the module. */
  public MetricsModule() {}

  @Override
  protected void configure() {
    OptionalBinder.newOptionalBinder(binder(), Worker.class);
    Multibinder.newSetBinder(binder(), WorkerListener.class).addBinding().to(WorkerMetrics.class);
  }

  @Provides
  @Singleton
  WorkerMetrics workerMetrics(MeterRegistry registry) {
    return WorkerMetrics.of(registry);
  }

  @ProvidesIntoSet
  @Singleton
  WorkerLifecycle.Part meters(
      MeterRegistry registry, Backend backend, WorkerMetrics metrics, Optional<Worker> worker) {
    return new WorkerLifecycle.Part() {
      private @Nullable QueueMetrics queues;

      @Override
      public void start() {
        worker.ifPresent(metrics::watch);
        queues = QueueMetrics.start(registry, backend);
      }

      @Override
      public void stop() {
        if (queues != null) {
          queues.close();
        }
      }

      @Override
      public String toString() {
        return "the meters";
      }
    };
  }
}
