package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers of two versions of a program, on one store. */
@EnumSource(names = "POSTGRESQL")
class UnreadableJobsTest extends WorkerFixture {

  record OldOrder(String item, int quantity) {}

  record Order(String product, int quantity, String currency) {}

  private static final JobType<OldOrder> OLD = JobType.of("orders", "order", OldOrder.class);

  private static final JobType<Order> NEW =
      JobType.of("orders", "order", Order.class)
          .withVersion(2)
          .withUpcaster(1, OldOrder.class, old -> new Order(old.item(), old.quantity(), "EUR"));

  private Worker oldWorker(HandlerOptions options) {
    return start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(OLD, (order, context) -> context.result(order), options));
  }

  private Worker newWorker() {
    return start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(NEW, (order, context) -> context.result(order)));
  }

  private Job order(String id) {
    return jobs.find("orders", id).orElseThrow();
  }

  private Job awaitOrder(String id, JobState state) {
    eventually(() -> order(id).state() == state);
    return order(id);
  }

  @Test
  @DisplayName("W10 a new version waits for a new worker, which also runs the jobs of the old one")
  void deploy() {
    client.enqueue(client.job(NEW, "new-1", new Order("tea", 2, "USD")).build());
    client.enqueue(
        client
            .job(NEW, "new-2", new Order("tea", 3, "USD"))
            .headers(Map.of("trace", "t"))
            .maxCrashes(1)
            .build());
    client.enqueue(client.job(OLD, "old-1", new OldOrder("tea", 4)).build());
    Worker old = oldWorker(HandlerOptions.NONE);
    awaitOrder("old-1", JobState.DONE);
    for (String id : List.of("new-1", "new-2")) {
      eventually(() -> order(id).token() > 0 && order(id).state() == JobState.PENDING);
      assertThat(order(id).attempts()).isZero();
    }
    old.close();
    assertThat(old.status().failed()).isZero();
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("cannot read its payload", "version 2; this worker reads version 1");

    client.enqueue(client.job(OLD, "old-2", new OldOrder("milk", 5)).build());
    newWorker();
    assertThat(awaitOrder("old-2", JobState.DONE).result())
        .isEqualTo("{\"product\":\"milk\",\"quantity\":5,\"currency\":\"EUR\"}");
    assertThat(awaitOrder("new-1", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(awaitOrder("new-2", JobState.DONE).headers())
        .isEqualTo(Map.of("trace", "t", "lease-payload-version", "2"));
  }

  @Test
  @DisplayName(
      "W10 an unreadable job is FAILED after the time that a worker sets, and runs if requeued")
  void fails() {
    client.enqueue(client.job(NEW, "a", new Order("tea", 2, "USD")).build());
    Worker old =
        oldWorker(HandlerOptions.builder().maxUnreadableTime(Duration.ofMillis(50)).build());
    assertThat(awaitOrder("a", JobState.FAILED).error()).contains("not be read within 50 ms");
    eventually(() -> logs.at(Level.ERROR).size() == 1);
    old.close();
    assertThat(old.status().failed()).isEqualTo(1);

    assertThat(admin.requeue("orders", "a")).isEqualTo(JobAdmin.Requeue.REQUEUED);
    newWorker();
    assertThat(awaitOrder("a", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("the trace of an unreadable payload ends where the program does")
  void trace() {
    JobType<Order> broken =
        JobType.of("orders", "order", Order.class)
            .withVersion(2)
            .withUpcaster(1, OldOrder.class, UnreadableJobsTest::refuse);
    client.enqueue(client.job(OLD, "upcaster", new OldOrder("tea", 4)).build());
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                broken,
                (order, context) -> {},
                HandlerOptions.builder().maxUnreadableTime(Duration.ZERO).build()));

    String error = awaitOrder("upcaster", JobState.FAILED).error();
    assertThat(error)
        .contains("on purpose", "UnreadableJobsTest.refuse", "Caused by: ", "the cause")
        .doesNotContain("PayloadFormat", "JobRunner", "Thread.run");
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("UnreadableJobsTest.refuse")
        .doesNotContain("JobRunner");
  }

  /** As a value that refers to itself, or one that is too large. */
  private static Order tooMuch(OldOrder order) {
    return order.quantity() == 0
        ? new Order(new String(new char[Integer.MAX_VALUE]), 0, "")
        : tooMuch(order);
  }

  @Test
  @DisplayName(
      "W10 a payload that needs more memory than there is, or a deeper stack, is no failure")
  void errors() {
    JobType<Order> large =
        JobType.of("orders", "order", Order.class)
            .withVersion(2)
            .withUpcaster(1, OldOrder.class, UnreadableJobsTest::tooMuch);
    client.enqueue(client.job(OLD, "large", new OldOrder("tea", 0)).build());
    client.enqueue(client.job(OLD, "deep", new OldOrder("tea", 1)).build());
    client.enqueue(client.job(NEW, "good", new Order("tea", 2, "USD")).build());
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().build())
                .handle(large, (order, context) -> {}, patient()));
    awaitOrder("good", JobState.DONE);
    for (String id : List.of("large", "deep")) {
      // Read at once: it is claimed again soon.
      eventually(
          () -> {
            Job job = order(id);
            return job.token() > 0 && job.state() == JobState.PENDING && job.attempts() == 0;
          });
    }
    assertThat(worker.status().failed()).isZero();
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("cannot read its payload")
        .containsAnyOf("OutOfMemoryError", "StackOverflowError");
  }

  private static Order refuse(OldOrder order) {
    throw new IllegalStateException("on purpose", new IllegalArgumentException("the cause"));
  }
}
