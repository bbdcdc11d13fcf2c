package dev.lease.examples.orderbot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WrongClockTest {

  private static final long WAIT_MILLIS = 300;

  /** For each line that it reads, prints its wall clock and how long it has waited. */
  static final class Sleeper {
    @SuppressWarnings("WaitNotInLoop") // The test measures the wait.
    public static void main(String[] args) throws IOException, InterruptedException {
      Object nobody = new Object();
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      while (in.readLine() != null) {
        System.out.println(Instant.now());
        long start = System.nanoTime();
        synchronized (nobody) {
          nobody.wait(WAIT_MILLIS);
        }
        System.out.println((System.nanoTime() - start) / 1_000_000);
      }
    }
  }

  @Test
  void theWallClockIsWrongAndJumpsAndWaitsLastAsLongAsEver(@TempDir Path directory)
      throws Exception {
    Optional<Path> library = WrongClock.library();
    assumeTrue(library.isPresent(), "faketime is not installed");
    WrongClock clock = new WrongClock(library.orElseThrow(), directory.resolve("clock"), -1);
    ProcessBuilder program = Program.of(Sleeper.class, List.of());
    program.environment().putAll(clock.environment());

    Process process = program.start();
    try (BufferedWriter in = process.outputWriter(UTF_8);
        BufferedReader out = process.inputReader(UTF_8)) {
      for (int hours : List.of(-1, 0, 1)) {
        clock.set(hours);
        Instant before = Instant.now();
        in.write("\n");
        in.flush();
        Instant said = Instant.parse(out.readLine());

        assertThat(said.minus(Duration.ofHours(hours))).isBetween(before, Instant.now());
        assertThat(Long.parseLong(out.readLine())).isGreaterThanOrEqualTo(WAIT_MILLIS);
        assertThat(clock.isWrong()).isEqualTo(hours != 0);
      }
    }
    assertThat(process.waitFor()).isZero();
  }
}
