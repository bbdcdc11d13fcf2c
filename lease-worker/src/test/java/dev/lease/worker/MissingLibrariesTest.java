package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.InMemoryBackend;
import java.io.File;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A program whose class path lacks a library, in a JVM of its own. */
class MissingLibrariesTest {

  static final class Program {
    public static void main(String[] args) {
      var backend = new InMemoryBackend(InstantSource.system());
      attempt(() -> JobClient.of(backend));
      attempt(() -> Worker.builder(backend));
      attempt(() -> Schedules.of(backend));
    }

    private static void attempt(Runnable call) {
      try {
        call.run();
        System.out.println("done");
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  @DisplayName("whoever lacks Jackson learns what to add, each time")
  void jackson() throws Exception {
    ProcessBuilder jvm = ChildJvm.of(Program.class);
    jvm.command().replaceAll(MissingLibrariesTest::withoutJackson);
    Process process = jvm.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8).lines())
        .hasSize(3)
        .allMatch(line -> line.contains("add tools.jackson.core:jackson-databind"));
  }

  private static String withoutJackson(String argument) {
    return Arrays.stream(argument.split(File.pathSeparator))
        .filter(entry -> !new File(entry).getName().matches("jackson-databind-3.*\\.jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
