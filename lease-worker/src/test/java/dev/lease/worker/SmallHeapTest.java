package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.CompressingCodec;
import dev.lease.worker.codec.JacksonCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others can make a worker hold, in JVMs with a heap that is smaller. */
@Tag("slow")
class SmallHeapTest {

  private static final int HEARD = 600;
  private static final int BOMBS = 44;
  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);
  private static final CompressingCodec CODEC = CompressingCodec.of(JacksonCodec.DEFAULT);

  @TempDir Path folder;
  private String url = "";

  @BeforeEach
  void open() {
    url = "jdbc:sqlite:" + folder.resolve("jobs.db") + "?synchronous=off";
  }

  private static JdbcConfig config(String url) {
    return JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(1));
  }

  /** A worker with a listener that does not listen until all jobs are done. */
  static final class SlowListener {
    public static void main(String[] args) throws Exception {
      var done = new CountDownLatch(1);
      try (var backend = JdbcBackend.open(config(args[0]));
          var worker =
              Worker.builder(backend)
                  .config(WorkerConfig.builder().build())
                  .listen(
                      new WorkerListener() {
                        @Override
                        public void claimed(JobEvent job) {
                          try {
                            done.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                        }
                      })
                  .handle(
                      TEXT,
                      (payload, context) -> {
                        if (context.failures() == 0) {
                          throw new IllegalStateException(
                              "wrong", new IllegalArgumentException("not " + payload));
                        }
                      },
                      RetryPolicy.fixed(Duration.ZERO))
                  .build()) {
        worker.start();
        await(worker, () -> worker.status().settled() == HEARD);
        done.countDown();
      }
    }
  }

  /** A worker of jobs that become large when they are read. */
  static final class Bombed {
    public static void main(String[] args) throws Exception {
      try (var backend = JdbcBackend.open(config(args[0]));
          var worker =
              Worker.builder(backend)
                  .config(WorkerConfig.builder().concurrency(16).build())
                  .codec(CODEC)
                  .handle(
                      TEXT,
                      (payload, context) -> {},
                      HandlerOptions.builder().maxUnreadableTime(Duration.ZERO).build())
                  .build()) {
        worker.start();
        await(worker, () -> worker.status().failed() == BOMBS);
      }
    }
  }

  private static void await(Worker worker, Supplier<Boolean> done) throws InterruptedException {
    while (worker.status().running() && !done.get()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Test
  @DisplayName("a listener that is slow holds no payloads, and few headers and exceptions")
  void aSlowListener() throws Exception {
    try (var backend = JdbcBackend.open(config(url))) {
      JobClient client = JobClient.of(backend);
      Map<String, String> headers =
          IntStream.range(0, 32)
              .boxed()
              .collect(Collectors.toMap(i -> "h" + i, i -> "x".repeat(1_000)));
      for (int begin = 0; begin < HEARD; begin += 50) {
        client.enqueue(
            IntStream.range(begin, begin + 50)
                .mapToObj(i -> client.job(TEXT, "job-" + i, "x".repeat(100_000)))
                .map(job -> job.headers(headers).maxFailures(3).build())
                .toList());
      }
      assertThat(run(SlowListener.class, "-Xmx64m"))
          .contains("is too slow")
          .doesNotContain("OutOfMemoryError");
      Job last = backend.jobQueue().find("texts", "job-" + (HEARD - 1)).orElseThrow();
      assertThat(last.attempts()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a short text that becomes long is refused before it fills the memory")
  void bombs() throws Exception {
    try (var backend = JdbcBackend.open(config(url))) {
      String bomb =
          CODEC
              .withMaxBytes(1 << 30)
              .write("x".repeat(16 << 20), String.class, CodecContext.of("q", "t", "j", Map.of()));
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(0, BOMBS)
                  .mapToObj(i -> NewJob.builder("texts", "job-" + i, "text", bomb).build())
                  .toList());
      assertThat(run(Bombed.class, "-Xmx256m")).doesNotContain("OutOfMemoryError");
      Job last = backend.jobQueue().find("texts", "job-" + (BOMBS - 1)).orElseThrow();
      assertThat(last.state()).isEqualTo(JobState.FAILED);
      assertThat(last.error()).contains("more than 4194304 bytes");
    }
  }

  /** Runs a program to its end; returns what it said. */
  private String run(Class<?> main, String heap) throws Exception {
    Path log = folder.resolve("said.log");
    ProcessBuilder program = ChildJvm.of(main, url);
    program.command().addAll(1, List.of(heap, "-XX:+ExitOnOutOfMemoryError"));
    Process process = program.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("the program ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(log);
  }
}
