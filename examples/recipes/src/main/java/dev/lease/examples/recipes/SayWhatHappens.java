package dev.lease.examples.recipes;

import dev.lease.Job;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.Outcome;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A handler says what becomes of its job: it is tried again after a time, snoozed, discarded, or
 * has failed for good. For all other exceptions the retry policy of the type decides.
 */
final class SayWhatHappens {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  /** How long the exchange stays closed, counted in asks. */
  static final AtomicInteger CLOSED = new AtomicInteger(5);

  static void placeOrder(String order, JobContext context) throws IOException {
    if (order.equals("tea") && CLOSED.getAndDecrement() > 0) {
      throw Outcome.snooze(Duration.ofMillis(50)).because("the exchange is closed");
    }
    if (order.equals("coffee") && context.attempt() == 1) {
      throw Outcome.retryAfter(Duration.ofMillis(50)).because("429: too many requests");
    }
    if (order.equals("ice of last summer")) {
      throw Outcome.discard().because("nobody wants it any more");
    }
    if (order.equals("gold")) {
      throw Outcome.fail().because("the account may not buy gold");
    }
    if (order.equals("milk") && context.attempt() == 1) {
      throw new IOException("connection reset");
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    RetryPolicy policy =
        RetryPolicy.DEFAULT.on(IOException.class, e -> Outcome.retryAfter(Duration.ofMillis(50)));
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .handle(PLACE_ORDER, SayWhatHappens::placeOrder, policy)
                .build()) {
      worker.start();
      JobClient client = JobClient.of(backend);
      for (String order : List.of("tea", "coffee", "milk", "ice of last summer", "gold")) {
        String id = client.enqueue(PLACE_ORDER, order).id();
        Job job = awaitEnd(backend, id);
        System.out.printf("%s: %s, attempts: %d%n", order, job.state(), job.attempts());
      }
    }
  }

  private static Job awaitEnd(JdbcBackend backend, String id) throws InterruptedException {
    Job job = backend.jobQueue().find("orders", id).orElseThrow();
    while (!job.state().isFinished()) {
      Thread.sleep(10);
      job = backend.jobQueue().find("orders", id).orElseThrow();
    }
    return job;
  }
}
