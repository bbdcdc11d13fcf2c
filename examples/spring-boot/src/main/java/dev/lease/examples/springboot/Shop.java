package dev.lease.examples.springboot;

import dev.lease.worker.JobType;
import dev.lease.worker.Schedule;
import java.time.ZoneId;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Takes orders, and places them by jobs. Start it as often as you like on one database. */
@SpringBootApplication(proxyBeanMethods = false)
public class Shop {

  static final JobType<Order> PLACE = JobType.of("orders", "place-order", Order.class);
  static final JobType<String> REPORT = JobType.of("orders", "report", String.class);

  /**
   * What somebody has ordered.
   *
   * @param id names the order
   * @param cents is the price
   */
  record Order(String id, int cents) {}

  @Bean
  Schedule daily() {
    return Schedule.cron("report", REPORT, "daily", "0 0 6 * * *", ZoneId.of("Europe/Berlin"));
  }

  /**
   * Starts an instance.
   *
   * @param arguments are properties of Spring's, such as {@code --lease.worker.enabled=false}
   */
  public static void main(String... arguments) {
    SpringApplication.run(Shop.class, arguments);
  }
}
