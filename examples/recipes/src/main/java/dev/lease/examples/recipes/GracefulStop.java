package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Stops a worker while two of its handlers run, as SIGTERM does. The handler that returns within
 * the grace is DONE. The one that does not is interrupted, and its job goes back to the queue
 * without the attempt being counted, as does a job that has not started.
 */
final class GracefulStop {

  static final JobType<String> WORK = JobType.of("work", "work", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch stopping = new CountDownLatch(1);
    WorkerConfig config =
        WorkerConfig.builder().concurrency(2).stopGrace(Duration.ofSeconds(2)).build();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(config)
                .handle(
                    WORK,
                    (length, context) -> {
                      running.countDown();
                      stopping.await();
                      if (length.equals("long")) {
                        Thread.sleep(Duration.ofHours(1).toMillis());
                      }
                    })
                .build()) {
      JobClient client = JobClient.of(backend);
      List<String> jobs = List.of("short", "long", "not started");
      for (String job : jobs) {
        client.enqueue(client.job(WORK, job, job).build());
      }
      worker.start();
      running.await();

      Thread stop = new Thread(worker::stop);
      stop.start();
      while (worker.status().running()) {
        Thread.sleep(10);
      }
      stopping.countDown();
      stop.join();
      for (String id : jobs) {
        Job job = backend.jobQueue().find("work", id).orElseThrow();
        System.out.println(id + ": " + job.state() + ", attempts: " + job.attempts());
      }
    }
  }
}
