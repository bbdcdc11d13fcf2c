package dev.lease.redis.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.NewJob;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.TestServers;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/** On Spring Boot 3, and by profile "spring-boot-4" on the next major. */
@Tag("spring")
class LeaseRedisAutoConfigurationTest {

  @Configuration
  @EnableAutoConfiguration
  static class Shop {}

  private final String prefix = "test-" + UUID.randomUUID();

  private final ApplicationContextRunner shops =
      new ApplicationContextRunner()
          .withUserConfiguration(Shop.class)
          .withPropertyValues("lease.redis.prefix=" + prefix);

  private static String[] server() {
    URI uri = URI.create(TestServers.redis());
    return new String[] {
      "spring.data.redis.host=" + uri.getHost(),
      "spring.data.redis.port=" + (uri.getPort() < 0 ? 6379 : uri.getPort())
    };
  }

  private void keepsAJob(String... properties) {
    shops
        .withPropertyValues(properties)
        .run(
            shop -> {
              Backend backend = shop.getBean(Backend.class);
              backend
                  .jobQueue()
                  .enqueue(List.of(NewJob.builder("orders", "1", "place", "{}").build()));
              assertThat(backend.jobQueue().find("orders", "1")).isPresent();
              assertThat(backend).isInstanceOf(RedisBackend.class);
            });
  }

  @Test
  void opensAStoreWhereThePropertySays() {
    keepsAJob("lease.redis.uri=" + TestServers.redis(), "spring.data.redis.host=nowhere.invalid");
  }

  @Test
  void takesTheServerOfTheApplication() {
    keepsAJob(server());
    keepsAJob("spring.data.redis.url=" + TestServers.redis());
  }

  @Test
  void isNotThereWithoutAServerOrIfSwitchedOff() {
    shops.run(shop -> assertThat(shop).hasNotFailed().doesNotHaveBean(Backend.class));
    shops
        .withPropertyValues("lease.enabled=false")
        .withPropertyValues(server())
        .run(shop -> assertThat(shop).hasNotFailed().doesNotHaveBean(Backend.class));
  }

  @Test
  void asksForAUriOfSeveralServers() {
    shops
        .withPropertyValues("spring.data.redis.host=one", "spring.data.redis.cluster.nodes=one,two")
        .run(
            shop ->
                assertThat(shop)
                    .getFailure()
                    .hasStackTraceContaining(
                        "spring.data.redis.cluster.nodes has several servers"));
  }

  @Test
  void refusesAPropertyThatThereIsNot() {
    shops
        .withPropertyValues("lease.redis.uri=" + TestServers.redis(), "lease.redis.keep-doen=1h")
        .run(
            shop -> assertThat(shop).getFailure().hasStackTraceContaining("lease.redis.keep-doen"));
  }

  private ApplicationContextRunner withBean() {
    return new ApplicationContextRunner()
        .withUserConfiguration(Shop.class)
        .withBean(RedisConfig.class, () -> RedisConfig.of(TestServers.redis()).withPrefix(prefix));
  }

  @Test
  void refusesAPropertyBesideABeanThatTakesItsPlace() {
    withBean()
        .withPropertyValues("lease.redis.uri=redis://user:sesame@nowhere.invalid")
        .run(
            shop -> {
              assertThat(shop)
                  .getFailure()
                  .hasStackTraceContaining("lease.redis.uri")
                  .hasStackTraceContaining("A bean of type RedisConfig takes the place");
              assertThat(shop.getStartupFailure()).hasMessageNotContaining("sesame");
            });
    withBean()
        .withInitializer(of("LEASE_REDIS_KEEPDONE", "2h"))
        .run(shop -> assertThat(shop).getFailure().hasStackTraceContaining("redis.keep-done"));
  }

  /** Spring Boot's own explanation of a value that is wrong shows the value. */
  @Test
  void showsNoPasswordOfAPropertyThatItRefuses() {
    List<ConfigurableApplicationContext> opened = new ArrayList<>();
    withBean()
        .withInitializer(opened::add)
        .withPropertyValues("lease.redis.uri=redis://user:sesame@nowhere.invalid")
        .run(
            shop -> {
              ArgumentResolver context =
                  ArgumentResolver.of(BeanFactory.class, opened.get(0).getBeanFactory())
                      .and(Environment.class, opened.get(0).getEnvironment());
              List<FailureAnalyzer> analyzers =
                  SpringFactoriesLoader.forDefaultResourceLocation()
                      .load(FailureAnalyzer.class, context, (type, name, failure) -> {});
              assertThat(analyzers)
                  .extracting(each -> each.getClass().getSimpleName())
                  .contains("InvalidConfigurationPropertyValueFailureAnalyzer");
              assertThat(analyzers)
                  .allSatisfy(
                      analyzer ->
                          assertThat(said(analyzer.analyze(shop.getStartupFailure())))
                              .doesNotContain("sesame"));
            });
  }

  private static String said(@Nullable FailureAnalysis analysis) {
    return analysis == null ? "" : analysis.getDescription() + analysis.getAction();
  }

  @Test
  void readsATimeWithoutAUnitAsSeconds() throws Exception {
    List<RecordComponent> times =
        Arrays.stream(LeaseRedisProperties.class.getRecordComponents())
            .filter(each -> each.getType() == Duration.class)
            .toList();
    assertThat(times).hasSize(5);
    LeaseRedisProperties read =
        new Binder(
                new MapConfigurationPropertySource(
                    times.stream()
                        .collect(
                            Collectors.toMap(
                                each -> "lease.redis." + each.getName(), each -> "7"))))
            .bind("lease.redis", LeaseRedisProperties.class)
            .get();
    for (RecordComponent time : times) {
      assertThat(time.getAccessor().invoke(read))
          .as(time.getName())
          .isEqualTo(Duration.ofSeconds(7));
    }
  }

  @Test
  void doesNotMindWhatKubernetesSays() {
    withBean()
        .withInitializer(
            of(
                "LEASE_REDIS_PORT", "tcp://10.0.0.1:6379",
                "LEASE_REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379",
                "LEASE_REDIS_SERVICE_HOST", "10.0.0.1",
                "LEASE_REDIS_SERVICE_PORT", "6379"))
        .run(shop -> assertThat(shop).hasNotFailed().hasSingleBean(RedisBackend.class));
  }

  /** An environment of the process with these variables alone. */
  private static ApplicationContextInitializer<ConfigurableApplicationContext> of(
      String... variables) {
    Map<String, Object> all = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      all.put(variables[i], variables[i + 1]);
    }
    String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    return shop ->
        shop.getEnvironment()
            .getPropertySources()
            .replace(name, new SystemEnvironmentPropertySource(name, all));
  }

  @Test
  void readsThePropertiesOfTheApplicationsServer() {
    shops
        .withPropertyValues(
            "spring.data.redis.host=cache",
            "spring.data.redis.username=shop",
            "spring.data.redis.password=a+b /c",
            "spring.data.redis.ssl.enabled=true",
            "spring.data.redis.database=3",
            "lease.enabled=false")
        .run(
            shop ->
                assertThat(new SpringDataRedis(shop.getEnvironment()).uri())
                    .isEqualTo("rediss://shop:a%2Bb%20%2Fc@cache:6379/3"));
  }

  @Test
  void withoutPropertiesTheConfigurationIsTheDefault() {
    String uri = TestServers.redis();
    shops
        .withPropertyValues("lease.redis.uri=" + uri)
        .run(
            shop ->
                assertThat(shop.getBean(RedisConfig.class))
                    .hasToString(RedisConfig.of(uri).withPrefix(prefix).toString()));
  }
}
