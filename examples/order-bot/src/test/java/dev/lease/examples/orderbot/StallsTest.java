package dev.lease.examples.orderbot;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StallsTest {

  private static final String WORKER = "worker-1";
  private static final Duration STOPPED = Duration.ofSeconds(1);

  /** Runs until its standard input is closed. */
  static final class Idler {
    public static void main(String[] args) throws IOException {
      Stalls.watch();
      System.out.println(WORKER + WorkerCommand.TAKES_JOBS);
      System.in.read();
    }
  }

  @Test
  void aProcessThatIsStoppedSaysForHowLong(@TempDir Path directory) throws Exception {
    WorkerLogs logs = new WorkerLogs(directory);
    Process process =
        Program.of(Idler.class, List.of())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(WORKER + ".log").toFile())
            .start();
    try {
      while (!logs.isAtWork(WORKER)) {
        Thread.sleep(20);
        logs.read();
      }
      Signals.stop(process);
      Thread.sleep(STOPPED.toMillis());
      Signals.go(process);

      // It would have slept for a part of the time anyway. It may report shorter stalls before.
      while (longest(logs.stalls()).compareTo(STOPPED.dividedBy(2)) < 0) {
        Thread.sleep(20);
        logs.read();
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(logs.stalls())
        .allMatch(stall -> stall.fault() == Fault.STALL && stall.worker().equals(WORKER));
  }

  @Test
  void stallsThatAreReadAtOnceWereOneAfterTheOther(@TempDir Path directory) throws Exception {
    Path log = directory.resolve(WORKER + ".log");
    String said = "10:00:00.000 WARN  this process was kept from running for ";
    Files.writeString(log, said + "400 ms, until 1000 ms after its start\n", CREATE, APPEND);
    WorkerLogs logs = new WorkerLogs(directory);
    logs.read();
    Instant soon = logs.stalls().get(0).to();
    Files.writeString(
        log,
        said
            + "500 ms, until 3000 ms after its start\n"
            + said
            + "600 ms, until 5000 ms after its start\n",
        CREATE,
        APPEND);
    logs.read();

    // They were read sooner than they happened, so the last one tells when the worker started.
    Instant start = logs.stalls().get(2).to().minusMillis(5000);
    assertThat(start).isBefore(soon.minusMillis(1000));
    assertThat(logs.stalls())
        .extracting(stall -> Duration.between(start, stall.from()).toMillis())
        .containsExactly(600L, 2500L, 4400L);
    assertThat(logs.stalls())
        .extracting(stall -> Duration.between(start, stall.to()).toMillis())
        .containsExactly(1000L, 3000L, 5000L);
  }

  private static Duration longest(List<Trouble> stalls) {
    return stalls.stream()
        .map(stall -> Duration.between(stall.from(), stall.to()))
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
