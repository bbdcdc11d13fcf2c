package dev.lease.examples.orderbot;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.StoreException;
import dev.lease.examples.shared.Failure;
import dev.lease.examples.shared.StoreName;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Kills and suspends workers while they place orders, spread over the whole run.
 *
 * @param name the store; the test has a queue of its own in it
 * @param plan how many of what
 * @param lease the lease duration of the workers
 * @param program the main class of the workers
 * @param directory where the files go
 * @param out where to report what happens
 * @param beside called before each look at the store, with the number of kills so far; it may
 *     disturb the store
 */
record CrashTest(
    StoreName name,
    CrashPlan plan,
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

  /** One in this many orders of customers is turned away at first. */
  private static final int ORDERS_PER_SCARCE = 10;

  private static final int LONGEST_PAUSE_MILLIS = 100;

  CrashReport run() throws IOException, InterruptedException {
    Random random = new Random(plan.seed());
    List<Order> asked =
        IntStream.rangeClosed(1, plan.orders()).mapToObj(n -> order(n, random)).toList();
    try (Store store = Store.open(name)) {
      Jobs jobs = new Jobs(store.jobAdmin(), "crash-test-" + Instant.now());
      if (plan.customers() > 0) {
        store.backend().admission().limit(jobs.queue(), null, plan.limit());
      }
      Fleet fleet = new Fleet(setup(), List.of(jobs));
      Strikes strikes = new Strikes(plan, lease, fleet, random, out);
      WorkerLogs logs = new WorkerLogs(directory);
      try (fleet) {
        for (int i = 0; i < WORKERS; i++) {
          fleet.startWorker();
        }
        Deque<List<Order>> coming = inBatches(asked);
        Instant deadline = deadline();
        boolean isOver = false;
        while (!isOver && Instant.now().isBefore(deadline)) {
          beside.accept(fleet.kills().size());
          enqueueNext(store, jobs.queue(), coming);
          strikes.resume();
          Optional<QueueCounts> counts = look(jobs);
          if (counts.isPresent()) {
            strikes.strike(counts.get());
          }
          logs.read();
          Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
          isOver =
              coming.isEmpty()
                  && counts.isPresent()
                  && Jobs.unfinished(counts.get()) == 0
                  && strikes.areOver();
        }
      }
      logs.read();
      List<Trouble> troubles =
          Stream.concat(strikes.suspensions().stream(), logs.stalls().stream()).toList();
      Orders all = fleet.orders(asked);
      return CrashReport.of(
          name,
          plan,
          strikes.suspensions().size(),
          jobs.counts().count(JobState.DONE),
          all,
          Excuses.of(logs.lost(), troubles, lease, all.log()));
    }
  }

  private Fleet.Setup setup() {
    List<String> options = new ArrayList<>(List.of("--lease", lease.toMillis() + "ms"));
    options.addAll(List.of("--poll", "200ms", "--concurrency", "2", "--grace", "0s"));
    Exchange.Fill fill = new Exchange.Fill(SMALL, lease.plus(OVERTIME));
    return new Fleet.Setup(directory, program, name, options, fill);
  }

  private Instant deadline() {
    return Instant.now().plusSeconds(120 + 30L * plan.strikes() + 3L * plan.orders());
  }

  /** A strike costs an attempt; so does a claim whose answer is lost when the store goes down. */
  private int attempts() {
    return 2 * plan.strikes() + 1;
  }

  private Order order(int n, Random random) {
    Order order = Order.random("order", n, random);
    if (plan.customers() > 0) {
      order = order.of("customer-" + (1 + random.nextInt(plan.customers())));
      order = n % ORDERS_PER_SCARCE == ORDERS_PER_SCARCE / 2 ? order.scarce() : order;
    }
    return n % ORDERS_PER_LARGE == ORDERS_PER_LARGE / 2 ? order.large() : order;
  }

  /** Orders of customers come one by one: a batch is no order in which they were enqueued. */
  private Deque<List<Order>> inBatches(List<Order> asked) {
    return new ArrayDeque<>(
        plan.customers() > 0 ? asked.stream().map(List::of).toList() : List.of(asked));
  }

  /** If the store is down, the next call enqueues the same orders. */
  private void enqueueNext(Store store, String queue, Deque<List<Order>> coming) {
    if (coming.isEmpty()) {
      return;
    }
    try {
      CreateJobsCommand.enqueue(store.backend(), queue, attempts(), coming.element());
      coming.remove();
    } catch (StoreException e) {
      out.println("could not enqueue " + coming.element() + ": " + Failure.inWords(e));
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
}
