package dev.lease.examples.orderbot;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.StoreException;
import dev.lease.examples.leasecli.StoreName;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Kills workers while they place orders. The kills are spread over the whole run.
 *
 * @param name the store; the test has a queue of its own in it
 * @param orders how many orders
 * @param kills how many workers to kill
 * @param seed decides the orders, and which worker is killed when
 * @param lease the lease duration of the workers
 * @param program the main class of the workers
 * @param directory where the files go
 * @param out where to report what happens
 * @param beside called before each look at the store, with the number of kills so far; it may
 *     disturb the store
 */
record CrashTest(
    StoreName name,
    int orders,
    int kills,
    long seed,
    Duration lease,
    Class<?> program,
    Path directory,
    PrintStream out,
    IntConsumer beside) {

  private static final int WORKERS = 3;

  /** The lease duration where the store stays up. */
  static final Duration SHORT_LEASE = Duration.ofSeconds(3);

  private static final Duration SMALL = Duration.ofMillis(400);

  /**
   * A large order takes a lease and this much more, so a worker that does not extend the lease
   * loses the order.
   */
  private static final Duration OVERTIME = Duration.ofSeconds(4);

  /** One in this many orders is large. */
  private static final int ORDERS_PER_LARGE = 20;

  private static final int LONGEST_PAUSE_MILLIS = 100;

  CrashReport run() throws IOException, InterruptedException {
    Random random = new Random(seed);
    List<Order> asked = IntStream.rangeClosed(1, orders).mapToObj(n -> order(n, random)).toList();
    try (Store store = Store.open(name)) {
      Jobs jobs = new Jobs(store.jobAdmin(), "crash-test-" + Instant.now());
      CreateJobsCommand.enqueue(store.backend(), jobs.queue(), attempts(), asked);
      Fleet fleet = new Fleet(setup(), List.of(jobs));
      WorkerLogs logs = new WorkerLogs(directory);
      try (fleet) {
        for (int i = 0; i < WORKERS; i++) {
          fleet.startWorker();
        }
        killUntilDone(fleet, jobs, logs, random);
      }
      logs.read();
      long done = jobs.counts().count(JobState.DONE);
      Orders all = fleet.orders(asked);
      return CrashReport.of(
          name, kills, done, all, Excuses.of(logs.lost(), logs.stalls(), lease, all.log()));
    }
  }

  private Fleet.Setup setup() {
    List<String> options = new ArrayList<>(List.of("--lease", lease.toMillis() + "ms"));
    options.addAll(List.of("--poll", "200ms", "--concurrency", "2", "--grace", "0s"));
    Exchange.Fill fill = new Exchange.Fill(SMALL, lease.plus(OVERTIME));
    return new Fleet.Setup(directory, program, name, options, fill);
  }

  /** A kill costs an attempt; so does a claim whose answer is lost when the store goes down. */
  private int attempts() {
    return 2 * kills + 1;
  }

  private static Order order(int n, Random random) {
    Order order = Order.random("order", n, random);
    return n % ORDERS_PER_LARGE == ORDERS_PER_LARGE / 2 ? order.large() : order;
  }

  private void killUntilDone(Fleet fleet, Jobs jobs, WorkerLogs logs, Random random)
      throws IOException, InterruptedException {
    ExchangeClient exchange = new ExchangeClient(fleet.exchangeUrl());
    Instant deadline = Instant.now().plusSeconds(120 + 30L * kills + 3L * orders);
    boolean unfinished = true;
    while (unfinished && Instant.now().isBefore(deadline)) {
      beside.accept(fleet.kills().size());
      Optional<QueueCounts> counts = look(jobs);
      if (counts.isPresent() && isKillDue(fleet.kills().size(), counts.get())) {
        List<String> victims = inTheMiddle(inProgress(exchange), fleet.workers());
        if (!victims.isEmpty()) {
          kill(fleet, victims.get(random.nextInt(victims.size())));
        }
      }
      logs.read();
      Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
      unfinished = counts.isEmpty() || Jobs.unfinished(counts.get()) > 0;
    }
  }

  /** Empty while the store is down. */
  private static Optional<QueueCounts> look(Jobs jobs) {
    try {
      return Optional.of(jobs.counts());
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  /** None if the exchange does not answer in time, as on a machine that stands still. */
  private static List<OrderRequest> inProgress(ExchangeClient exchange)
      throws InterruptedException {
    try {
      return exchange.open();
    } catch (IOException e) {
      return List.of();
    }
  }

  private boolean isKillDue(int killed, QueueCounts counts) {
    long done = counts.count(JobState.DONE);
    return killed < kills && done * (kills + 1) >= (long) killed * orders;
  }

  private static List<String> inTheMiddle(List<OrderRequest> open, Set<String> alive) {
    return open.stream()
        .map(OrderRequest::worker)
        .filter(alive::contains)
        .distinct()
        .sorted()
        .toList();
  }

  private void kill(Fleet fleet, String worker) throws IOException, InterruptedException {
    Kill kill = fleet.kill(worker);
    out.printf(
        "killed %s with %s in flight; started %s%n",
        worker, kill.inFlight().keySet(), fleet.startWorker());
  }
}
