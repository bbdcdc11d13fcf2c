package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EmbeddedMariadbIT {

  /** Another JVM that uses the server and waits to be killed. */
  static final class Main {
    public static void main(String[] args) throws SQLException, InterruptedException {
      String url = EmbeddedMariadb.start();
      System.out.println(TestServerChecks.answer(url, "select @@pid_file"));
      Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
  }

  @Test
  void theServerEndsWithAJvmThatIsKilledAndLeavesNothing()
      throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Path pidFile;
    ProcessHandle server;
    try (var output = jvm.inputReader()) {
      pidFile =
          output
              .lines()
              .filter(line -> line.endsWith("pid"))
              .map(Path::of)
              .findFirst()
              .orElseThrow();
      server = ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
      assertThat(server.isAlive()).isTrue();
    } finally {
      jvm.destroyForcibly().waitFor();
    }

    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (server.isAlive() || Files.exists(pidFile.getParent())) {
      if (System.nanoTime() > deadline) {
        fail("%s is alive: %s, its directory is %s", server, server.isAlive(), pidFile.getParent());
      }
      Thread.sleep(20);
    }
  }
}
