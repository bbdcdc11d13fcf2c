package dev.lease.worker.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobEvent.End;
import dev.lease.worker.JobType;
import dev.lease.worker.Schedule;
import dev.lease.worker.TestWorker;
import dev.lease.worker.TestedAttempt;
import dev.lease.worker.TypedJobHandler;
import dev.lease.worker.Worker;
import dev.lease.worker.spring.test.LeaseTest;
import dev.lease.worker.spring.test.LeaseTestAutoConfiguration;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestContextManager;

/**
 * Drives tests of Spring's as its extension does, since that of Spring 7 wants a newer JUnit. On
 * Spring Boot 3, and by profile "spring-boot-4" on the next major.
 */
@Tag("spring")
class LeaseTestTest {

  private static final JobType<String> GREET = JobType.of("mails", "greet", String.class);

  @TempDir static Path folder;

  static class Greet implements TypedJobHandler<String> {

    @Override
    public JobType<String> type() {
      return GREET;
    }

    @Override
    public void handle(String name, JobContext context) {
      if (name.equals("nobody")) {
        throw new IllegalArgumentException("no name");
      }
      context.result("hello " + name);
    }
  }

  abstract static class Tests {

    @Autowired TestWorker worker;
    @Autowired JobClient jobs;
    @Autowired Backend backend;
    @Autowired ApplicationContext context;

    void test() {}
  }

  @LeaseTest(classes = Greet.class)
  static class OfAHandler extends Tests {

    @Autowired ManualClock clock;

    @Configuration
    static class NotOfTheseClasses {}
  }

  @Configuration
  @EnableAutoConfiguration
  @Import(Greet.class)
  static class Shop {

    @Bean
    Schedule daily() {
      return Schedule.every("daily", GREET, "all", Duration.ofDays(1));
    }
  }

  @LeaseTest
  @SpringBootTest(
      classes = Shop.class,
      properties = {
        "spring.flyway.enabled=false",
        "spring.liquibase.enabled=false",
        "lease.worker.enabled=false"
      })
  @DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_CLASS)
  static class OfAnApplication extends Tests {

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
      properties.add("spring.datasource.url", () -> "jdbc:sqlite:" + folder.resolve("shop.db"));
    }
  }

  @LeaseTest
  static class OfCodeThatOnlyEnqueues extends Tests {

    private static final Instant THEN = Instant.parse("2025-05-05T05:05:05Z");

    @Configuration
    static class Clocks {

      @Bean
      Clock clock() {
        return Clock.fixed(THEN, ZoneOffset.UTC);
      }
    }
  }

  @SafeVarargs
  private static <T extends Tests> void run(Class<T> type, ThrowingConsumer<T>... tests)
      throws Exception {
    Method method = Tests.class.getDeclaredMethod("test");
    TestContextManager spring = new TestContextManager(type);
    spring.beforeTestClass();
    for (ThrowingConsumer<T> test : tests) {
      T instance = type.getDeclaredConstructor().newInstance();
      spring.prepareTestInstance(instance);
      spring.beforeTestMethod(instance, method);
      test.accept(instance);
      spring.afterTestMethod(instance, method, null);
    }
    spring.afterTestClass();
  }

  @Test
  void runsJobsInMemoryWhenTheTestSaysSo() throws Exception {
    run(
        OfAHandler.class,
        test -> {
          test.jobs.enqueue(GREET, "nobody");
          assertThat(test.worker.drain())
              .extracting(TestedAttempt::end)
              .containsExactly(End.RETRIED);
          assertThat(test.worker.drain()).isEmpty();
          test.clock.advance(Duration.ofHours(1));
          assertThat(test.worker.drain()).isNotEmpty();
          assertThat(test.backend).isInstanceOf(InMemoryBackend.class);
          assertThat(test.context.getBeanNamesForType(LeaseWorker.class)).isEmpty();
        },
        another -> {
          assertThat(another.worker.drain()).isEmpty();
          another.worker.assertNotEnqueued(GREET, name -> true);
          TestedAttempt attempt = another.worker.run(GREET, "Ann");
          assertThat(attempt.result(String.class)).as(attempt::toString).hasValue("hello Ann");
        });
  }

  @Test
  void aWholeApplicationKeepsItsStore() throws Exception {
    run(
        OfAnApplication.class,
        test -> {
          assertThat(test.context.getBean(JdbcBackend.class)).isNotNull();
          assertThat(test.context.getBeanNamesForType(LeaseWorker.class)).isEmpty();
          assertThat(test.worker.run(GREET, "Ann").end()).isEqualTo(End.SUCCEEDED);
          test.jobs.enqueue(test.jobs.job(GREET, "1", "Bob").build());
        },
        // It wants one context for all its tests.
        another -> assertThat(another.jobs.find(GREET, "1")).isPresent());
  }

  @Test
  void aClockOfTheApplicationIsThatOfTheStore() throws Exception {
    run(
        OfCodeThatOnlyEnqueues.class,
        test -> {
          test.jobs.enqueue(GREET, "Ann");
          assertThat(test.worker.assertEnqueued(GREET, "Ann"::equals).createdAt())
              .isEqualTo(OfCodeThatOnlyEnqueues.THEN);
        });
  }

  @Test
  void saysWhatIsMissingWithoutAStore() {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(LeaseTestAutoConfiguration.class))
        .run(
            test ->
                assertThat(test)
                    .getFailure()
                    .hasStackTraceContaining("add dev.lease:lease-testkit in scope test"));
  }

  @Configuration
  static class OwnWorker {

    @Bean
    @Lazy
    Worker fast() {
      throw new IllegalStateException("the worker is made");
    }
  }

  @Test
  void refusesAWorkerThatWouldTakeTheJobs() {
    new ApplicationContextRunner()
        .withUserConfiguration(Shop.class, OwnWorker.class)
        .withConfiguration(AutoConfigurations.of(LeaseTestAutoConfiguration.class))
        .run(
            test ->
                assertThat(test)
                    .getFailure()
                    .hasStackTraceContaining("the bean fast is a Worker that would take them"));
  }
}
