package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.jdbc.JdbcBackend;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker in a JVM of its own, which goes down. */
class ShutdownTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);
  private static final int EXIT_CODE = 3;

  /** The other JVM: one slot, one job ahead. */
  static final class Child {
    private static final CountDownLatch STOP = new CountDownLatch(1);

    public static void main(String[] arguments) throws InterruptedException {
      JobQueue jobs = JdbcBackend.open(Store.config(arguments[0])).jobQueue();
      WorkerConfig config =
          WorkerConfig.builder()
              .concurrency(1)
              .lookAhead(1)
              .stopGrace(Duration.ofMillis(Long.parseLong(arguments[1])))
              .leaseDuration(Duration.ofHours(1))
              .shutdownHook(Boolean.parseBoolean(arguments[2]))
              .build();
      Worker worker =
          Parts.worker(jobs)
              .config(config)
              .handle(TEXT, (payload, context) -> work(payload, jobs))
              .build(WorkerFixture.FROZEN, Thread::new);
      worker.start();
      STOP.await();
      worker.stop();
    }

    private static void work(String payload, JobQueue jobs) throws Exception {
      switch (payload) {
        case "warm-up" -> {}
        case "exit" -> System.exit(EXIT_CODE);
        case "finish" -> awaitHandedBack(jobs);
        case "stop" -> { // When the JVM goes down while the worker stops.
          await().atMost(LONG).until(() -> job(jobs, "wait").token() > 0);
          STOP.countDown();
          awaitHandedBack(jobs);
          new Thread(() -> System.exit(EXIT_CODE)).start();
          await().atMost(LONG).until(Child::isGoingDown);
        }
        default -> new CountDownLatch(1).await();
      }
    }

    /** Waits until what waits was claimed, and handed back by the stop. */
    private static void awaitHandedBack(JobQueue jobs) {
      await()
          .atMost(LONG)
          .until(() -> job(jobs, "wait").token() > 0 && job(jobs, "wait").lease() == null);
    }

    private static boolean isGoingDown() {
      var hook = new Thread(() -> {});
      try {
        Runtime.getRuntime().addShutdownHook(hook);
        Runtime.getRuntime().removeShutdownHook(hook);
        return false;
      } catch (IllegalStateException e) {
        return true;
      }
    }
  }

  @TempDir private Path directory;
  private String url = "";
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    url = "jdbc:sqlite:" + directory.resolve("jobs.db");
    backend = JdbcBackend.open(Store.config(url));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName("W05 SIGTERM hands back what waits and what runs, uncounted")
  void sigterm() throws Exception {
    Process child = startChild(Duration.ZERO);
    enqueue("block", "wait");
    awaitState("block", JobState.PROCESSING);
    awaitState("wait", JobState.PROCESSING);

    child.destroy();
    awaitExit(child);
    for (String id : List.of("block", "wait")) {
      assertThat(job(id).state()).isEqualTo(JobState.PENDING);
      assertThat(job(id).attempts()).isZero();
    }
  }

  @Test
  @DisplayName("W05 with its hook switched off, the stop is left to the program")
  void withoutHook() throws Exception {
    Process child = startJvm(LONG, false);
    enqueue("block");
    awaitState("block", JobState.PROCESSING);

    child.destroy();
    awaitExit(child);
    assertThat(job("block").state()).isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("W05 SIGTERM lets a handler finish within the grace")
  void sigtermWithGrace() throws Exception {
    Process child = startChild(LONG);
    enqueue("finish", "wait");
    awaitState("finish", JobState.PROCESSING);
    awaitState("wait", JobState.PROCESSING);

    child.destroy();
    awaitExit(child);
    assertThat(job("finish").state()).isEqualTo(JobState.DONE);
    assertThat(job("wait").state()).isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("W05 a handler that exits the JVM ends it at once; that attempt counts, alone")
  void exit() throws Exception {
    Process child = startChild(LONG);
    enqueue("exit", "wait");

    assertThat(awaitExit(child)).isEqualTo(EXIT_CODE);
    Job exited = job("exit");
    assertThat(exited.state()).isEqualTo(JobState.PROCESSING);
    assertThat(exited.attempts()).isEqualTo(1);
    assertThat(job("wait").state()).isEqualTo(JobState.PENDING);
    assertThat(job("wait").attempts()).isZero();
  }

  @Test
  @DisplayName("W05 a JVM that goes down while the worker stops waits for that stop")
  void exitDuringStop() throws Exception {
    Process child = startChild(LONG);
    enqueue("stop", "wait");

    assertThat(awaitExit(child)).isEqualTo(EXIT_CODE);
    assertThat(job("stop").state()).isEqualTo(JobState.DONE);
    assertThat(job("wait").state()).isEqualTo(JobState.PENDING);
  }

  private void enqueue(String... ids) {
    var client = JobClient.of(backend);
    client.enqueue(Stream.of(ids).map(id -> client.job(TEXT, id, id).build()).toList());
  }

  /** Returns when the worker knows that jobs of this queue are short, so that it claims ahead. */
  private Process startChild(Duration grace) throws Exception {
    Process child = startJvm(grace, true);
    enqueue("warm-up");
    awaitState("warm-up", JobState.DONE);
    return child;
  }

  private Process startJvm(Duration grace, boolean hook) throws Exception {
    return ChildJvm.of(Child.class, url, String.valueOf(grace.toMillis()), String.valueOf(hook))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("target", "shutdown-child.log")))
        .start();
  }

  private static int awaitExit(Process child) throws InterruptedException {
    try {
      assertThat(child.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
      return child.exitValue();
    } finally {
      child.destroyForcibly();
    }
  }

  private Job job(String id) {
    return job(backend.jobQueue(), id);
  }

  private static Job job(JobQueue jobs, String id) {
    return jobs.find(TEXT.queue(), id).orElseThrow();
  }

  private void awaitState(String id, JobState state) {
    await().atMost(LONG).until(() -> job(id).state() == state);
  }
}
