package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class ProcessorWaitsTest {

  private static final Duration WHILE = Duration.ofMillis(500);

  /** Of four threads to a processor each runs for a quarter of the time, one of them no longer. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void threadsThatOutnumberTheProcessorsWait() throws Exception {
    int count = 4 * Runtime.getRuntime().availableProcessors();
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      for (int i = 0; i < count; i++) {
        threads.execute(ProcessorWaitsTest::run);
      }
      ProcessorWaits before = ProcessorWaits.now();
      Thread.sleep(WHILE.toMillis());

      assertThat(ProcessorWaits.now().longestSince(before)).isGreaterThan(WHILE.dividedBy(2));
    } finally {
      threads.shutdownNow();
    }
  }

  private static void run() {
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }
}
