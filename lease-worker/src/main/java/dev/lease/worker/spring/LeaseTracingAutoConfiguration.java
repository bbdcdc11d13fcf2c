package dev.lease.worker.spring;

import dev.lease.Backend;
import dev.lease.worker.tracing.JobTracing;
import io.opentelemetry.api.OpenTelemetry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Spring Boot finds this by itself. Where there is a bean of {@link OpenTelemetry}, the client and
 * the worker trace their jobs with it.
 */
@AutoConfiguration(
    // By name, since each major has another; a name that is missing orders nothing.
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.opentelemetry.OpenTelemetryAutoConfiguration",
      "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration"
    },
    after = LeaseWorkerAutoConfiguration.class)
@ConditionalOnClass(OpenTelemetry.class)
@ConditionalOnBooleanProperty(name = "lease.tracing.enabled", matchIfMissing = true)
@ConditionalOnBean({Backend.class, OpenTelemetry.class})
public final class LeaseTracingAutoConfiguration {

  /** Spring makes one. */
  LeaseTracingAutoConfiguration() {}

  /** The client finds it as an interceptor, and so does the worker. */
  @Bean
  @ConditionalOnMissingBean
  JobTracing leaseTracing(OpenTelemetry telemetry) {
    return JobTracing.of(telemetry);
  }
}
