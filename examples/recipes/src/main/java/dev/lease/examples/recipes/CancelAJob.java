package dev.lease.examples.recipes;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Cancels a job that waits and a job that runs. The one that waits is CANCELLED at once. The one
 * that runs is told: its worker learns of it with the next extension of the lease and interrupts
 * the handler, which has to give up.
 */
final class CancelAJob {

  static final JobType<String> IMPORT = JobType.of("imports", "import", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    CountDownLatch running = new CountDownLatch(1);
    WorkerConfig config =
        WorkerConfig.builder()
            .concurrency(1)
            .lookAhead(0)
            // A running handler learns of its cancellation after up to half of this.
            .leaseDuration(Duration.ofSeconds(3))
            .build();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(config)
                .handle(
                    IMPORT,
                    (name, context) -> {
                      running.countDown();
                      while (true) {
                        // Throws once cancellation was requested. Call it before every side effect.
                        context.checkActive();
                        Thread.sleep(10); // A piece of the work.
                      }
                    })
                .build()) {
      JobQueue jobs = backend.jobQueue();
      JobAdmin admin = backend.jobAdmin();
      JobClient client = JobClient.of(backend);
      client.enqueue(client.job(IMPORT, "first", "customers").build());
      client.enqueue(client.job(IMPORT, "second", "products").build());
      worker.start();
      running.await();

      System.out.println("second: " + admin.cancel("imports", "second"));
      System.out.println("first: " + admin.cancel("imports", "first"));
      JobState state = jobs.find("imports", "first").orElseThrow().state();
      while (!state.isFinished()) {
        Thread.sleep(10);
        state = jobs.find("imports", "first").orElseThrow().state();
      }
      System.out.println("first is " + state);
    }
  }
}
