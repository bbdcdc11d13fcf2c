package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;

/**
 * Jobs that come again and again: by cron, at a rate, or after a delay. Two workers have the same
 * schedules, and each firing is one job. An operator lists, pauses, and removes schedules, and runs
 * one now.
 */
final class Recurring {

  static final JobType<String> REPORT = JobType.of("reports", "write-report", String.class);
  static final JobType<String> STOCK = JobType.of("reports", "count-stock", String.class);

  static final CountDownLatch COUNTED = new CountDownLatch(3);
  static final CountDownLatch WRITTEN = new CountDownLatch(1);

  static void write(String what, JobContext context) {
    System.out.println("writing the report of " + what);
    WRITTEN.countDown();
  }

  static void count(String what, JobContext context) {
    COUNTED.countDown();
  }

  private static Worker worker(JdbcBackend backend) {
    return Worker.builder(backend)
        .handle(REPORT, Recurring::write)
        .handle(STOCK, Recurring::count)
        .schedule(
            Schedule.cron("monthly", REPORT, "sales", "0 2 1 * *", ZoneId.of("Europe/Berlin")))
        .schedule(Schedule.every("stock", STOCK, "tea", Duration.ofMillis(100)))
        .build();
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker one = worker(backend);
        Worker two = worker(backend)) {
      one.start();
      two.start();
      COUNTED.await();
      System.out.println("the stock of tea was counted three times");

      Schedules schedules = Schedules.of(backend);
      schedules.pause("reports", "stock");
      schedules.list().stream()
          .map(s -> s.name() + ": " + s.times() + (s.paused() ? ", paused" : ""))
          .sorted()
          .forEach(System.out::println);

      schedules.runNow("reports", "monthly", "ticket-7");
      WRITTEN.await();
      System.out.println("removed: " + schedules.remove("reports", "stock"));
      System.out.println("schedules left: " + schedules.list().size());
    }
  }
}
