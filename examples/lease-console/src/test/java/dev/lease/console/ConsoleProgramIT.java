package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.worker.Schedule;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is delivered: its jar, and the libraries beside it. */
@Timeout(300)
class ConsoleProgramIT {

  @TempDir Path folder;

  @Test
  @DisplayName("the program takes --user and --read-only, and its log tells who did what, and why")
  void program() throws Exception {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
    }
    String basic = "Basic " + Base64.getEncoder().encodeToString("anna:right".getBytes(UTF_8));
    Path log = folder.resolve("log");
    Process process = start(log, "--user", "anna");
    try {
      Http http = http(process, log);
      assertThat(http.get("/jobs").status()).isEqualTo(401);
      String page = http.get("/queue?queue=orders", "Authorization", basic).body();
      String token = page.replaceAll("(?s).*name=\"token\" value=\"([\\w-]+)\".*", "$1");
      Map<String, String> form = Map.of("queue", "orders", "reason", "a deploy", "token", token);
      assertThat(http.post("/queue/pause", form, "Authorization", basic).status()).isEqualTo(303);
    } finally {
      stop(process);
    }
    assertThat(Files.readString(log))
        .contains(
            "anna: /queue/pause with queue=orders, reason=a deploy, begins",
            "anna: /queue/pause with queue=orders, reason=a deploy, led to")
        .doesNotContain("token");
    process = start(log, "--read-only");
    try {
      assertThat(http(process, log).get("/queue?queue=orders").body())
          .contains("reading only")
          .doesNotContain("<form class=\"act\"");
    } finally {
      stop(process);
    }
  }

  @Test
  @DisplayName("all pages are there with the libraries that the program comes with")
  void pages() throws Exception {
    List<String> paths;
    try (TestConsole test = TestConsole.open(folder)) {
      OverviewTest.register(
          test, Schedule.afterDelay("nightly", OverviewTest.REPORT, "", Duration.ofHours(9)));
      paths =
          test.routes().stream()
              .filter(route -> route.method().equals("GET"))
              .map(Route::path)
              .toList();
    }
    Path log = folder.resolve("log");
    Process process = start(log);
    try {
      Http http = http(process, log);
      assertThat(http.get("/schedules").body()).contains("nightly");
      for (String path : paths) {
        assertThat(http.get(path).status()).as(path).isLessThan(500);
      }
    } finally {
      stop(process);
    }
  }

  private Process start(Path log, String... options) throws IOException {
    // Tests after the package phase run in target: the shade plugin has its pom there.
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", "lease-console.jar:lib/*"));
    command.addAll(List.of(ConsoleProgram.class.getName(), "--port", "0", "--store"));
    command.add("jdbc:sqlite:" + folder.resolve("jobs.db"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("LEASE_CONSOLE_PASSWORD", "right");
    return builder.start();
  }

  private static Http http(Process process, Path log) throws IOException {
    BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = out.readLine();
    assertThat(line).as(Files.readString(log)).isNotNull();
    return new Http(URI.create(line.replaceAll(".*(http://\\S+)$", "$1")));
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }
}
