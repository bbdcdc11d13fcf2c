package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
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

  /** With four threads a processor, some thread waits at least three quarters of the time. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void threadsThatOutnumberTheProcessorsWait() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "the kernel counts no waits");
    int count = 4 * Runtime.getRuntime().availableProcessors();
    ExecutorService threads =
        Executors.newFixedThreadPool(count, task -> new Thread(task, "waits-for-a-processor"));
    try {
      for (int i = 0; i < count; i++) {
        threads.execute(ProcessorWaitsTest::run);
      }
      ProcessorWaits before = ProcessorWaits.now("waits-f");
      Thread.sleep(WHILE.toMillis());

      assertThat(ProcessorWaits.now("waits-f").longestSince(before))
          .isGreaterThan(WHILE.dividedBy(2));
      assertThat(ProcessorWaits.now("nobody").longestSince(before)).isZero();
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
