package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IdempotencyKeysTest {

  private static final String[] NAMES = {
    "a",
    "b",
    "a:b",
    "a%3Ab",
    "a b",
    "a+b",
    "a%20b",
    "A",
    "a ",
    "\u00e9",
    "e\u0301",
    "\ud83d\ude00",
    "a\nb",
    "{a}",
    "Aa",
    "BB",
    "*",
    "%2A"
  };

  @Test
  @DisplayName("W12 keys of different queues, jobs and steps never meet, and are printable ASCII")
  void injective() {
    Set<String> keys = new HashSet<>();
    int made = 0;
    for (String queue : NAMES) {
      for (String id : NAMES) {
        keys.add(IdempotencyKeys.of("p:", queue, id));
        made++;
        for (String step : NAMES) {
          keys.add(IdempotencyKeys.of("p:", queue, id, step));
          made++;
        }
      }
    }
    assertThat(keys).hasSize(made).allMatch(key -> key.matches("p:[!-~]+"));
  }

  @Test
  @DisplayName("W12 the form of a key is a promise")
  void golden() {
    assertThat(IdempotencyKeys.of("lease:", "orders", "0190-a", "place order/é:1"))
        .isEqualTo("lease:orders:0190-a:place+order%2F%C3%A9%3A1");
    assertThat(IdempotencyKeys.of("", "orders", "0190-a")).isEqualTo("orders:0190-a");
  }
}
