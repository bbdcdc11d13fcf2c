package dev.lease.testkit.spring;

import dev.lease.Backend;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * The {@code @LeaseTest} of lease-worker finds this by itself, and nobody else does: a store in
 * memory where there is no other. Its clock is a {@link ManualClock}, or the application's bean of
 * type {@link InstantSource}, such as a {@code Clock}.
 */
@AutoConfiguration(
    afterName = {
      "dev.lease.jdbc.spring.LeaseJdbcAutoConfiguration",
      "dev.lease.redis.spring.LeaseRedisAutoConfiguration"
    },
    beforeName = "dev.lease.worker.spring.LeaseWorkerAutoConfiguration")
@ConditionalOnMissingBean(Backend.class)
public final class InMemoryAutoConfiguration {

  /** Spring makes one. */
  InMemoryAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(InstantSource.class)
  ManualClock leaseClock() {
    return new ManualClock();
  }

  @Bean
  InMemoryBackend leaseBackend(InstantSource clock) {
    return new InMemoryBackend(clock);
  }
}
