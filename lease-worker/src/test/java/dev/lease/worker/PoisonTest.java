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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that kills its JVM, among jobs that may crash once. */
class PoisonTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final JobType<String> TEXT =
      JobType.of("texts", "text", String.class).withMaxCrashes(1);
  private static final int JOBS = 200;
  private static final int POISON = 60;
  private static final int EXIT_CODE = 3;

  /** The other JVM: one slot, and as many jobs ahead as may wait. */
  static final class Child {
    public static void main(String[] arguments) {
      JobQueue jobs = JdbcBackend.open(Store.config(arguments[0])).jobQueue();
      Set<String> ran = ConcurrentHashMap.newKeySet();
      WorkerConfig config =
          WorkerConfig.builder().concurrency(1).leaseDuration(Duration.ofHours(1)).build();
      Parts.worker(jobs)
          .config(config)
          .handle(
              TEXT,
              (payload, context) -> {
                if (payload.equals(id(POISON))) {
                  // What has run is settled, so that what is lost is what waits, and some do.
                  await().atMost(LONG).until(() -> ran.stream().allMatch(id -> isDone(jobs, id)));
                  await().atMost(LONG).until(() -> job(jobs, id(POISON + 1)).lease() != null);
                  Runtime.getRuntime().halt(EXIT_CODE);
                }
                ran.add(payload);
              })
          .build(WorkerFixture.FROZEN, Thread::new)
          .start();
    }

    private static boolean isDone(JobQueue jobs, String id) {
      return job(jobs, id).state() == JobState.DONE;
    }
  }

  @TempDir private Path directory;

  @Test
  @DisplayName("W06 a worker that dies costs at most half as many fragile jobs as it had run")
  void lastCrashes() throws Exception {
    String url = "jdbc:sqlite:" + directory.resolve("jobs.db");
    try (JdbcBackend backend = JdbcBackend.open(Store.config(url))) {
      var client = JobClient.of(backend);
      client.enqueue(
          IntStream.range(0, JOBS).mapToObj(i -> client.job(TEXT, id(i), id(i)).build()).toList());
      Process child =
          ChildJvm.of(Child.class, url)
              .redirectErrorStream(true)
              .redirectOutput(new File("target", "poison-child.log"))
              .start();
      try {
        assertThat(child.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(child.exitValue()).isEqualTo(EXIT_CODE);
      } finally {
        child.destroyForcibly();
      }

      List<Integer> crashed = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        Job job = job(backend.jobQueue(), id(i));
        if (job.state() == JobState.PROCESSING) {
          crashed.add(i);
        } else {
          assertThat(job.attempts()).isEqualTo(i < POISON ? 1 : 0);
          assertThat(job.state()).isEqualTo(i < POISON ? JobState.DONE : JobState.PENDING);
        }
      }
      assertThat(crashed).as("the poison, and those that waited behind it").startsWith(POISON);
      assertThat(crashed).hasSizeBetween(2, 1 + POISON / 2);
    }
  }

  private static Job job(JobQueue jobs, String id) {
    return jobs.find(TEXT.queue(), id).orElseThrow();
  }

  private static String id(int i) {
    return "job" + i;
  }
}
