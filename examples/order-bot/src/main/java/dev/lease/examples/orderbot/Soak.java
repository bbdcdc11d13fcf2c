package dev.lease.examples.orderbot;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Lets workers place orders for a while, with faults of the workers, their network and their
 * server. Then it ends all faults, waits until all orders are placed, and judges. If there are
 * customers, their slots change meanwhile.
 *
 * @param server the store, and its server
 * @param customers how many customers some of the orders are of; 0 for orders without a customer
 * @param minutes how long there are new orders and faults
 * @param seed decides the orders, and which fault hits which worker
 * @param program the main class of the workers
 * @param directory where the files go
 * @param out where to report what happens
 */
record Soak(
    SoakServer server,
    int customers,
    int minutes,
    long seed,
    Class<?> program,
    Path directory,
    PrintStream out) {

  private static final Duration LEASE = Duration.ofSeconds(6);

  /** A due job waits longer than this only where a queue starves. */
  private static final Duration BOUND = Duration.ofMinutes(1);

  private static final Duration DRAIN = Duration.ofMinutes(5);
  private static final Duration SMALL = Duration.ofMillis(400);

  /** A large order takes a lease and this much more. */
  private static final Duration OVERTIME = Duration.ofSeconds(4);

  private static final int LONGEST_PAUSE_MILLIS = 1_500;
  private static final int LOOK_MILLIS = 50;

  SoakReport run() throws IOException, InterruptedException, SQLException {
    try (Store store = Store.open(server.store())) {
      Random random = new Random(seed);
      SoakQueues queues = new SoakQueues(store, customers, random);
      Fleet fleet = new Fleet(setup(), queues.jobs());
      WorkerLogs logs = new WorkerLogs(directory);
      SoakFaults faults =
          new SoakFaults(server, fleet, logs, LEASE, new Random(seed), directory, out);
      Optional<SoakLimits> limits = limits(store, queues);
      limits.ifPresent(SoakLimits::start);
      try (fleet;
          faults) {
        faults.startWorkers();
        disturb(queues, faults, logs, random);
        faults.heal();
        limits.ifPresent(SoakLimits::end);
        out.println("All faults have ended; waiting until all orders are placed");
        drain(queues, logs);
      } finally {
        limits.ifPresent(SoakLimits::close);
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
              queues.oldestDue(),
              queues.done(),
              limits.map(SoakLimits::seen).orElse(SoakLimits.Seen.NONE));
      Orders orders = fleet.orders(queues.asked());
      return SoakReport.of(seen, orders, Excuses.of(logs.lost(), troubles, LEASE, orders.log()));
    }
  }

  private Optional<SoakLimits> limits(Store store, SoakQueues queues) {
    return customers == 0
        ? Optional.empty()
        : Optional.of(
            new SoakLimits(
                store.backend().admission(),
                queues.queueOfCustomers(),
                queues.customers(),
                new Random(seed),
                out));
  }

  private Fleet.Setup setup() {
    List<String> options = new ArrayList<>(List.of("--lease", LEASE.toMillis() + "ms"));
    // Customers have many orders, and each takes a while.
    String concurrency = customers == 0 ? "2" : "4";
    options.addAll(List.of("--poll", "200ms", "--concurrency", concurrency, "--grace", "0s"));
    Exchange.Fill fill = new Exchange.Fill(SMALL, LEASE.plus(OVERTIME));
    return new Fleet.Setup(directory, program, server.store(), options, fill);
  }

  private void disturb(SoakQueues queues, SoakFaults faults, WorkerLogs logs, Random random)
      throws IOException, InterruptedException, SQLException {
    Instant end = Instant.now().plus(Duration.ofMinutes(minutes));
    Instant next = Instant.now();
    while (Instant.now().isBefore(end)) {
      faults.advance();
      if (Instant.now().isAfter(next) && !faults.isFileLocked() && queues.enqueueNext()) {
        next = Instant.now().plusMillis(random.nextInt(LONGEST_PAUSE_MILLIS));
      }
      queues.look();
      logs.read();
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static void drain(SoakQueues queues, WorkerLogs logs)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(DRAIN);
    boolean isOver = false;
    while (!isOver && Instant.now().isBefore(deadline)) {
      boolean isComplete = queues.enqueueFirst();
      // If the store does not answer, it is asked again.
      isOver = queues.look().orElse(1) == 0 && isComplete;
      logs.read();
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
