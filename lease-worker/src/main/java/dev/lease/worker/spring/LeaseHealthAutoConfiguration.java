package dev.lease.worker.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Spring Boot finds this by itself. It shows the worker's health in that of the application, by the
 * name {@code lease}. DEGRADED is UP there, with a detail that says so.
 */
@AutoConfiguration(after = LeaseWorkerAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "lease.health.enabled", matchIfMissing = true)
@ConditionalOnBean(LeaseWorker.class)
public final class LeaseHealthAutoConfiguration {

  private static final String OF_BOOT_3 = "org.springframework.boot.actuate.health.HealthIndicator";
  private static final String OF_BOOT_4 =
      "org.springframework.boot.health.contributor.HealthIndicator";

  /** Spring makes one. */
  LeaseHealthAutoConfiguration() {}

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = OF_BOOT_3)
  static class OnBoot3 {

    @Bean
    org.springframework.boot.actuate.health.HealthIndicator leaseHealthIndicator(
        LeaseWorker worker) {
      return () -> {
        ShownHealth health = ShownHealth.of(worker);
        return (health.up()
                ? org.springframework.boot.actuate.health.Health.up()
                : org.springframework.boot.actuate.health.Health.down())
            .withDetails(health.details())
            .build();
      };
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = OF_BOOT_4)
  @ConditionalOnMissingClass(OF_BOOT_3)
  static class OnBoot4 {

    @Bean
    org.springframework.boot.health.contributor.HealthIndicator leaseHealthIndicator(
        LeaseWorker worker) {
      return () -> {
        ShownHealth health = ShownHealth.of(worker);
        return (health.up()
                ? org.springframework.boot.health.contributor.Health.up()
                : org.springframework.boot.health.contributor.Health.down())
            .withDetails(health.details())
            .build();
      };
    }
  }
}
