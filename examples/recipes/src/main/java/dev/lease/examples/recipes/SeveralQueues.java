package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.QueueShare;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Shares one worker between two queues. Slots limit how many jobs of a queue run at once, so slow
 * reports cannot take all threads; weights say how often each queue is asked for jobs while both
 * have some.
 */
final class SeveralQueues {

  static final JobType<String> MAIL = JobType.of("mails", "mail", String.class);
  static final JobType<String> REPORT = JobType.of("reports", "report", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    WorkerConfig config =
        WorkerConfig.builder()
            .concurrency(4)
            // Up to 4 at once; asked 3 times for each time reports are asked.
            .queue("mails", QueueShare.DEFAULT.withSlots(4).withWeight(3))
            .queue("reports", QueueShare.DEFAULT.withSlots(1)) // One at a time.
            .build();
    CountDownLatch mails = new CountDownLatch(20);
    CountDownLatch reports = new CountDownLatch(5);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(config)
                .handle(MAIL, (mail, context) -> mails.countDown())
                .handle(
                    REPORT,
                    (report, context) -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      Thread.sleep(50); // The work.
                      running.decrementAndGet();
                      reports.countDown();
                    })
                .build()) {
      JobClient client = JobClient.of(backend);
      for (long n = mails.getCount(); n > 0; n--) {
        client.enqueue(MAIL, "mail " + n);
      }
      for (long n = reports.getCount(); n > 0; n--) {
        client.enqueue(REPORT, "report " + n);
      }
      worker.start();
      mails.await();
      System.out.println("all mails are sent");
      reports.await();
      System.out.println("all reports are written; at most " + most + " at once");
    }
  }
}
