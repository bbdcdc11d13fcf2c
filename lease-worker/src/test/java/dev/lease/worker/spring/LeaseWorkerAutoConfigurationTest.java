package dev.lease.worker.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lease.Backend;
import dev.lease.JobState;
import dev.lease.jdbc.spring.SpringSteps;
import dev.lease.testkit.server.TestServers;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.HandlerOptions;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.QueueShare;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.Step;
import dev.lease.worker.TypedJobHandler;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerStatus.State;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class LeaseWorkerAutoConfigurationTest {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final JobType<String> PLACE = JobType.of("orders", "place", String.class);
  private static final JobType<String> WAIT = JobType.of("orders", "wait", String.class);

  @TempDir Path folder;

  @Configuration
  @EnableAutoConfiguration
  @Import(Orders.class)
  static class Shop {}

  @Component
  static class Orders {

    private final JobClient jobs;
    private final JdbcTemplate tables;

    Orders(JobClient jobs, JdbcTemplate tables) {
      this.jobs = jobs;
      this.tables = tables;
      tables.execute("create table if not exists orders (id varchar(40) primary key)");
    }

    @Transactional
    public void place(String id, boolean fails) {
      tables.update("insert into orders values (?)", id);
      jobs.enqueue(jobs.job(PLACE, id, id).build());
      if (fails) {
        throw new IllegalArgumentException("out of stock");
      }
    }

    void save(String id) {
      tables.update("insert into orders values (?)", id);
    }

    List<String> saved() {
      return tables.queryForList("select id from orders order by id", String.class);
    }
  }

  @Component
  record Place(Orders orders, SpringSteps steps) implements TypedJobHandler<String> {

    @Override
    public JobType<String> type() {
      return PLACE;
    }

    @Override
    public void handle(String id, JobContext context) throws Exception {
      context.step(
          Step.of("book", String.class),
          steps,
          connection -> {
            orders.save(id + "-booked");
            return "b-" + id;
          });
    }
  }

  /** Runs until the application is closed, and writes then. */
  @Component
  static class Wait implements TypedJobHandler<String> {

    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Orders orders;

    Wait(Orders orders) {
      this.orders = orders;
    }

    @Override
    public JobType<String> type() {
      return WAIT;
    }

    @Override
    public void handle(String id, JobContext context) throws Exception {
      started.countDown();
      assertThat(closing.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
      orders.save("saved-while-closing");
    }

    @EventListener(ContextClosedEvent.class)
    void closing() {
      closing.countDown();
    }
  }

  @Configuration
  static class MoreBeans {

    private final List<String> heard = new ArrayList<>();

    @Bean
    Schedule report() {
      return Schedule.cron("report", PLACE, "report", "0 0 6 1 1 *", ZoneId.of("Europe/Berlin"));
    }

    @Bean
    HandlerInterceptor interceptor() {
      return (context, call) -> {
        heard.add(context.jobId());
        call.proceed();
      };
    }

    @Bean
    LeaseCustomizer customizer() {
      return new LeaseCustomizer() {
        @Override
        public void customize(Worker.Builder worker) {
          worker.queuesWithPrefix("tenant-");
        }

        @Override
        public void customize(JobClient.Builder client) {
          client.maxCrashes(7);
        }
      };
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
            "spring.flyway.enabled=false",
            "spring.liquibase.enabled=false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "postgresql"})
  void runsWhatWasEnqueuedInATransactionThatCommitted(String database) {
    on(database)
        .withUserConfiguration(Place.class)
        .run(
            shop -> {
              Orders orders = shop.getBean(Orders.class);
              assertThatThrownBy(() -> orders.place("1", true)).hasMessage("out of stock");
              orders.place("2", false);

              JobClient jobs = shop.getBean(JobClient.class);
              assertThat(jobs.await(PLACE, "2", LONG).state()).isEqualTo(JobState.DONE);
              assertThat(jobs.find(PLACE, "1")).isEmpty();
              assertThat(orders.saved()).containsExactly("2", "2-booked");
            });
  }

  @Test
  void stopsBeforeThePoolCloses() {
    ApplicationContextRunner shops = on("sqlite");
    shops
        .withUserConfiguration(Wait.class)
        .run(
            shop -> {
              JobClient jobs = shop.getBean(JobClient.class);
              jobs.enqueue(jobs.job(WAIT, "1", "").build());
              assertThat(shop.getBean(Wait.class).started.await(60, TimeUnit.SECONDS)).isTrue();
            });

    shops.run(
        shop -> {
          assertThat(shop.getBean(JobClient.class).find(WAIT, "1").orElseThrow().state())
              .isEqualTo(JobState.DONE);
          assertThat(shop.getBean(Orders.class).saved()).containsExactly("saved-while-closing");
        });
  }

  @Test
  void waitsForAWorkerThatStopsAlready() {
    ApplicationContextRunner shops = on("sqlite");
    shops
        .withUserConfiguration(Wait.class)
        .run(
            shop -> {
              JobClient jobs = shop.getBean(JobClient.class);
              jobs.enqueue(jobs.job(WAIT, "1", "").build());
              assertThat(shop.getBean(Wait.class).started.await(60, TimeUnit.SECONDS)).isTrue();
              LeaseWorker leaseWorker = shop.getBean(LeaseWorker.class);
              Worker worker = leaseWorker.worker();

              new Thread(worker::stop).start();
              await().atMost(LONG).until(() -> !worker.status().running());
              assertThat(leaseWorker.isRunning()).isTrue();
              leaseWorker.start();
              assertThat(leaseWorker.worker()).isSameAs(worker);
              shop.close();
              assertThat(leaseWorker.isRunning()).isFalse();
            });

    shops.run(
        shop ->
            assertThat(shop.getBean(Orders.class).saved()).containsExactly("saved-while-closing"));
  }

  /** Fails when all has started: then Spring destroys the beans, and stops none before. */
  @Configuration
  static class FailsLate {

    @EventListener(ContextRefreshedEvent.class)
    void fail() {
      throw new IllegalStateException("late");
    }
  }

  @Test
  void aStartThatFailsLateLeavesNoWorker() {
    List<Worker> workers = new ArrayList<>();
    on("sqlite")
        .withUserConfiguration(Place.class, FailsLate.class)
        .withBean(
            LeaseCustomizer.class,
            () ->
                new LeaseCustomizer() {
                  @Override
                  public void started(Worker worker) {
                    workers.add(worker);
                  }
                })
        .run(shop -> assertThat(shop).getFailure().hasMessage("late"));

    assertThat(workers).singleElement().matches(it -> it.status().state() == State.STOPPED);
  }

  @Test
  void aWorkerOfTheApplicationIsTheOnlyOne() {
    on("sqlite")
        .withUserConfiguration(Place.class, OwnWorker.class)
        .run(shop -> assertThat(shop).hasNotFailed().doesNotHaveBean(LeaseWorker.class));
  }

  @Configuration
  static class OwnWorker {

    @Bean
    Worker mine(Backend backend, Place place) {
      return Worker.builder(backend).handle(place).build();
    }
  }

  @Test
  void aContextThatStartsAgainHasANewWorker() {
    on("sqlite")
        .withUserConfiguration(Place.class)
        .run(
            shop -> {
              Worker first = shop.getBean(LeaseWorker.class).worker();
              shop.getSourceApplicationContext().stop();
              assertThat(first.status().running()).isFalse();
              shop.getSourceApplicationContext().start();

              shop.getBean(Orders.class).place("1", false);
              JobClient jobs = shop.getBean(JobClient.class);
              assertThat(jobs.await(PLACE, "1", LONG).state()).isEqualTo(JobState.DONE);
              assertThat(shop.getBean(LeaseWorker.class).worker()).isNotSameAs(first);
            });
  }

  @Test
  void takesTheBeansOfTheApplication() {
    on("sqlite")
        .withUserConfiguration(Place.class, MoreBeans.class)
        .run(
            shop -> {
              JobClient jobs = shop.getBean(JobClient.class);
              jobs.enqueue(jobs.job(PLACE.in("tenant-1"), "1", "1").build());

              var job = jobs.await(PLACE.in("tenant-1"), "1", LONG);
              assertThat(job.job().maxCrashes()).isEqualTo(7);
              assertThat(shop.getBean(MoreBeans.class).heard).containsExactly("1");
              await()
                  .atMost(LONG)
                  .untilAsserted(
                      () ->
                          assertThat(shop.getBean(Schedules.class).list())
                              .extracting(Schedules.Listed::name)
                              .containsExactly("report"));
            });
  }

  @Test
  void anApplicationWithoutAHandlerOnlyEnqueues() {
    on("sqlite")
        .run(
            shop -> {
              shop.getBean(Orders.class).place("1", false);
              assertThat(shop.getBean(JobClient.class).find(PLACE, "1")).isPresent();
              assertThat(shop).doesNotHaveBean(LeaseWorker.class);
            });
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues("lease.worker.enabled=false")
        .run(shop -> assertThat(shop).hasNotFailed().doesNotHaveBean(LeaseWorker.class));
  }

  @Test
  void propertiesSetTheWorker() {
    assertThat(config()).isEqualTo(text(WorkerConfig.builder()));
    assertThat(
            config(
                "concurrency=5",
                "queues.orders.slots=4",
                "queues.orders.weight=3",
                "lease-duration=20s",
                "poll-interval=2s",
                "look-ahead=7",
                "stop-grace=3s",
                "idempotency-key-prefix=shop:",
                "purge-interval=2m",
                "threads=platform",
                "max-due-time=5m",
                "report=false"))
        .isEqualTo(
            text(
                WorkerConfig.builder()
                    .concurrency(5)
                    .queue("orders", QueueShare.DEFAULT.withSlots(4).withWeight(3))
                    .leaseDuration(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofSeconds(2))
                    .lookAhead(7)
                    .stopGrace(Duration.ofSeconds(3))
                    .idempotencyKeyPrefix("shop:")
                    .purgeInterval(Duration.ofMinutes(2))
                    .threads(WorkerConfig.Threads.PLATFORM)
                    .maxDueTime(Duration.ofMinutes(5))
                    .report(false)));
  }

  private static String text(WorkerConfig.Builder config) {
    return config.name("w").shutdownHook(false).build().toString();
  }

  private String config(String... properties) {
    List<String> texts = new ArrayList<>();
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues("lease.worker.name=w")
        .withPropertyValues(
            List.of(properties).stream().map("lease.worker."::concat).toArray(String[]::new))
        .run(shop -> texts.add(shop.getBean(WorkerConfig.class).toString()));
    return texts.get(0);
  }

  @Test
  void refusesAStopThatSpringWouldNotWaitFor() {
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues("lease.worker.stop-grace=20s")
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining("was 20.0 s of 30.0 s"));
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues(
            "lease.worker.stop-grace=20s", "spring.lifecycle.timeout-per-shutdown-phase=35s")
        .run(shop -> assertThat(shop).hasNotFailed());
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withBean(WorkerConfig.class, () -> WorkerConfig.builder().build())
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining("shutdownHook(false)"));
  }

  @ParameterizedTest
  @CsvSource({
    "lease.worker.poll-interval=2s,poll-interval",
    "lease.worker.pollInterval=2s,poll-interval",
    "lease.worker.queues.orders.slots=2,queues",
  })
  void refusesAPropertyBesideABeanThatTakesItsPlace(String property, String name) {
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withBean(WorkerConfig.class, () -> WorkerConfig.builder().shutdownHook(false).build())
        .withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=35s", property)
        .run(
            shop ->
                assertThat(shop)
                    .getFailure()
                    .hasStackTraceContaining("lease.worker." + name)
                    .hasStackTraceContaining("takes the place of this property"));
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withBean(WorkerConfig.class, () -> WorkerConfig.builder().shutdownHook(false).build())
        .withPropertyValues(
            "spring.lifecycle.timeout-per-shutdown-phase=35s", "lease.worker.enabled=false")
        .run(shop -> assertThat(shop).hasNotFailed());
  }

  @Test
  void readsATimeWithoutAUnitAsSeconds() throws Exception {
    List<RecordComponent> times =
        Arrays.stream(LeaseWorkerProperties.class.getRecordComponents())
            .filter(each -> each.getType() == Duration.class)
            .toList();
    assertThat(times).hasSize(5);
    LeaseWorkerProperties read =
        new Binder(
                new MapConfigurationPropertySource(
                    times.stream()
                        .collect(
                            Collectors.toMap(
                                each -> "lease.worker." + each.getName(), each -> "7"))))
            .bind("lease.worker", LeaseWorkerProperties.class)
            .get();
    for (RecordComponent time : times) {
      assertThat(time.getAccessor().invoke(read))
          .as(time.getName())
          .isEqualTo(Duration.ofSeconds(7));
    }
  }

  @ParameterizedTest
  @CsvSource({"20s,PT5S", "40s,PT8S", "10s,"})
  void aGraceThatIsNotSetFitsIntoTheTimeOut(String timeout, @Nullable Duration grace) {
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=" + timeout)
        .run(
            shop -> {
              if (grace == null) {
                assertThat(shop).getFailure().hasStackTraceContaining("was 0.0 s of 10.0 s");
              } else {
                assertThat(shop.getBean(WorkerConfig.class).stopGrace()).isEqualTo(grace);
              }
            });
  }

  @Test
  void refusesBeansThatOnlyAWorkerWouldRun() {
    on("sqlite")
        .withUserConfiguration(MoreBeans.class)
        .run(
            shop ->
                assertThat(shop)
                    .getFailure()
                    .hasMessageContaining("no worker for the beans [report]"));
    on("sqlite")
        .withUserConfiguration(MoreBeans.class)
        .withPropertyValues("lease.worker.enabled=false")
        .run(shop -> assertThat(shop).hasNotFailed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lease.jdbc.keep-doen", "lease.worker.concurency", "lease.worker.queues.a.slts"})
  void refusesAPropertyThatThereIsNot(String property) {
    on("sqlite")
        .withUserConfiguration(Place.class)
        .withPropertyValues(property + "=1")
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining(property));
  }

  @Test
  void aHandlerCanBringItsOptions() {
    HandlerOptions options = HandlerOptions.builder().maxFailures(1).build();
    TypedJobHandler<String> failing =
        new TypedJobHandler<>() {
          @Override
          public JobType<String> type() {
            return PLACE;
          }

          @Override
          public HandlerOptions options() {
            return options;
          }

          @Override
          public void handle(String payload, JobContext context) {
            throw new IllegalArgumentException("out of stock");
          }
        };
    on("sqlite")
        .withBean("failing", TypedJobHandler.class, () -> failing)
        .run(
            shop -> {
              shop.getBean(Orders.class).place("1", false);
              JobClient jobs = shop.getBean(JobClient.class);
              assertThat(jobs.await(PLACE, "1", LONG).state()).isEqualTo(JobState.FAILED);
            });
  }

  @Test
  void eachPropertyHasADescription() throws Exception {
    List<String> names = new ArrayList<>();
    for (URL url :
        Collections.list(
            getClass()
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
      try (var json = url.openStream()) {
        for (JsonNode property : JsonMapper.shared().readTree(json).get("properties")) {
          String name = property.get("name").asString();
          if (name.startsWith("lease.")) {
            names.add(name);
            assertThat(property.path("description").asString()).as(name).isNotEmpty();
          }
        }
      }
    }
    assertThat(names)
        .contains(
            "lease.jdbc.pool", "lease.redis.uri", "lease.worker.concurrency", "lease.enabled");
  }
}
