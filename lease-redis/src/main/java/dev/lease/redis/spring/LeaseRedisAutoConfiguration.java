package dev.lease.redis.spring;

import dev.lease.Backend;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * Spring Boot finds this by itself. It opens a store on Redis where {@code lease.redis.uri} says
 * where it is, and without lease-jdbc on the class path also where {@code spring.data.redis} does.
 * Jobs are enqueued at once: Redis takes no part in transactions. Properties begin with {@code
 * lease.redis}.
 */
@AutoConfiguration(beforeName = "dev.lease.jdbc.spring.LeaseJdbcAutoConfiguration")
@ConditionalOnBooleanProperty(name = "lease.enabled", matchIfMissing = true)
@Conditional(LeaseRedisAutoConfiguration.IsChosen.class)
@ConditionalOnMissingBean(Backend.class)
@EnableConfigurationProperties(LeaseRedisProperties.class)
public final class LeaseRedisAutoConfiguration {

  /** Spring makes one. */
  LeaseRedisAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  RedisConfig leaseRedisConfig(LeaseRedisProperties properties, Environment environment) {
    String uri = properties.uri();
    return properties.config(uri == null ? new SpringDataRedis(environment).uri() : uri);
  }

  @Bean
  RedisBackend leaseBackend(
      RedisConfig config, ListableBeanFactory beans, Environment environment) {
    if (!beans.containsBean("leaseRedisConfig")) {
      LeaseRedisProperties.refuseBesideABean(environment);
    }
    return RedisBackend.open(config);
  }

  /** Whether the application wants its jobs in Redis. It may use Redis for something else. */
  static final class IsChosen extends AnyNestedCondition {

    IsChosen() {
      super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnProperty("lease.redis.uri")
    static final class ByUri {}

    @ConditionalOnBean(RedisConfig.class)
    static final class ByBean {}

    @ConditionalOnMissingClass("dev.lease.jdbc.JdbcBackend")
    @ConditionalOnProperty("spring.data.redis.url")
    static final class ByUrlOfSpring {}

    @ConditionalOnMissingClass("dev.lease.jdbc.JdbcBackend")
    @ConditionalOnProperty("spring.data.redis.host")
    static final class ByHostOfSpring {}
  }
}
