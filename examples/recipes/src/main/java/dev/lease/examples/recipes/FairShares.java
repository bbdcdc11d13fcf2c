package dev.lease.examples.recipes;

import dev.lease.KeyLimit;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Lets no tenant starve the others: one with a thousand reports gets its turn as often as one with
 * three. Shares are as slots, so a tenant with two slots has two turns for each turn of another.
 */
final class FairShares {

  record Report(String tenant, int number) {}

  static final JobType<Report> WRITE =
      JobType.of("reports", "write", Report.class).withKey(Report::tenant);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      // Once, by a program or by hand: lease limit reports --slots 1, and --key large --slots 2
      backend.admission().limit("reports", null, KeyLimit.of(1));
      backend.admission().limit("reports", "large", KeyLimit.of(2));
      List<String> turns = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch written = new CountDownLatch(26);
      try (Worker worker =
          Worker.builder(backend)
              .config(WorkerConfig.builder().concurrency(1).build())
              .handle(
                  WRITE,
                  (report, context) -> {
                    turns.add(report.tenant());
                    written.countDown();
                  })
              .build()) {
        JobClient client = JobClient.of(backend);
        for (int number = 1; number <= 20; number++) {
          client.enqueue(WRITE, new Report("large", number));
        }
        for (int number = 1; number <= 3; number++) {
          client.enqueue(WRITE, new Report("small", number));
          client.enqueue(WRITE, new Report("tiny", number));
        }
        worker.start();
        written.await();
      }
      int last = Math.max(turns.lastIndexOf("small"), turns.lastIndexOf("tiny"));
      int large = Collections.frequency(turns.subList(0, last), "large");
      // Without limits it would be 20: those of large were enqueued first.
      System.out.println("small and tiny were through before large had 12 turns: " + (large < 12));
    }
  }
}
