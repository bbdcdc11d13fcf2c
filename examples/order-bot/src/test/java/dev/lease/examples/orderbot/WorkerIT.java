package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.jdbc.JdbcBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WorkerIT {

  /** Long enough for both orders to be open when the worker is told to end. */
  private static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofSeconds(20), Duration.ofSeconds(20));

  @TempDir private Path directory;

  @Test
  @Timeout(120)
  void aWorkerThatIsToldToEndHandsItsJobsBackUncounted() throws Exception {
    StoreName store = new StoreName("sqlite:" + directory.resolve("orders.db"));
    List<String> options = List.of("--lease", "60s", "--concurrency", "2", "--grace", "0s");
    Fleet.Setup setup = new Fleet.Setup(directory, OrderBot.class, store, options, FILL);
    try (JdbcBackend backend = JdbcBackend.open(store.config())) {
      Jobs jobs = new Jobs(backend.jobAdmin(), "orders");
      List<Order> orders = List.of(new Order("a", "COCOA", 1), new Order("b", "COCOA", 1));
      CreateJobsCommand.enqueue(backend, "orders", 3, orders);
      Fleet fleet = new Fleet(setup, jobs);
      try (fleet) {
        fleet.startWorker();
        ExchangeClient exchange = new ExchangeClient(fleet.exchangeUrl());
        while (exchange.open().size() < 2) {
          Thread.sleep(20);
        }
      }
      assertThat(jobs.in(JobState.PENDING)).extracting(Job::id).containsExactly("a", "b");
      assertThat(jobs.in(JobState.PENDING)).extracting(Job::attempts).containsExactly(0, 0);
    }
  }
}
