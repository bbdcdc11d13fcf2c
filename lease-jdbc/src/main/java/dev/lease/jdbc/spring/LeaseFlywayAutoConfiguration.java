package dev.lease.jdbc.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Spring Boot finds this by itself. Spring Boot 3 runs Flyway wherever its jar is, and Lease brings
 * that for its own tables. So an application without migrations would not start on a schema with
 * tables: this leaves its schema alone. Spring Boot 4 runs Flyway only where its starter is.
 */
@AutoConfiguration
@ConditionalOnClass(FlywayMigrationStrategy.class)
public final class LeaseFlywayAutoConfiguration {

  /** Spring makes one. */
  LeaseFlywayAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  FlywayMigrationStrategy leaseFlywayMigrationStrategy() {
    return flyway -> {
      if (flyway.info().all().length > 0) {
        flyway.migrate();
      }
    };
  }
}
