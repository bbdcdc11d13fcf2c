package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
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

  /** Says what its clock says, and how long it has waited. */
  static final class Sleeper {
    @SuppressWarnings("WaitNotInLoop") // How long it waits is what is asked.
    public static void main(String[] args) throws InterruptedException {
      long start = System.nanoTime();
      Object nobody = new Object();
      synchronized (nobody) {
        nobody.wait(WAIT_MILLIS);
      }
      System.out.println(Instant.now());
      System.out.println((System.nanoTime() - start) / 1_000_000);
    }
  }

  @Test
  void theWallClockIsWrongAndWaitsLastAsLongAsEver(@TempDir Path directory) throws Exception {
    Optional<WrongClock> wrong = WrongClock.ifInstalled();
    assumeTrue(wrong.isPresent(), "faketime is not installed");
    Path output = directory.resolve("output.txt");
    ProcessBuilder program = Program.of(Sleeper.class, List.of());
    program.environment().putAll(wrong.orElseThrow().by("-1h"));

    assertThat(program.redirectOutput(output.toFile()).start().waitFor()).isZero();

    List<String> said = Files.readAllLines(output);
    assertThat(Duration.between(Instant.parse(said.get(0)), Instant.now()))
        .isGreaterThanOrEqualTo(Duration.ofHours(1));
    assertThat(Long.parseLong(said.get(1))).isGreaterThanOrEqualTo(WAIT_MILLIS);
  }
}
