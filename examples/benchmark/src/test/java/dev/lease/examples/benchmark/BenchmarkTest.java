package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lease.testkit.server.RedisProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The program on SQLite: what it measures, not how fast that is. */
class BenchmarkTest {

  @TempDir private Path directory;

  @Tag("slow")
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

  @Tag("slow")
  @Test
  @DisplayName("a picture of a worker's meters is made of a run")
  void figures() {
    Path picture = directory.resolve("figures.svg");
    run(0, "figures", "--seconds", "16", "--out", picture.toString());
    assertThat(picture).content().contains("<svg");
    run(2, "figures", "--seconds", "15", "--out", picture.toString());
  }

  @Tag("slow")
  @Test
  @DisplayName("what was enqueued is stored, also in a store of the user's")
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

  @Tag("slow")
  @Test
  @DisplayName("replicas confirm what Lease writes to Redis, and where there is none the run fails")
  void replicas() {
    String[] options = {"enqueue", "--jobs", "50", "--warm", "0", "--replicas", "1", "--store"};

    JsonNode json = Json.MAPPER.readTree(run(0, with(options, "redis")));
    assertThat(json.path("ran").asInt()).isEqualTo(50);
    assertThat(json.path("settings").path("replicas").asString()).isEqualTo("1");

    try (var alone = RedisProcess.start()) {
      assertThat(Json.MAPPER.readTree(run(1, with(options, alone.uri()))).path("error").asString())
          .contains("not confirmed");
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("the disk is asked to confirm, and where it cannot the run fails")
  void onDisk() {
    try (var memoryOnly = RedisProcess.start()) {
      String line = run(1, "enqueue", "--jobs", "50", "--on-disk", "--store", memoryOnly.uri());
      assertThat(Json.MAPPER.readTree(line).path("error").asString())
          .contains("RedisConfig.withDurability");
    }
  }

  private static String[] with(String[] options, String more) {
    return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
  }

  @Tag("slow")
  @Test
  @DisplayName("the bare loops move all jobs")
  void raw() {
    List<String> lines = run(0, "raw", "--jobs", "300", "--batch", "50").lines().toList();

    assertThat(lines).hasSize(4);
    for (String line : lines) {
      assertThat(Json.MAPPER.readTree(line).path("ran").asInt()).isEqualTo(300);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "latency --jobs 20 --warm 0",
        "steady --rate 50 --jobs 20 --warm 0",
        "recover --config quick",
        "heartbeat --jobs 100 --seconds 1",
        "queues --jobs 100",
        "queues --jobs 100 --queues 4 --busy 4 --stores 2",
        "io --jobs 400",
        "locks --seconds 1",
        "start"
      })
  @DisplayName("the other workloads measure something")
  void others(String command) {
    List<String> lines = run(0, command.split(" ")).lines().toList();

    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      JsonNode json = Json.MAPPER.readTree(line);
      assertThat(
              Stream.of("ran", "recovered", "held", "first_job_ms")
                  .mapToDouble(figure -> json.path(figure).asDouble(0)))
          .as(line)
          .anyMatch(figure -> figure > 0);
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("a drain beside a backlog is compared with that of an empty queue")
  void backlog() {
    JsonNode json = Json.MAPPER.readTree(run(0, "backlog", "--jobs", "100", "--backlog", "100"));

    assertThat(json.path("ran").asInt()).isEqualTo(100);
    double empty = json.path("empty_rate").asDouble();
    assertThat(empty).isPositive();
    assertThat(json.path("rate_to_empty").asDouble())
        .isCloseTo(json.path("rate").asDouble() / empty, withinPercentage(1));
  }

  @Test
  @DisplayName("a failed measurement is reported in a line as well")
  void failure() {
    String line = run(1, "drain", "--peer", "bullmq", "--jobs", "10");

    JsonNode json = Json.MAPPER.readTree(line);
    assertThat(json.path("peer").asString()).isEqualTo("bullmq");
    assertThat(json.path("error").asString()).isEqualTo("bullmq works on redis, not on sqlite");
  }

  @Test
  @DisplayName("wrong options are refused before anything is started, and named")
  void misunderstood() {
    assertThat(refusal("drain", "--jobs", "0")).contains("--jobs must be 1 or more, was 0");
    assertThat(refusal("steady", "--rate", "-1")).contains("--rate must be 1 or more, was -1");
    assertThat(refusal("drain", "--config", "fast"))
        .contains("--config must be one of default, tuned, quick, was fast");
    assertThat(refusal("drain", "--runs", "0")).contains("--runs must be 1 or more, was 0");
    assertThat(refusal("drain", "--peer", "nobody"))
        .contains("--peer must be one of bullmq, db-scheduler,")
        .contains("was nobody");
    assertThat(refusal("drain", "--replicas", "1"))
        .contains("--replicas and --on-disk are for Lease on Redis, was lease on sqlite");
    assertThat(refusal("drain", "--store", "redis", "--replicas", "0"))
        .contains("--replicas must be 1 or more, was 0");
    assertThat(refusal("drain", "--store", "oracle"))
        .contains("--store must be sqlite,")
        .contains("was oracle");
  }

  private static String refusal(String... args) {
    StringWriter err = new StringWriter();
    int code = Benchmark.commandLine().setErr(new PrintWriter(err)).execute(args);
    assertThat(code).as(err.toString()).isEqualTo(2);
    return err.toString();
  }

  private static String run(int exitCode, String... args) {
    StringWriter out = new StringWriter();
    int actual = Benchmark.commandLine().setOut(new PrintWriter(out)).execute(args);
    assertThat(actual).as(out.toString()).isEqualTo(exitCode);
    return out.toString();
  }
}
