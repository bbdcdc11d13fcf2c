package dev.lease.examples.recipes;

import dev.lease.JobState;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Step;
import dev.lease.worker.StepFailedException;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * The card times out, so the handler charges PayPal, and then the attempt dies. The next attempt
 * must not charge the card, although it would work now. So the step keeps its failure.
 */
final class KeepAFailure {

  static final JobType<String> CHARGE = JobType.of("payments", "charge", String.class);

  static final Step<String> CARD =
      Step.of("card", String.class).keepFailure(TimeoutException.class);

  static void charge(String customer, JobContext context) throws Exception {
    String receipt;
    try {
      receipt = context.step(CARD, () -> chargeCard(context.attempt()));
    } catch (StepFailedException e) {
      System.out.printf("attempt %d: %s%n", context.attempt(), e.getMessage());
      receipt = context.step("paypal", String.class, () -> chargePayPal(context.attempt()));
    }
    if (context.attempt() == 1) {
      throw new IllegalStateException("the attempt fails after the charge");
    }
    System.out.println(customer + " has paid: " + receipt);
  }

  private static String chargeCard(int attempt) throws TimeoutException {
    if (attempt == 1) {
      throw new TimeoutException("no answer in 30 s");
    }
    return "by card";
  }

  private static String chargePayPal(int attempt) {
    System.out.printf("attempt %d charges PayPal%n", attempt);
    return "by PayPal";
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    RetryPolicy soon = RetryPolicy.fixed(Duration.ofMillis(50));
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend).handle(CHARGE, KeepAFailure::charge, soon).build()) {
      worker.start();
      String id = JobClient.of(backend).enqueue(CHARGE, "Ada").id();
      while (backend.jobQueue().find("payments", id).orElseThrow().state() != JobState.DONE) {
        Thread.sleep(10);
      }
    }
  }
}
