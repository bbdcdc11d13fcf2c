package dev.lease.examples.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lease.testkit.server.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

class ShopTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int ORDERS = 20;

  private final String url = TestServers.postgresql().newDatabase();

  @Tag("slow")
  @Test
  void noOrderIsChargedTwiceOrLostIfOneOfTwoInstancesIsKilled() throws Exception {
    List<Process> instances = new ArrayList<>();
    try (ConfigurableApplicationContext front =
        SpringApplication.run(Shop.class, properties("--lease.worker.enabled=false"))) {
      JdbcTemplate tables = front.getBean(JdbcTemplate.class);
      Orders orders = front.getBean(Orders.class);
      Process hanging = instance(HangingShop.class);
      instances.add(hanging);
      IntStream.range(0, ORDERS).forEach(i -> orders.take(new Shop.Order("order-" + i, 100 + i)));
      await().atMost(LONG).until(() -> count(tables, "payment") >= 2);

      hanging.destroyForcibly().waitFor();
      long chargedByTheKilled = count(tables, "payment");
      instances.add(instance(Shop.class));

      await().atMost(LONG).until(() -> count(tables, "booking") == ORDERS);
      assertThat(count(tables, "payment")).isEqualTo(ORDERS);
      // The other instance asked again for what the killed one had charged, under the same keys.
      assertThat(count(tables, "charge_call")).isEqualTo(ORDERS + chargedByTheKilled);
    } finally {
      instances.forEach(Process::destroyForcibly);
    }
  }

  private static long count(JdbcTemplate tables, String table) {
    return Objects.requireNonNull(
        tables.queryForObject("select count(*) from " + table, Long.class));
  }

  private Process instance(Class<?> main) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(properties("--lease.worker.concurrency=2")));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private String[] properties(String more) {
    return new String[] {
      "--spring.datasource.url=" + url,
      "--lease.worker.lease-duration=10s",
      "--spring.main.banner-mode=off",
      "--spring.liquibase.enabled=false",
      more
    };
  }
}
