package dev.lease.examples.orderbot;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.StoreException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Lets workers place orders for a while, with all that may befall them, their network and their
 * server; then heals everything, waits until all orders are placed, and judges.
 *
 * @param server the store, and its server
 * @param minutes for how long orders come, and faults
 * @param seed decides on the orders and on what befalls whom
 * @param program the main class of the workers
 * @param directory where the files go
 * @param out where to say what happens
 */
record Soak(
    SoakServer server, int minutes, long seed, Class<?> program, Path directory, PrintStream out) {

  private static final Duration LEASE = Duration.ofSeconds(6);

  /** A due job waits longer than that only where a queue starves. */
  private static final Duration BOUND = Duration.ofMinutes(1);

  private static final Duration DRAIN = Duration.ofMinutes(5);
  private static final Duration SMALL = Duration.ofMillis(400);

  /** By so much a large order takes longer than a lease. */
  private static final Duration OVERTIME = Duration.ofSeconds(4);

  private static final int ORDERS_PER_LARGE = 20;

  /** Each kill and each lease that is lost costs one. */
  private static final int ATTEMPTS = 1_000;

  private static final int LONGEST_PAUSE_MILLIS = 1_500;
  private static final int LOOK_MILLIS = 50;

  SoakReport run() throws IOException, InterruptedException, SQLException {
    try (Store store = Store.open(server.store())) {
      Jobs jobs = new Jobs(store.jobAdmin(), "soak-" + Instant.now());
      Fleet fleet = new Fleet(setup(), jobs);
      WorkerLogs logs = new WorkerLogs(directory);
      List<Order> asked = new ArrayList<>();
      SoakFaults faults = new SoakFaults(server, fleet, jobs, logs, LEASE, new Random(seed), out);
      Duration oldest;
      try (fleet;
          faults) {
        faults.startWorkers();
        oldest = disturb(store, jobs, faults, logs, asked);
        faults.heal();
        out.println("All is healed; " + asked.size() + " orders are to be placed");
        oldest = longer(oldest, drain(jobs, logs));
      }
      logs.read();
      List<Trouble> troubles =
          Stream.concat(faults.troubles().stream(), logs.stalls().stream()).toList();
      SoakReport.Seen seen =
          new SoakReport.Seen(
              server.store(),
              seed,
              minutes,
              BOUND,
              troubles,
              Map.of(jobs.queue(), oldest),
              jobs.counts().count(JobState.DONE));
      Orders orders = fleet.orders(asked);
      return SoakReport.of(seen, orders, Excuses.of(logs.lost(), troubles, LEASE, orders.log()));
    }
  }

  private Fleet.Setup setup() {
    List<String> options = new ArrayList<>(List.of("--lease", LEASE.toMillis() + "ms"));
    options.addAll(List.of("--poll", "200ms", "--concurrency", "2", "--grace", "0s"));
    Exchange.Fill fill = new Exchange.Fill(SMALL, LEASE.plus(OVERTIME));
    return new Fleet.Setup(directory, program, server.store(), options, fill);
  }

  /** Answers how long a due job has waited at most. */
  private Duration disturb(
      Store store, Jobs jobs, SoakFaults faults, WorkerLogs logs, List<Order> asked)
      throws IOException, InterruptedException, SQLException {
    Random random = new Random(seed);
    Instant end = Instant.now().plus(Duration.ofMinutes(minutes));
    Duration oldest = Duration.ZERO;
    Instant next = Instant.now();
    Order order = order(1, random);
    while (Instant.now().isBefore(end)) {
      faults.step();
      if (Instant.now().isAfter(next) && !faults.isFileLocked() && enqueue(store, jobs, order)) {
        asked.add(order);
        order = order(asked.size() + 1, random);
        next = Instant.now().plusMillis(random.nextInt(LONGEST_PAUSE_MILLIS));
      }
      oldest = longer(oldest, look(jobs).map(Soak::age).orElse(Duration.ZERO));
      logs.read();
      Thread.sleep(LOOK_MILLIS);
    }
    return oldest;
  }

  private static Order order(int n, Random random) {
    Order order = Order.random("order", n, random);
    return n % ORDERS_PER_LARGE == ORDERS_PER_LARGE / 2 ? order.large() : order;
  }

  /** Whether the order is there; else it is enqueued again, which makes no second one. */
  private static boolean enqueue(Store store, Jobs jobs, Order order) {
    try {
      CreateJobsCommand.enqueue(store.jobQueue(), jobs.queue(), ATTEMPTS, List.of(order));
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  private static Duration drain(Jobs jobs, WorkerLogs logs)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(DRAIN);
    Duration oldest = Duration.ZERO;
    boolean unfinished = true;
    while (unfinished && Instant.now().isBefore(deadline)) {
      Optional<QueueCounts> counts = look(jobs);
      oldest = longer(oldest, counts.map(Soak::age).orElse(Duration.ZERO));
      unfinished = counts.isEmpty() || Jobs.unfinished(counts.get()) > 0;
      logs.read();
      Thread.sleep(LOOK_MILLIS);
    }
    return oldest;
  }

  /** Empty while the store does not answer. */
  private static Optional<QueueCounts> look(Jobs jobs) {
    try {
      return Optional.of(jobs.counts());
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  private static Duration age(QueueCounts counts) {
    return counts.oldestDue() == null
        ? Duration.ZERO
        : Duration.between(counts.oldestDue(), counts.asOf());
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
