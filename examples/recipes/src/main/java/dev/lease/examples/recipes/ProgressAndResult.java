package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/**
 * Reports how far a job is while it runs, and keeps a result with it when it is done. Whoever knows
 * the id of the job reads both from the store. Progress is cheap: the last value is written about
 * once a second.
 */
final class ProgressAndResult {

  record Total(int orders, long cents) {}

  static final JobType<String> ADD_UP = JobType.of("reports", "add-up", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    CountDownLatch progressSeen = new CountDownLatch(1);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(
                    ADD_UP,
                    (month, context) -> {
                      context.progress(50, "half of " + month);
                      progressSeen.await();
                      context.result(new Total(12, 34_500));
                    })
                .build()) {
      worker.start();
      JobQueue jobs = backend.jobQueue();
      String id = JobClient.of(backend).enqueue(ADD_UP, "May").id();

      System.out.println(await(jobs, id, job -> job.progress() != null).progress());
      progressSeen.countDown();
      System.out.println(await(jobs, id, job -> job.state().isFinished()).result());
    }
  }

  private static Job await(JobQueue jobs, String id, Predicate<Job> condition)
      throws InterruptedException {
    Job job = jobs.find("reports", id).orElseThrow();
    while (!condition.test(job)) {
      Thread.sleep(10);
      job = jobs.find("reports", id).orElseThrow();
    }
    return job;
  }
}
