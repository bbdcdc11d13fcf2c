package dev.lease.worker.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import dev.lease.worker.ClientInterceptor;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.tracing.JobTracing;
import io.opentelemetry.api.OpenTelemetry;

/**
 * Traces the jobs of the client and the worker of {@link WorkerModule}, as {@link JobTracing} does.
 * It needs a binding of {@link OpenTelemetry}.
 */
public final class TracingModule extends AbstractModule {

  /** Makes the module. */
  public TracingModule() {}

  @Override
  protected void configure() {
    Multibinder.newSetBinder(binder(), ClientInterceptor.class).addBinding().to(JobTracing.class);
    Multibinder.newSetBinder(binder(), HandlerInterceptor.class).addBinding().to(JobTracing.class);
  }

  @Provides
  @Singleton
  JobTracing tracing(OpenTelemetry telemetry) {
    return JobTracing.of(telemetry);
  }
}
