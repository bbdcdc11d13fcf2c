package dev.lease.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.NewJob;
import dev.lease.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the process of the store in the middle of a write, which the kit cannot do. */
@Tag("slow")
class LogCrashTest {

  @TempDir Path directory;

  @Test
  void lineThatWasCutAnywhereIsAsIfItHadNeverBeen() throws IOException {
    Path whole = directory.resolve("whole");
    enqueue(whole, "first");
    int length = (int) Files.size(whole);
    enqueue(whole, "second");
    byte[] bytes = Files.readAllBytes(whole);

    for (int cut = length; cut < bytes.length; cut++) {
      Path log = Files.write(directory.resolve("log"), Arrays.copyOf(bytes, cut));

      assertThat(ids(log)).as("cut at %s", cut).containsExactly("first");
      enqueue(log, "third");
      assertThat(ids(log)).as("cut at %s, and written on", cut).containsExactly("first", "third");
    }
  }

  @Test
  void damagedLineIsAnErrorAndNotAnEmptyStore() throws IOException {
    Path log = directory.resolve("log");
    enqueue(log, "first");
    String text = Files.readString(log);
    Files.writeString(log, "oops" + text);

    assertThatThrownBy(() -> ids(log)).isInstanceOf(StoreException.class);
    assertThat(Files.readString(log)).isEqualTo("oops" + text);
  }

  @Test
  void whatWasAcknowledgedOutlivesTheKill() throws Exception {
    Path log = directory.resolve("log");
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      Process victim = appender(log);
      Process survivor = appender(log);
      try {
        read(3, survivor, acknowledged);
        read(3 + round, victim, acknowledged);
        victim.destroyForcibly(); // it is writing the next job
        read(20, survivor, acknowledged);
      } finally {
        victim.destroyForcibly();
        survivor.destroyForcibly();
      }
      assertThat(victim.waitFor()).as("exit code, 128 + SIGKILL").isEqualTo(137);
      assertThat(survivor.waitFor()).as("exit code, 128 + SIGKILL").isEqualTo(137);
    }

    assertThat(found(log, acknowledged)).isEqualTo(acknowledged);
    enqueue(log, "first");
    assertThat(ids(log)).contains("first");
  }

  private static Process appender(Path log) throws IOException {
    Process appender =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Appender.class.getName(),
                log.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // So that the test does not read for ever from a process that hangs.
    CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES).execute(appender::destroyForcibly);
    return appender;
  }

  private static void read(int lines, Process process, List<String> acknowledged)
      throws IOException {
    BufferedReader output = process.inputReader();
    for (int i = 0; i < lines; i++) {
      String line = output.readLine();
      assertThat(line).as("the id of a stored job").isNotNull();
      acknowledged.add(line);
    }
  }

  private static void enqueue(Path log, String id) {
    try (var store = new LogStore(log, InstantSource.system())) {
      store.enqueue(List.of(NewJob.builder("queue", id, "type", "Grüße\n").build()));
    }
  }

  private static List<String> ids(Path log) {
    return found(log, List.of("first", "second", "third"));
  }

  private static List<String> found(Path log, List<String> ids) {
    try (var store = new LogStore(log, InstantSource.system())) {
      return ids.stream().filter(id -> store.find("queue", id).isPresent()).toList();
    }
  }
}
