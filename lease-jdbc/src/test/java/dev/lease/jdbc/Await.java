package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a condition of the database, which tells nobody when it comes true. */
final class Await {

  private Await() {}

  static void until(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("the condition did not come true within 2 min");
      }
      Thread.onSpinWait();
    }
  }
}
