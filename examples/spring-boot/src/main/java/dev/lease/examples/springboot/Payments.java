package dev.lease.examples.springboot;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Stands for a payment service, which takes a key and charges no key twice. */
@Component
class Payments {

  private final JdbcTemplate tables;

  Payments(JdbcTemplate tables) {
    this.tables = tables;
  }

  /** Charges an order, or finds that it has done so; returns the receipt. */
  String charge(Shop.Order order, String key) {
    tables.update("insert into charge_call values (?, ?)", order.id(), key);
    tables.update(
        "insert into payment values (?, ?) on conflict (key) do nothing", key, order.cents());
    return "receipt of " + key;
  }
}
