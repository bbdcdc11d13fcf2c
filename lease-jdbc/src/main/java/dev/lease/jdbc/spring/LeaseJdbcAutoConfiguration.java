package dev.lease.jdbc.spring;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.spring.LeaseJdbcProperties.Pool;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;

/**
 * Spring Boot finds this by itself. It opens a store over the application's {@code DataSource},
 * after Flyway, Liquibase and the application's scripts, and closes it before the {@code
 * DataSource}. Its {@link Backend} enqueues in the transaction around the caller, if there is one.
 * Properties begin with {@code lease.jdbc}.
 */
@AutoConfiguration(
    // By name, since each major has another; a name that is missing orders nothing.
    afterName = {
      "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
      "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
    })
@ConditionalOnClass({DataSourceUtils.class, PlatformTransactionManager.class})
@ConditionalOnBooleanProperty(name = "lease.enabled", matchIfMissing = true)
@ConditionalOnBean(DataSource.class)
@ConditionalOnMissingBean(Backend.class)
@EnableConfigurationProperties(LeaseJdbcProperties.class)
public final class LeaseJdbcAutoConfiguration {

  /** Spring makes one. */
  LeaseJdbcAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  JdbcConfig leaseJdbcConfig(LeaseJdbcProperties properties) {
    return properties.config();
  }

  @Bean
  SpringTransaction leaseTransaction(LeaseJdbcProperties properties, ListableBeanFactory beans) {
    DataSource dataSource = dataSource(properties.dataSource(), beans);
    // Its connections would be those of the caller's transaction in each of the store's own calls.
    DataSource target =
        dataSource instanceof TransactionAwareDataSourceProxy proxy
            ? proxy.getTargetDataSource()
            : dataSource;
    return new SpringTransaction(target == null ? dataSource : target);
  }

  private static DataSource dataSource(@Nullable String name, ListableBeanFactory beans) {
    Map<String, DataSource> all = beans.getBeansOfType(DataSource.class);
    DataSource one =
        name == null ? beans.getBeanProvider(DataSource.class).getIfUnique() : all.get(name);
    if (one == null) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.jdbc.data-source",
          name,
          "It must name the DataSource bean that has Lease's store, one of "
              + all.keySet()
              + (name == null ? ": there are several, and none is primary." : "."));
    }
    return one;
  }

  @Bean
  @DependsOnDatabaseInitialization
  JdbcBackend leaseJdbcBackend(
      SpringTransaction transaction, JdbcConfig config, LeaseJdbcProperties properties) {
    DataSource dataSource = transaction.dataSource();
    HikariDataSource pool = pool(dataSource);
    if (properties.pool() == Pool.OWN) {
      return JdbcBackend.open(ownPool(config, pool));
    }
    // JdbcBackend warns of the same: here the application's requests wait for those connections.
    int least = 2 * (config.poolSize() + 3);
    if (pool != null && pool.getMaximumPoolSize() < least) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.jdbc.pool",
          "shared",
          "The pool of the DataSource must have at least %d connections, of which Lease takes up to half, and has %d. Raise spring.datasource.hikari.maximum-pool-size, or set lease.jdbc.pool=own."
              .formatted(least, pool.getMaximumPoolSize()));
    }
    return JdbcBackend.over(dataSource, config);
  }

  private static @Nullable HikariDataSource pool(DataSource dataSource) {
    try {
      return dataSource.isWrapperFor(HikariDataSource.class)
          ? dataSource.unwrap(HikariDataSource.class)
          : null;
    } catch (SQLException e) {
      return null;
    }
  }

  private static JdbcConfig ownPool(JdbcConfig config, @Nullable HikariDataSource pool) {
    String url = config.url() != null || pool == null ? config.url() : pool.getJdbcUrl();
    if (url == null) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.jdbc.pool",
          "own",
          "Lease takes the URL of HikariCP's pool, and the DataSource is none with a URL. Declare a bean JdbcConfig with a URL, or set lease.jdbc.pool=shared.");
    }
    JdbcConfig own = config.withUrl(url);
    return config.user() == null && pool != null && pool.getUsername() != null
        ? own.withUser(pool.getUsername(), pool.getPassword())
        : own;
  }

  /** The other bean, {@link JdbcBackend}, closes the store. */
  @Bean(destroyMethod = "")
  @Primary
  Backend leaseBackend(JdbcBackend backend, SpringTransaction transaction) {
    BackendView view =
        BackendView.of(backend)
            .withJobQueue(new SpringJobQueue(backend, backend.jobQueue(), transaction));
    return backend.capabilities().contains(Capability.GRAPHS)
        ? view.withJobGraphs(new SpringJobGraphs(backend, backend.jobGraphs(), transaction))
        : view;
  }

  /** Made only for an application that uses it: others may have no transaction manager. */
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  SpringSteps leaseSteps(
      JdbcBackend backend,
      SpringTransaction transaction,
      ObjectProvider<PlatformTransactionManager> managers) {
    DataSource dataSource = transaction.dataSource();
    PlatformTransactionManager manager =
        managers.stream()
            .filter(
                it ->
                    it instanceof ResourceTransactionManager own
                        && own.getResourceFactory() == dataSource)
            .findFirst()
            .orElseGet(managers::getObject);
    return new SpringSteps(backend, dataSource, manager);
  }
}
