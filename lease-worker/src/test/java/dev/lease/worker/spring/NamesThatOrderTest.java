package dev.lease.worker.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.worker.spring.test.LeaseTest;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.util.ClassUtils;

/**
 * What Lease's auto-configurations come before and after. Spring Boot's have another name in each
 * major, so both are named; one that is missing orders nothing, and says nothing. On Spring Boot 3,
 * and by profile "spring-boot-4" on the next major.
 */
@Tag("spring")
class NamesThatOrderTest {

  private static final Set<String> OF_BOOT_3 =
      Set.of(
          "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
          "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
          "org.springframework.boot.actuate.autoconfigure.opentelemetry.OpenTelemetryAutoConfiguration");

  private static final Set<String> OF_BOOT_4 =
      Set.of(
          "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
          "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
          "org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration");

  private static final Set<String> OF_LEASE =
      Set.of(
          "dev.lease.jdbc.spring.LeaseJdbcAutoConfiguration",
          "dev.lease.redis.spring.LeaseRedisAutoConfiguration",
          "dev.lease.worker.spring.LeaseWorkerAutoConfiguration");

  @Test
  void namesThoseOfBothMajors() {
    assertThat(named())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(OF_BOOT_3, OF_BOOT_4, OF_LEASE).flatMap(Set::stream).toList());
  }

  @Test
  void thoseOfTheMajorThatRunsAreThere() {
    boolean boot4 = SpringBootVersion.getVersion().startsWith("4.");

    assertThat(named().stream().filter(name -> ClassUtils.isPresent(name, null)))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(boot4 ? OF_BOOT_4 : OF_BOOT_3, OF_LEASE).flatMap(Set::stream).toList());
  }

  /** Also those that only a {@link LeaseTest} has. */
  private static Set<String> named() {
    return Stream.of(AutoConfiguration.class, LeaseTest.class)
        .map(of -> ImportCandidates.load(of, NamesThatOrderTest.class.getClassLoader()))
        .flatMap(found -> StreamSupport.stream(found.spliterator(), false))
        .filter(name -> name.startsWith("dev.lease."))
        .map(name -> ClassUtils.resolveClassName(name, null))
        .map(type -> Objects.requireNonNull(type.getAnnotation(AutoConfiguration.class)))
        .flatMap(NamesThatOrderTest::names)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> names(AutoConfiguration order) {
    return Stream.of(
            Arrays.stream(order.beforeName()),
            Arrays.stream(order.afterName()),
            Stream.of(order.before(), order.after()).flatMap(Arrays::stream).map(Class::getName))
        .flatMap(Function.identity());
  }
}
