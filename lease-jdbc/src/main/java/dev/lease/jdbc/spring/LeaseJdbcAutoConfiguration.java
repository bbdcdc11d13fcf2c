package dev.lease.jdbc.spring;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.spring.LeaseJdbcProperties.Pool;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
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
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Spring Boot finds this by itself. It opens a store over the application's {@code DataSource},
 * after Flyway, Liquibase and the application's scripts, and closes it before the {@code
 * DataSource}. Its {@link Backend} enqueues in the transaction around the caller, if there is one.
 * A bean {@link JdbcBackend} of the application's, which must be on that {@code DataSource}, takes
 * the place of the store; one of the type {@code Backend} takes the place of all this. Properties
 * begin with {@code lease.jdbc}.
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
@ConditionalOnMissingBean(value = Backend.class, ignored = JdbcBackend.class)
@EnableConfigurationProperties(LeaseJdbcProperties.class)
public final class LeaseJdbcAutoConfiguration {

  /** Spring makes one. */
  LeaseJdbcAutoConfiguration() {}

  /** Lazy, so that it is made only if somebody reads it. */
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  JdbcConfig leaseJdbcConfig(LeaseJdbcProperties properties) {
    return properties.config();
  }

  @Bean
  SpringTransaction leaseTransaction(
      LeaseJdbcProperties properties, ListableBeanFactory beans, Environment environment) {
    if (!beans.containsBean("leaseJdbcConfig")) {
      LeaseJdbcProperties.refuseBesideABean(environment, Set.of("dataSource", "pool")::contains);
    }
    return SpringTransaction.on(dataSource(properties.dataSource(), beans));
  }

  /** Only now it is known whether a {@link JdbcBackend} of the application's has read them. */
  @Bean
  SmartInitializingSingleton leaseJdbcRefusals(
      ConfigurableListableBeanFactory beans, Environment environment) {
    return () -> {
      if (!beans.containsBean("leaseJdbcBackend")) {
        boolean read = beans.containsSingleton("leaseJdbcConfig");
        LeaseJdbcProperties.refuseBesideABean(
            environment, name -> name.equals("dataSource") || (read && !name.equals("pool")));
      }
    };
  }

  private static DataSource dataSource(@Nullable String name, ListableBeanFactory beans) {
    Map<String, DataSource> all =
        BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, DataSource.class);
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
  @ConditionalOnMissingBean
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
    String url = config.url();
    if (pool != null) {
      url = sameUrl(url, pool);
      refuseWhatIsNotTaken(config, pool);
    }
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

  /**
   * What is enqueued in a transaction goes to the database of the pool: the store must be there.
   */
  private static @Nullable String sameUrl(@Nullable String own, HikariDataSource pool) {
    String url = pool.getJdbcUrl();
    if (own != null && url != null && !withoutSettings(own).equals(withoutSettings(url))) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.jdbc.pool",
          "own",
          "The URL of the bean JdbcConfig must be that of the DataSource, since jobs are enqueued in its transactions, was %s and not %s. Leave it out of the bean."
              .formatted(withoutSettings(own), withoutSettings(url)));
    }
    return own == null ? url : own;
  }

  /** Of a URL, what says where the database is; users and passwords are elsewhere in it. */
  private static String withoutSettings(String url) {
    return url.replaceFirst("[?;&].*", "").replaceFirst("//.*@", "//");
  }

  private static void refuseWhatIsNotTaken(JdbcConfig config, HikariDataSource pool) {
    List<String> set = new ArrayList<>();
    if (pool.getSchema() != null) {
      set.add("schema");
    }
    if (pool.getConnectionInitSql() != null) {
      set.add("connection-init-sql");
    }
    if (!pool.getDataSourceProperties().isEmpty()) {
      set.add("data-source-properties");
    }
    // With a schema each statement names it, so both pools find the same tables.
    if (config.schema() == null && !set.isEmpty()) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.jdbc.pool",
          "own",
          "Lease's own pool takes the URL and the user of the DataSource, but not the %s of spring.datasource.hikari, with which its tables could be elsewhere than those that transactions enqueue to. Set lease.jdbc.schema, write the settings into the URL, or set lease.jdbc.pool=shared."
              .formatted(String.join(", ", set)));
    }
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
      JdbcBackend backend, SpringTransaction transaction, ListableBeanFactory beans) {
    DataSource dataSource = transaction.dataSource();
    return new SpringSteps(backend, dataSource, StepsManager.of(dataSource, beans));
  }
}
