package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The program on SQLite: that it measures what it says, not how quick that is. */
class BenchmarkTest {

  @TempDir private Path directory;

  @Test
  @DisplayName("a drain runs each job once, and a table and a picture are made of its line")
  void drain() throws IOException {
    String line = run(0, "drain", "--jobs", "300", "--warm", "50");

    JsonNode json = Json.MAPPER.readTree(line);
    assertThat(json.propertyNames())
        .contains("workload", "peer", "store", "date", "java", "server", "settings")
        .contains("rate", "first", "last", "seconds", "over_time", "ran", "dups", "left");
    assertThat(json.path("workload").asString()).isEqualTo("drain");
    assertThat(json.path("store").asString()).isEqualTo("sqlite");
    assertThat(json.path("settings").path("warm").asString()).isEqualTo("50");
    assertThat(json.path("ran").asInt()).isEqualTo(300);
    assertThat(json.path("dups").asInt()).isZero();
    assertThat(json.path("left").asInt()).isZero();

    Path file = Files.writeString(directory.resolve("results.jsonl"), line);
    assertThat(run(0, "table", file.toString()))
        .contains("**drain**", "| lease sqlite | 1 |", "a second");
    Path picture = directory.resolve("drain.svg");
    run(0, "plot", file.toString(), "--out", picture.toString());
    assertThat(picture).content().contains("<svg");
  }

  @Test
  @DisplayName("what was enqueued is there, in a store that is somebody's too")
  void enqueue() {
    String store = "jdbc:sqlite:" + directory.resolve("jobs.db");
    for (String batch : List.of("1", "100")) {
      String line =
          run(0, "enqueue", "--store", store, "--jobs", "300", "--warm", "100", "--batch", batch);

      JsonNode json = Json.MAPPER.readTree(line);
      assertThat(json.path("ran").asInt()).isEqualTo(300);
      assertThat(json.path("stored").asInt()).isEqualTo(300);
    }
  }

  @Test
  @DisplayName("the bare loops move all jobs")
  void raw() {
    List<String> lines = run(0, "raw", "--jobs", "300", "--batch", "50").lines().toList();

    assertThat(lines).hasSize(4);
    for (String line : lines) {
      assertThat(Json.MAPPER.readTree(line).path("ran").asInt()).isEqualTo(300);
    }
  }

  @Test
  @DisplayName("what cannot be measured is said in a line as well")
  void failure() {
    String line = run(1, "drain", "--peer", "nobody", "--jobs", "10");

    JsonNode json = Json.MAPPER.readTree(line);
    assertThat(json.path("peer").asString()).isEqualTo("nobody");
    assertThat(json.path("error").asString()).contains("nobody is not built in");
  }

  private static String run(int exitCode, String... args) {
    StringWriter out = new StringWriter();
    int actual = Benchmark.commandLine().setOut(new PrintWriter(out)).execute(args);
    assertThat(actual).as(out.toString()).isEqualTo(exitCode);
    return out.toString();
  }
}
