package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.examples.shared.StoreName;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.TestServers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;

/** A store with a worker, and the command line on it. */
record TestStore(List<String> options, Backend backend) implements AutoCloseable {

  private static final Duration LEASE = Duration.ofHours(1);

  enum Kind {
    SQLITE,
    POSTGRESQL,
    REDIS
  }

  /** What a command printed, and its exit code. */
  record Answer(int code, String out, String err) {}

  /** The options that name a store of this kind, which does not exist yet. */
  static List<String> options(Kind kind, Path directory) {
    return switch (kind) {
      case SQLITE -> List.of("--store", "sqlite:" + directory.resolve("jobs.db"));
      case POSTGRESQL -> List.of("--store", TestServers.postgresql().newDatabase());
      case REDIS ->
          List.of("--store", TestServers.redis(), "--prefix", "test-" + UUID.randomUUID());
    };
  }

  static TestStore open(Kind kind, Path directory) {
    List<String> options = options(kind, directory);
    StoreName name = new StoreName(options.get(1));
    if (name.isRedis()) {
      return new TestStore(
          options, RedisBackend.open(RedisConfig.of(name.url()).withPrefix(options.get(3))));
    }
    // Each claim looks at all that a command has changed.
    JdbcConfig config = JdbcConfig.of(name.url()).withOrderSlack(Duration.ZERO);
    return new TestStore(options, JdbcBackend.open(config));
  }

  JobQueue queue() {
    return backend.jobQueue();
  }

  JobAdmin admin() {
    return backend.jobAdmin();
  }

  void enqueue(String queue, String type, String... ids) {
    for (String id : ids) {
      enqueue(NewJob.builder(queue, id, type, "{}").build());
    }
  }

  void enqueue(NewJob job) {
    assertThat(queue().enqueue(List.of(job)).get(0).created()).isTrue();
  }

  /** Takes the next job of a queue. */
  JobLease claim(String queueName, String id) {
    List<ClaimedJob> jobs = queue().claim(ClaimRequest.of(queueName, "worker-1", 1, LEASE)).jobs();
    assertThat(jobs).hasSize(1);
    assertThat(jobs.get(0).lease().jobId()).isEqualTo(id);
    return jobs.get(0).lease();
  }

  void settle(Settlement settlement) {
    assertThat(queue().settle(List.of(settlement))).containsExactly(Settlement.Result.ACCEPTED);
  }

  /** Enqueues a job and lets it fail for good. */
  void fail(String queueName, String type, String id, String error) {
    enqueue(queueName, type, id);
    settle(Settlement.failed(claim(queueName, id), error));
  }

  /** Runs a command on this store. */
  Answer run(String... command) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(options);
    return runWithout(line.toArray(String[]::new));
  }

  /** Runs a command as it stands. */
  static Answer runWithout(String... line) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine program = LeaseCli.commandLine();
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    int code = program.execute(line);
    return new Answer(code, out.toString(), err.toString());
  }

  @Override
  public void close() {
    backend.close();
  }
}
