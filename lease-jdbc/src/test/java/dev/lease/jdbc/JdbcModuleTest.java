package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.BindingAnnotation;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.Stage;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class JdbcModuleTest {

  @BindingAnnotation
  @Retention(RetentionPolicy.RUNTIME)
  @interface Orders {}

  private static final Module STRICT =
      new AbstractModule() {
        @Override
        protected void configure() {
          binder().requireExplicitBindings();
          binder().disableCircularProxies();
        }
      };

  @Test
  void aModuleGivesTheInterfacesOfOneBackend() {
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION, STRICT, new JdbcModule(TestDatabase.SQLITE.newConfig()));
    try (var backend = injector.getInstance(JdbcBackend.class)) {
      assertThat(injector.getInstance(LeaseStore.class)).isSameAs(backend.leaseStore());
      assertThat(injector.getInstance(JobQueue.class)).isSameAs(backend.jobQueue());
      assertThat(injector.getInstance(JobAdmin.class)).isSameAs(backend.jobAdmin());
    }
  }

  @Test
  void aModuleTakesItsConnectionsFromADataSource() {
    var pool = new HikariDataSource();
    pool.setJdbcUrl(TestDatabase.SQLITE.newUrl());
    Module source =
        new AbstractModule() {
          @Override
          protected void configure() {
            bind(DataSource.class).annotatedWith(Orders.class).toInstance(pool);
          }
        };
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION,
            STRICT,
            source,
            new JdbcModule(JdbcConfig.defaults()).over(Key.get(DataSource.class, Orders.class)));
    try (pool;
        var backend = injector.getInstance(JdbcBackend.class)) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));

      int jobs =
          Jdbi.create(pool)
              .withHandle(
                  handle ->
                      handle.createQuery("select count(*) from lease_job").mapTo(int.class).one());

      assertThat(jobs).isOne();
      assertThat(injector.getInstance(JobQueue.class)).isSameAs(backend.jobQueue());
    }
  }

  @Test
  void twoModulesLiveSideBySideWhenOneIsAnnotated() {
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION,
            STRICT,
            new JdbcModule(TestDatabase.SQLITE.newConfig()),
            new JdbcModule(TestDatabase.SQLITE.newConfig(), Orders.class));
    try (var plain = injector.getInstance(JdbcBackend.class);
        var orders = injector.getInstance(Key.get(JdbcBackend.class, Orders.class))) {
      LeaseStore store = injector.getInstance(Key.get(LeaseStore.class, Orders.class));
      assertThat(store).isSameAs(orders.leaseStore()).isNotSameAs(plain.leaseStore());
      assertThat(injector.getInstance(Key.get(JobQueue.class, Orders.class)))
          .isSameAs(orders.jobQueue());
      assertThat(injector.getInstance(Key.get(JobAdmin.class, Orders.class)))
          .isSameAs(orders.jobAdmin());
      assertThat(store.acquire("name", "me", Duration.ofSeconds(5))).isPresent();
      assertThat(plain.leaseStore().find("name")).isEmpty();
    }
  }
}
