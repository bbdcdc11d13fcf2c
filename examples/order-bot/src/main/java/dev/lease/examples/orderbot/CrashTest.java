package dev.lease.examples.orderbot;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.jdbc.JdbcBackend;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Kills workers while they are in the middle of orders, spread over the whole run.
 *
 * @param store where the jobs are; the test has a queue of its own there
 * @param orders how many orders
 * @param kills how many workers to kill
 * @param seed decides on the orders, and on who is killed when
 * @param program the main class of the workers
 * @param directory where the files go
 * @param out where to say what happens
 */
record CrashTest(
    StoreName store,
    int orders,
    int kills,
    long seed,
    Class<?> program,
    Path directory,
    PrintStream out) {

  private static final int WORKERS = 3;

  /** A large order takes more than two leases, and is lost to whoever does not extend its own. */
  private static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofMillis(400), Duration.ofSeconds(7));

  /** One order of so many is large. */
  private static final int ORDERS_PER_LARGE = 20;

  private static final int LONGEST_PAUSE_MILLIS = 100;
  private static final List<String> WORKER_OPTIONS =
      List.of("--lease", "3s", "--poll", "200ms", "--concurrency", "2", "--grace", "0s");

  CrashReport run() throws IOException, InterruptedException {
    Random random = new Random(seed);
    List<Order> asked = IntStream.rangeClosed(1, orders).mapToObj(n -> order(n, random)).toList();
    try (JdbcBackend backend = JdbcBackend.open(store.config())) {
      Jobs jobs = new Jobs(backend.jobAdmin(), "crash-test-" + Instant.now());
      CreateJobsCommand.enqueue(backend, jobs.queue(), kills + 1, asked);
      Fleet fleet =
          new Fleet(new Fleet.Setup(directory, program, store, WORKER_OPTIONS, FILL), jobs);
      try (fleet) {
        for (int i = 0; i < WORKERS; i++) {
          fleet.startWorker();
        }
        killUntilDone(fleet, jobs, random);
      }
      long done = jobs.counts().count(JobState.DONE);
      return CrashReport.of(store, kills, fleet.kills(), done, fleet.judge(asked));
    }
  }

  private static Order order(int n, Random random) {
    Order order = Order.random("order", n, random);
    return n % ORDERS_PER_LARGE == ORDERS_PER_LARGE / 2 ? order.large() : order;
  }

  private void killUntilDone(Fleet fleet, Jobs jobs, Random random)
      throws IOException, InterruptedException {
    ExchangeClient exchange = new ExchangeClient(fleet.exchangeUrl());
    Instant deadline = Instant.now().plusSeconds(60 + 10L * kills + orders);
    QueueCounts counts = jobs.counts();
    while (Jobs.unfinished(counts) > 0 && Instant.now().isBefore(deadline)) {
      if (isKillDue(fleet.kills().size(), counts.count(JobState.DONE))) {
        List<String> victims = inTheMiddle(exchange.open(), fleet.workers());
        if (!victims.isEmpty()) {
          kill(fleet, victims.get(random.nextInt(victims.size())));
        }
      }
      Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
      counts = jobs.counts();
    }
  }

  private boolean isKillDue(int killed, long done) {
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
