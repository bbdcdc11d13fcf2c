package dev.lease.worker.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lease.Due;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.TypedJobHandler;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import dev.lease.worker.tracing.JobTracing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.annotation.Configurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class LeaseObservationTest {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final JobType<String> WAIT = JobType.of("orders", "wait", String.class);

  @TempDir Path folder;

  @Configuration
  @EnableAutoConfiguration
  static class Shop implements TypedJobHandler<String> {

    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public JobType<String> type() {
      return WAIT;
    }

    @Override
    public void handle(String payload, JobContext context) throws Exception {
      assertThat(goOn.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Configuration
  static class Observed {

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();

    @Bean
    MeterRegistry meters() {
      return new SimpleMeterRegistry();
    }

    @Bean
    OpenTelemetry telemetry() {
      return OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .build();
    }
  }

  private ApplicationContextRunner shops() {
    return new ApplicationContextRunner()
        .withUserConfiguration(Shop.class)
        .withPropertyValues(
            "spring.datasource.url=jdbc:sqlite:" + folder.resolve("shop.db"),
            "spring.flyway.enabled=false",
            "spring.liquibase.enabled=false");
  }

  @Test
  void aDegradedWorkerIsUpAndSaysSo() {
    shops()
        .withPropertyValues(
            "lease.worker.concurrency=1",
            "lease.worker.look-ahead=0",
            "lease.worker.max-due-time=10s",
            "lease.worker.stop-grace=0s",
            // It asks for the health as well, and jobs are counted every 15 s at most.
            "lease.worker.report=false")
        .run(
            shop -> {
              JobClient jobs = shop.getBean(JobClient.class);
              Due longAgo = Due.at(Instant.now().minusSeconds(600));
              for (String id : List.of("1", "2")) {
                jobs.enqueue(jobs.job(WAIT, id, "").due(longAgo).build());
              }

              await()
                  .atMost(LONG)
                  .untilAsserted(
                      () -> assertThat(health(shop)).contains("UP", "worker=DEGRADED", "orders"));
              shop.getBean(LeaseWorker.class).stop();
              assertThat(health(shop)).contains("DOWN", "worker=DOWN");
            });
  }

  /** By the name that the health has in both majors. */
  private static String health(ApplicationContext shop) throws Exception {
    Object indicator = shop.getBean("leaseHealthIndicator");
    Method health = indicator.getClass().getInterfaces()[0].getMethod("health");
    return String.valueOf(health.invoke(indicator));
  }

  @Test
  void aWorkerIsMeasuredAndTraced() {
    shops()
        .withUserConfiguration(Observed.class)
        .run(
            shop -> {
              shop.getBean(Shop.class).goOn.countDown();
              JobClient jobs = shop.getBean(JobClient.class);
              jobs.enqueue(jobs.job(WAIT, "1", "").build());
              jobs.await(WAIT, "1", LONG);

              MeterRegistry meters = shop.getBean(MeterRegistry.class);
              InMemorySpanExporter spans = shop.getBean(Observed.class).spans;
              await()
                  .atMost(LONG)
                  .untilAsserted(
                      () -> {
                        assertThat(meters.get("lease.settled").tag("outcome", "done").counters())
                            .anySatisfy(done -> assertThat(done.count()).isEqualTo(1));
                        assertThat(spans.getFinishedSpanItems())
                            .extracting(SpanData::getName)
                            .contains("enqueue orders", "process orders");
                      });
              assertThat(meters.get("lease.active").gauge().value()).isNotNaN();
              assertThat(shop).hasSingleBean(QueueMetrics.class);
            });
  }

  @Test
  void eachPartCanBeSwitchedOff() {
    shops()
        .withUserConfiguration(Observed.class)
        .withPropertyValues(
            "lease.health.enabled=false",
            "lease.metrics.enabled=false",
            "lease.tracing.enabled=false")
        .run(
            shop ->
                assertThat(shop)
                    .hasNotFailed()
                    .doesNotHaveBean("leaseHealthIndicator")
                    .doesNotHaveBean(WorkerMetrics.class)
                    .doesNotHaveBean(QueueMetrics.class)
                    .doesNotHaveBean(JobTracing.class));
  }

  /** A name that is missing orders nothing, and says nothing. */
  @Test
  void comesAfterWhatMakesTheRegistryAndTheTelemetry() {
    assertThat(order("(CompositeMeterRegistry|LeaseMetrics)"))
        .containsExactly(
            "CompositeMeterRegistryAutoConfiguration", "LeaseMetricsAutoConfiguration");
    assertThat(
            order(
                "opentelemetry.autoconfigure.OpenTelemetrySdk|\\.LeaseTracing|autoconfigure.opentelemetry.OpenTelemetry"))
        .hasSize(2)
        .last()
        .isEqualTo("LeaseTracingAutoConfiguration");
    assertThat(order("(LeaseJdbc|LeaseRedis|LeaseWorker)"))
        .containsExactly(
            "LeaseRedisAutoConfiguration",
            "LeaseJdbcAutoConfiguration",
            "LeaseWorkerAutoConfiguration");
  }

  private List<String> order(String names) {
    Class<?>[] found =
        StreamSupport.stream(
                ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())
                    .spliterator(),
                false)
            .filter(name -> name.matches(".*(" + names + ")AutoConfiguration"))
            .map(LeaseObservationTest::type)
            .toArray(Class<?>[]::new);
    return Arrays.stream(Configurations.getClasses(AutoConfigurations.of(found)))
        .map(Class::getSimpleName)
        .toList();
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
