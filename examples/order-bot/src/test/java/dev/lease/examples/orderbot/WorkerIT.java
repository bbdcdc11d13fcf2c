package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class WorkerIT {

  /** Orders that are open when the worker is stopped, however slow the machine is. */
  private static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofMinutes(10), Duration.ofMinutes(10));

  @TempDir private Path directory;

  @Test
  @Timeout(300)
  void aWorkerThatIsToldToEndHandsItsJobsBackUncountedOnSqlite() throws Exception {
    itHandsItsJobsBackUncounted(new StoreName("sqlite:" + directory.resolve("orders.db")));
  }

  @Tag("slow")
  @Test
  @Timeout(300)
  void aWorkerThatIsToldToEndHandsItsJobsBackUncountedOnRedis() throws Exception {
    itHandsItsJobsBackUncounted(new StoreName(TestServers.redis()));
  }

  @Tag("slow")
  @Test
  @Timeout(300)
  void aWorkerWaitsForAStoreThatIsDownWhenItStarts() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      StoreName name = new StoreName(redis.uri());
      Fleet.Setup setup =
          new Fleet.Setup(directory, OrderBot.class, name, List.of("--grace", "0s"), FILL);
      try (Store store = Store.open(name);
          Fleet fleet = new Fleet(setup, List.of(new Jobs(store.jobAdmin(), "orders")))) {
        redis.kill();
        Path log = directory.resolve(fleet.startWorker() + ".log");
        while (!Files.readString(log).contains("waiting for the store")) {
          Thread.sleep(20);
        }
        redis.restart();
        CreateJobsCommand.enqueue(
            store.backend(), "orders", 3, List.of(new Order("a", "COCOA", 1)));
        ExchangeClient exchange = new ExchangeClient(fleet.exchangeUrl());
        while (exchange.open().isEmpty()) {
          Thread.sleep(20);
        }
      }
    }
  }

  private void itHandsItsJobsBackUncounted(StoreName name) throws Exception {
    List<String> options = List.of("--lease", "60s", "--concurrency", "2", "--grace", "0s");
    Fleet.Setup setup = new Fleet.Setup(directory, OrderBot.class, name, options, FILL);
    try (Store store = Store.open(name)) {
      Jobs jobs = new Jobs(store.jobAdmin(), "orders-" + Instant.now());
      List<Order> orders = List.of(new Order("a", "COCOA", 1), new Order("b", "COCOA", 1));
      CreateJobsCommand.enqueue(store.backend(), jobs.queue(), 3, orders);
      Fleet fleet = new Fleet(setup, List.of(jobs));
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
