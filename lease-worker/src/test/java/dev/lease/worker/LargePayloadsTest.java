package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Payloads that together are larger than the heap of the worker. */
@Tag("slow")
class LargePayloadsTest {

  private static final int JOBS = 150;
  private static final JobType<String> LARGE = JobType.of("large", "large", String.class);

  /** A worker in a JVM of its own, which ends when all jobs have ended. */
  static final class SmallWorker {
    public static void main(String[] args) throws Exception {
      try (var backend = JdbcBackend.open(config(args[0]));
          var worker =
              Worker.builder(backend)
                  .config(WorkerConfig.builder().lookAhead(1_000).build())
                  .handle(LARGE, (payload, context) -> {})
                  .build()) {
        worker.start();
        while (worker.status().settled() + worker.status().exhausted() < JOBS) {
          TimeUnit.MILLISECONDS.sleep(20);
        }
      }
    }
  }

  private static JdbcConfig config(String url) {
    return JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(1));
  }

  @Test
  @DisplayName(
      "Q11 W24 a worker does them all, each in one attempt, and does not run out of memory")
  void aWorkerWithASmallHeapDoesThemAll(@TempDir Path folder) throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("large.db");
    try (var backend = JdbcBackend.open(config(url))) {
      String payload = '"' + "x".repeat(1_000_000) + '"';
      for (int i = 0; i < JOBS; i++) {
        backend
            .jobQueue()
            .enqueue(List.of(NewJob.builder("large", "job-" + i, "large", payload).build()));
      }
      Path log = folder.resolve("worker.log");
      ProcessBuilder small = ChildJvm.of(SmallWorker.class, url);
      small.command().add(1, "-Xmx96m");
      Process worker = small.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      try {
        assertThat(worker.waitFor(5, TimeUnit.MINUTES)).as("the worker ended").isTrue();
      } finally {
        worker.destroyForcibly();
      }
      String said = Files.readString(log);
      assertThat(said).doesNotContain("OutOfMemoryError");
      for (int i = 0; i < JOBS; i++) {
        Job job = backend.jobQueue().find("large", "job-" + i).orElseThrow();
        assertThat(job.state()).as(said).isEqualTo(JobState.DONE);
        assertThat(job.attempts()).as("attempts of %s", job.id()).isEqualTo(1);
      }
    }
  }
}
