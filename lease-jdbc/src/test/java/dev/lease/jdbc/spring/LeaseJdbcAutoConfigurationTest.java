package dev.lease.jdbc.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.testkit.server.TestServers;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class LeaseJdbcAutoConfigurationTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;

  @Configuration
  @EnableAutoConfiguration
  static class Shop {}

  @Configuration
  static class SecondDatabase {

    @Bean
    DataSource stock() {
      return new DriverManagerDataSource("jdbc:sqlite::memory:");
    }

    @Bean
    DataSource shop(@Value("${spring.datasource.url}") String url) {
      return new DriverManagerDataSource(url);
    }
  }

  private ApplicationContextRunner on(String database) {
    String url =
        database.equals("sqlite")
            ? "jdbc:sqlite:" + folder.resolve("shop.db")
            : TestServers.postgresql().newDatabase();
    return new ApplicationContextRunner()
        .withUserConfiguration(Shop.class)
        .withPropertyValues(
            "spring.datasource.url=" + url,
            "spring.flyway.locations=classpath:db/shop",
            "spring.liquibase.enabled=false");
  }

  private static NewJob job(String id) {
    return NewJob.builder("orders", id, "place", "{}").build();
  }

  private static boolean exists(AssertableApplicationContext shop, String id) {
    return shop.getBean(Backend.class).jobQueue().find("orders", id).isPresent();
  }

  private static TransactionTemplate transaction(AssertableApplicationContext shop) {
    return new TransactionTemplate(shop.getBean(PlatformTransactionManager.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "postgresql"})
  void enqueuesInTheTransactionAroundTheCaller(String database) {
    on(database)
        .run(
            shop -> {
              JobQueue jobs = shop.getBean(Backend.class).jobQueue();
              var orders = new JdbcTemplate(shop.getBean(DataSource.class));

              transaction(shop)
                  .executeWithoutResult(
                      status -> {
                        orders.update("insert into orders values ('rolled-back')");
                        jobs.enqueue(List.of(job("rolled-back")));
                        status.setRollbackOnly();
                      });
              transaction(shop)
                  .executeWithoutResult(
                      status -> {
                        orders.update("insert into orders values ('committed')");
                        jobs.enqueue(List.of(job("committed")));
                      });
              jobs.enqueue(List.of(job("alone")));

              assertThat(exists(shop, "rolled-back")).isFalse();
              assertThat(exists(shop, "committed")).isTrue();
              assertThat(exists(shop, "alone")).isTrue();
              assertThat(orders.queryForList("select id from orders", String.class))
                  .containsExactly("committed");
            });
  }

  @Test
  void storesAGraphInTheTransactionAroundTheCaller() {
    on("sqlite")
        .run(
            shop -> {
              Backend backend = shop.getBean(Backend.class);
              for (String id : List.of("rolled-back", "committed")) {
                transaction(shop)
                    .executeWithoutResult(
                        status -> {
                          backend
                              .jobGraphs()
                              .add(
                                  GraphPiece.builder("orders", id)
                                      .part(GraphPart.of("book"))
                                      .job("book", job(id))
                                      .last(1, 1)
                                      .build());
                          if (id.equals("rolled-back")) {
                            status.setRollbackOnly();
                          }
                        });
              }

              assertThat(backend.jobGraphs().find("orders", "rolled-back")).isEmpty();
              assertThat(backend.jobGraphs().find("orders", "committed")).isPresent();
            });
  }

  /** Flyway refuses a schema that is not empty, so it would fail if Lease came first. */
  @ParameterizedTest
  @ValueSource(strings = {"spring.flyway.enabled", "spring.liquibase.enabled"})
  void migratesAfterTheApplication(String tool) {
    on("postgresql")
        .withPropertyValues(
            "spring.flyway.enabled=false",
            "spring.liquibase.change-log=classpath:db/shop/changelog.sql",
            tool + "=true")
        .run(
            shop -> {
              assertThat(
                      new JdbcTemplate(shop.getBean(DataSource.class))
                          .queryForList("select id from orders"))
                  .isEmpty();
              assertThat(
                      shop.getSourceApplicationContext()
                          .getBeanFactory()
                          .getBeanDefinition("leaseJdbcBackend")
                          .getDependsOn())
                  .contains(tool.contains("flyway") ? "flywayInitializer" : "liquibase");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "postgresql"})
  void aStepAndWhatRepositoriesWriteInItAreCommittedTogether(String database) {
    on(database)
        .run(
            shop -> {
              Backend backend = shop.getBean(Backend.class);
              SpringSteps steps = shop.getBean(SpringSteps.class);
              var orders = new JdbcTemplate(shop.getBean(DataSource.class));
              backend.jobQueue().enqueue(List.of(job("1")));
              JobLease lease = claimed(backend);

              assertThat(steps.commits()).isTrue();
              assertThatThrownBy(
                      () ->
                          steps.run(
                              lease,
                              "book",
                              connection -> {
                                orders.update("insert into orders values ('failed')");
                                throw new IllegalArgumentException("out of stock");
                              }))
                  .hasMessage("out of stock");
              String value =
                  steps.run(
                      lease,
                      "book",
                      connection -> {
                        orders.update("insert into orders values ('booked')");
                        return "\"b-1\"";
                      });

              assertThat(value).isEqualTo("\"b-1\"");
              assertThat(backend.jobQueue().checkpoints(lease)).hasValue(Map.of("book", "\"b-1\""));
              assertThat(orders.queryForList("select id from orders", String.class))
                  .containsExactly("booked");
            });
  }

  @Test
  void aStepJoinsTheTransactionAroundIt() {
    on("sqlite")
        .run(
            shop -> {
              Backend backend = shop.getBean(Backend.class);
              SpringSteps steps = shop.getBean(SpringSteps.class);
              backend.jobQueue().enqueue(List.of(job("1")));
              JobLease lease = claimed(backend);

              transaction(shop)
                  .executeWithoutResult(
                      status -> {
                        assertThat(steps.commits()).isFalse();
                        try {
                          steps.run(lease, "book", connection -> "\"b-1\"");
                        } catch (Exception e) {
                          throw new AssertionError(e);
                        }
                        status.setRollbackOnly();
                      });

              assertThat(backend.jobQueue().checkpoints(lease).orElseThrow()).isEmpty();
            });
  }

  private static JobLease claimed(Backend backend) {
    return backend
        .jobQueue()
        .claim(ClaimRequest.of("orders", "worker", 1, LONG))
        .jobs()
        .get(0)
        .lease();
  }

  @Test
  void refusesATransactionOnAnotherDataSource() {
    on("sqlite")
        .run(
            shop -> {
              JobQueue jobs = shop.getBean(Backend.class).jobQueue();
              var other = new DriverManagerDataSource("jdbc:sqlite::memory:");
              var orders = new JdbcTemplate(shop.getBean(DataSource.class));

              new TransactionTemplate(new JdbcTransactionManager(other))
                  .executeWithoutResult(
                      status -> {
                        assertThatThrownBy(() -> jobs.enqueue(List.of(job("1"))))
                            .hasMessageContaining("not one on the DataSource of Lease's store");
                        // From here on Spring lends a connection to that DataSource too.
                        orders.queryForList("select id from orders");
                        assertThatThrownBy(() -> jobs.enqueue(List.of(job("1"))))
                            .hasMessageContaining("not one on the DataSource of Lease's store");
                      });

              assertThat(exists(shop, "1")).isFalse();
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnAfterCommitEnqueuesIsCommitted(boolean autoCommit) {
    on("postgresql")
        .withPropertyValues("spring.datasource.hikari.auto-commit=" + autoCommit)
        .run(
            shop -> {
              JobQueue jobs = shop.getBean(Backend.class).jobQueue();
              List<Throwable> refused = new CopyOnWriteArrayList<>();
              CountDownLatch hinted = new CountDownLatch(1);
              jobs.onWork("orders", hinted::countDown);

              for (boolean before : new boolean[] {false, true}) {
                transaction(shop)
                    .executeWithoutResult(
                        status -> {
                          if (before) {
                            jobs.enqueue(List.of(job("before")));
                          }
                          TransactionSynchronizationManager.registerSynchronization(
                              new TransactionSynchronization() {
                                @Override
                                public void afterCommit() {
                                  jobs.enqueue(List.of(job("after-" + before)));
                                }

                                @Override
                                public void afterCompletion(int ended) {
                                  refused.add(
                                      catchThrowable(
                                          () -> jobs.enqueue(List.of(job("completed")))));
                                }
                              });
                        });
              }

              assertThat(exists(shop, "before")).isTrue();
              assertThat(exists(shop, "after-true")).isTrue();
              assertThat(exists(shop, "after-false")).isTrue();
              assertThat(exists(shop, "completed")).isFalse();
              assertThat(refused)
                  .hasSize(2)
                  .allSatisfy(it -> assertThat(it).hasMessageContaining("or has ended"));
              assertThat(hinted.await(60, TimeUnit.SECONDS)).isTrue();
            });
  }

  @Test
  void aStepRefusesATransactionOnAnotherDataSource() {
    on("sqlite")
        .run(
            shop -> {
              Backend backend = shop.getBean(Backend.class);
              SpringSteps steps = shop.getBean(SpringSteps.class);
              backend.jobQueue().enqueue(List.of(job("1")));
              JobLease lease = claimed(backend);
              var other = new DriverManagerDataSource("jdbc:sqlite::memory:");

              new TransactionTemplate(new JdbcTransactionManager(other))
                  .executeWithoutResult(
                      status -> {
                        assertThatThrownBy(steps::commits).hasMessageContaining("not one on");
                        assertThatThrownBy(() -> steps.run(lease, "book", it -> "1"))
                            .hasMessageContaining("not one on");
                      });
              assertThat(backend.jobQueue().checkpoints(lease).orElseThrow()).isEmpty();
            });
  }

  /** As a manager of JPA's refuses what a validation finds, and a server that is down. */
  @Test
  void aFailedCommitIsUnknownOnlyIfTheDatabaseFailed() {
    on("sqlite")
        .run(
            shop -> {
              JdbcBackend backend = shop.getBean(JdbcBackend.class);
              DataSource dataSource = shop.getBean(DataSource.class);
              backend.jobQueue().enqueue(List.of(job("1")));
              JobLease lease = claimed(backend);

              for (Exception cause :
                  List.of(new IllegalArgumentException("no name"), new SQLException("gone"))) {
                var manager =
                    new JdbcTransactionManager(dataSource) {
                      @Override
                      protected void doCommit(DefaultTransactionStatus status) {
                        throw new TransactionSystemException("could not commit", cause);
                      }
                    };
                var steps =
                    new SpringSteps(
                        backend, new TransactionAwareDataSourceProxy(dataSource), manager);

                assertThatThrownBy(() -> steps.run(lease, "book", it -> "1"))
                    .isInstanceOf(
                        cause instanceof SQLException
                            ? StoreException.class
                            : TransactionSystemException.class);
              }
            });
  }

  @Test
  void aTransactionThatCannotBeginIsNotTriedAgain() {
    on("sqlite")
        .run(
            shop -> {
              DataSource dataSource = shop.getBean(DataSource.class);
              Backend backend = shop.getBean(Backend.class);
              backend.jobQueue().enqueue(List.of(job("1")));
              JobLease lease = claimed(backend);
              for (TransactionException refusal :
                  List.of(
                      new IllegalTransactionStateException("pre-bound connection"),
                      new CannotCreateTransactionException("no connection"))) {
                var manager =
                    new JdbcTransactionManager(dataSource) {
                      @Override
                      protected void doBegin(Object begun, TransactionDefinition definition) {
                        throw refusal;
                      }
                    };
                var steps = new SpringSteps(shop.getBean(JdbcBackend.class), dataSource, manager);

                assertThatThrownBy(() -> steps.run(lease, "book", it -> ""))
                    .isInstanceOf(
                        refusal instanceof CannotCreateTransactionException
                            ? StoreException.class
                            : IllegalTransactionStateException.class);
              }
            });
  }

  @Test
  void aStoreOfTheApplicationEnqueuesInTransactionsToo() {
    on("sqlite")
        .withUserConfiguration(OwnStore.class)
        .withPropertyValues("spring.flyway.enabled=false")
        .run(
            shop -> {
              JobQueue jobs = shop.getBean(Backend.class).jobQueue();
              transaction(shop)
                  .executeWithoutResult(
                      status -> {
                        jobs.enqueue(List.of(job("rolled-back")));
                        status.setRollbackOnly();
                      });

              assertThat(exists(shop, "rolled-back")).isFalse();
              assertThat(shop.getBeanNamesForType(JdbcBackend.class)).containsExactly("mine");
            });
  }

  @Configuration
  static class OwnStore {

    @Bean
    JdbcBackend mine(DataSource dataSource) {
      return JdbcBackend.over(dataSource, JdbcConfig.defaults());
    }
  }

  @Configuration
  static class OwnStoreByProperties {

    @Bean
    JdbcBackend mine(DataSource dataSource, ObjectProvider<JdbcConfig> config) {
      return JdbcBackend.over(dataSource, config.getObject());
    }
  }

  /** Spring Boot 4 runs Flyway only where its starter is, as it is here. */
  @Test
  void bringsFlywayToNoApplicationThatHasNoMigrations() {
    String url = "jdbc:sqlite:" + folder.resolve("old.db");
    new JdbcTemplate(new DriverManagerDataSource(url)).execute("create table orders (id text)");
    boolean boot4 =
        ClassUtils.isPresent(
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration", null);
    new ApplicationContextRunner()
        .withUserConfiguration(Shop.class)
        .withPropertyValues("spring.datasource.url=" + url, "spring.liquibase.enabled=false")
        .run(shop -> assertThat(shop.getStartupFailure() != null).isEqualTo(boot4));
  }

  @Test
  void ofSeveralDataSourcesAPropertyNamesOne() {
    ApplicationContextRunner two =
        on("sqlite")
            .withUserConfiguration(SecondDatabase.class)
            .withPropertyValues("spring.flyway.enabled=false");

    two.run(
        shop ->
            assertThat(shop)
                .getFailure()
                .rootCause()
                .hasMessageContaining("lease.jdbc.data-source")
                .hasStackTraceContaining("one of [stock, shop]: there are several"));
    two.withPropertyValues("lease.jdbc.data-source=shop")
        .run(
            shop ->
                assertThat(shop.getBean(SpringTransaction.class).dataSource())
                    .isSameAs(shop.getBean("shop")));
  }

  @Test
  void refusesAPoolOfWhichItWouldTakeMoreThanHalf() {
    ApplicationContextRunner small =
        on("postgresql").withPropertyValues("spring.datasource.hikari.maximum-pool-size=7");

    small.run(
        shop ->
            assertThat(shop)
                .getFailure()
                .rootCause()
                .hasStackTraceContaining("must have at least 8 connections")
                .hasStackTraceContaining("and has 7"));
    small
        .withPropertyValues("lease.jdbc.pool=own")
        .run(
            shop -> {
              shop.getBean(Backend.class).jobQueue().enqueue(List.of(job("1")));
              transaction(shop)
                  .executeWithoutResult(
                      status -> {
                        shop.getBean(Backend.class).jobQueue().enqueue(List.of(job("2")));
                        status.setRollbackOnly();
                      });

              assertThat(exists(shop, "1")).isTrue();
              assertThat(exists(shop, "2")).isFalse();
            });
  }

  @Test
  void refusesAPoolOfItsOwnThatCouldBeElsewhere() {
    ApplicationContextRunner own =
        on("postgresql")
            .withPropertyValues(
                "spring.flyway.enabled=false",
                "lease.jdbc.pool=own",
                "spring.datasource.hikari.schema=public");
    own.run(
        shop ->
            assertThat(shop)
                .getFailure()
                .hasStackTraceContaining("not the schema of spring.datasource.hikari"));
    own.withPropertyValues("lease.jdbc.schema=public").run(shop -> assertThat(shop).hasNotFailed());
    on("sqlite")
        .withPropertyValues("lease.jdbc.pool=own")
        .withBean(JdbcConfig.class, () -> JdbcConfig.of("jdbc:sqlite:" + folder.resolve("other")))
        .run(
            shop ->
                assertThat(shop)
                    .getFailure()
                    .hasStackTraceContaining("must be that of the DataSource"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lease.jdbc.keep-done=2h", "lease.jdbc.keepDone=2h", "lease.jdbc.schema=shop"})
  void refusesAPropertyBesideABeanThatTakesItsPlace(String property) {
    String name = property.startsWith("lease.jdbc.k") ? "keep-done" : "schema";
    for (ApplicationContextRunner shops :
        List.of(
            on("sqlite").withBean(JdbcConfig.class, JdbcConfig::defaults),
            on("sqlite").withUserConfiguration(OwnStore.class))) {
      shops
          .withPropertyValues("spring.flyway.enabled=false", property)
          .run(
              shop ->
                  assertThat(shop)
                      .getFailure()
                      .hasStackTraceContaining("lease.jdbc." + name)
                      .hasStackTraceContaining("takes the place of this property"));
    }
  }

  @Test
  void takesThePropertiesThatABeanLeavesAlone() {
    on("sqlite")
        .withBean(JdbcConfig.class, JdbcConfig::defaults)
        .withPropertyValues(
            "spring.flyway.enabled=false",
            "lease.jdbc.pool=shared",
            "lease.jdbc.data-source=dataSource")
        .run(shop -> assertThat(shop).hasNotFailed());
    on("sqlite")
        .withUserConfiguration(OwnStore.class)
        .withPropertyValues("spring.flyway.enabled=false", "lease.jdbc.pool=shared")
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining("lease.jdbc.pool"));
  }

  @Test
  void takesThePropertiesThatABackendOfTheApplicationsReads() {
    ApplicationContextRunner shops =
        on("sqlite")
            .withUserConfiguration(OwnStoreByProperties.class)
            .withPropertyValues("spring.flyway.enabled=false", "lease.jdbc.keep-done=2h");
    shops.run(
        shop ->
            assertThat(shop.getBean(JdbcConfig.class).keepDone()).isEqualTo(Duration.ofHours(2)));
    shops
        .withPropertyValues("lease.jdbc.pool=shared")
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining("lease.jdbc.pool"));
  }

  @Test
  void readsATimeWithoutAUnitAsSeconds() throws Exception {
    List<RecordComponent> times =
        Arrays.stream(LeaseJdbcProperties.class.getRecordComponents())
            .filter(each -> each.getType() == Duration.class)
            .toList();
    assertThat(times).hasSize(5);
    LeaseJdbcProperties read =
        new Binder(
                new MapConfigurationPropertySource(
                    times.stream()
                        .collect(
                            Collectors.toMap(each -> "lease.jdbc." + each.getName(), each -> "7"))))
            .bind("lease.jdbc", LeaseJdbcProperties.class)
            .get();
    for (RecordComponent time : times) {
      assertThat(time.getAccessor().invoke(read))
          .as(time.getName())
          .isEqualTo(Duration.ofSeconds(7));
    }
  }

  @Test
  void withoutPropertiesTheConfigurationIsTheDefault() {
    on("sqlite")
        .run(
            shop ->
                assertThat(shop.getBean(JdbcConfig.class))
                    .hasToString(JdbcConfig.defaults().toString()));
    assertThat(
            new LeaseJdbcProperties(
                    null,
                    LeaseJdbcProperties.Pool.SHARED,
                    2,
                    "shop",
                    false,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(6),
                    Duration.ofHours(1),
                    Duration.ofHours(2),
                    Duration.ofHours(3))
                .config())
        .hasToString(
            JdbcConfig.defaults()
                .withPoolSize(2)
                .withSchema("shop")
                .withMigrate(false)
                .withOpeningTime(Duration.ofSeconds(5))
                .withCallTimeout(Duration.ofSeconds(6))
                .withRetention(Duration.ofHours(1), Duration.ofHours(2))
                .withRememberedIds(Duration.ofHours(3))
                .toString());
  }

  @Test
  void isNotThereIfSwitchedOffOrIfThereIsABackendAlready() {
    on("sqlite")
        .withPropertyValues("lease.enabled=false")
        .run(shop -> assertThat(shop).doesNotHaveBean(Backend.class));
    on("sqlite")
        .withBean(
            "mine",
            Backend.class,
            () -> JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + folder.resolve("mine.db"))))
        .run(shop -> assertThat(shop).hasSingleBean(Backend.class));
  }

  @Test
  void comesAfterTheDataSource() {
    ClassLoader loader = getClass().getClassLoader();
    Class<?>[] found =
        StreamSupport.stream(
                ImportCandidates.load(AutoConfiguration.class, loader).spliterator(), false)
            .filter(name -> name.matches(".*\\.(LeaseJdbc|DataSource)AutoConfiguration"))
            .map(name -> type(name))
            .toArray(Class<?>[]::new);

    assertThat(Arrays.stream(Configurations.getClasses(AutoConfigurations.of(found))))
        .extracting(Class::getSimpleName)
        .containsExactly("DataSourceAutoConfiguration", "LeaseJdbcAutoConfiguration");
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theQueuesAndGraphsPassOnEachCall() {
    assertThat(SpringJobQueue.class.getDeclaredMethods())
        .extracting(Method::getName)
        .containsAll(names(JobQueue.class));
    assertThat(SpringJobGraphs.class.getDeclaredMethods())
        .extracting(Method::getName)
        .containsAll(names(JobGraphs.class));
  }

  private static List<String> names(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> !method.isSynthetic())
        .map(Method::getName)
        .toList();
  }
}
