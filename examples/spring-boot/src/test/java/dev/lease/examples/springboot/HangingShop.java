package dev.lease.examples.springboot;

import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An instance that hangs at the worst moment: the money has moved, and no step was kept. It has no
 * annotation, or each instance would find it.
 */
class HangingShop {

  @Bean
  @Primary
  Payments hangingPayments(JdbcTemplate tables) {
    return new Payments(tables) {
      @Override
      String charge(Shop.Order order, String key) {
        super.charge(order, key);
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("this instance should have been killed");
      }
    };
  }

  public static void main(String... arguments) {
    SpringApplication.run(new Class<?>[] {Shop.class, HangingShop.class}, arguments);
  }
}
