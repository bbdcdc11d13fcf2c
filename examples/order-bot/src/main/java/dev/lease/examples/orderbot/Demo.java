package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;

import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.examples.shared.StoreName;
import dev.lease.examples.shared.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Kills a worker while it places orders, and tells what happens. */
final class Demo {

  private static final int ORDERS = 20;
  private static final int ATTEMPTS = 3;
  private static final int BOOKED_BEFORE_THE_KILL = 7;
  private static final int OPEN_AT_THE_KILL = 3;
  private static final int LARGE_ORDER = 17;
  private static final Exchange.Fill FILL =
      new Exchange.Fill(Duration.ofMillis(1200), Duration.ofSeconds(12));
  private static final List<String> WORKER_OPTIONS =
      List.of("--lease", "5s", "--poll", "200ms", "--concurrency", "4", "--grace", "0s");

  private static final long LOOK_MILLIS = 100;
  private static final int LOOKS_PER_REPORT = 10;
  private static final int MOST_LOOKS = 3000;

  private final Backend backend;
  private final Jobs jobs;
  private final Story story;
  private final @Nullable Path picture;
  private final Fleet.Setup setup;

  /** The token under which the killed worker held each order that nobody has taken over yet. */
  private final Map<String, Long> orphans = new TreeMap<>();

  /** When another worker was first seen to hold an order of the killed worker. */
  private final Map<String, Instant> takeovers = new HashMap<>();

  /** The lease of each order at the last look. */
  private final Map<String, JobLease> leases = new HashMap<>();

  private int looks;

  /**
   * @param program the main class of the workers
   * @param picture the file for a picture of the run, or null
   */
  Demo(
      Class<?> program,
      Path directory,
      StoreName name,
      Store store,
      Story story,
      @Nullable Path picture) {
    this.backend = store.backend();
    this.jobs = new Jobs(store.jobAdmin(), "orders");
    this.story = story;
    this.picture = picture;
    this.setup = new Fleet.Setup(directory, program, name, WORKER_OPTIONS, FILL);
  }

  /** Answers whether every order was placed once. */
  boolean run() throws IOException, InterruptedException {
    Random random = new Random();
    List<Order> orders = IntStream.rangeClosed(1, ORDERS).mapToObj(n -> order(n, random)).toList();
    introduce(orders.get(LARGE_ORDER - 1));
    Fleet fleet = new Fleet(setup, List.of(jobs));
    try (fleet) {
      CreateJobsCommand.enqueue(backend, jobs.queue(), ATTEMPTS, orders);
      story.tell("jobs", ORDERS + " orders wait to be placed");
      start(fleet);
      waitForTheMiddle(new ExchangeClient(fleet.exchangeUrl()));
      kill(fleet);
      start(fleet);
      while (Jobs.unfinished(jobs.counts()) > 0) {
        look();
      }
      tellTheEnd(jobs.counts());
    }
    Orders placed = fleet.orders(orders);
    List<String> failures = conclude(placed.verdict(List.of()));
    if (picture != null) {
      Files.writeString(picture, DemoPicture.of(placed, takeovers, title(failures)));
    }
    return failures.isEmpty();
  }

  private static String title(List<String> failures) {
    return "A worker dies in the middle of its orders. "
        + (failures.isEmpty() ? "Every order is placed once." : "FAILED: " + failures.get(0));
  }

  private static Order order(int n, Random random) {
    Order order = Order.random("order", n, random);
    return n == LARGE_ORDER ? order.large() : order;
  }

  private void introduce(Order large) {
    story.say("@|bold A worker dies in the middle of its orders. Every order is placed once.|@");
    story.say("");
    story.say(
        "A worker holds an order under a lease of 5 s, and extends it while it works. When the");
    story.say(
        "lease of a dead worker has expired, another worker takes the order, with a larger token.");
    story.say(
        "The exchange takes about a second to fill an order, and 12 s for the large one, "
            + large.id()
            + ".");
    story.say(
        "It logs every request before it looks at the idempotency key, so no repeat is hidden.");
    story.say("All files and logs are in " + setup.directory());
    story.say("");
  }

  private void start(Fleet fleet) throws IOException {
    String worker = fleet.startWorker();
    story.tell(worker, "starts as process " + fleet.pid(worker));
  }

  private void waitForTheMiddle(ExchangeClient exchange) throws IOException, InterruptedException {
    while (jobs.counts().count(JobState.DONE) < BOOKED_BEFORE_THE_KILL
        || exchange.open().size() < OPEN_AT_THE_KILL) {
      look();
    }
  }

  private void kill(Fleet fleet) throws InterruptedException {
    Kill kill = fleet.kill(fleet.workers().iterator().next());
    orphans.putAll(kill.inFlight());
    story.tell(kill.worker(), "@|bold,red is killed with SIGKILL while it places:|@");
    for (Job job : jobs.in(JobState.PROCESSING)) {
      story.add("", job.id() + ", leased for another " + left(job) + ", token " + job.token());
    }
  }

  private void look() throws IOException, InterruptedException {
    if (++looks > MOST_LOOKS) {
      throw new IOException(
          "the orders were not placed within five minutes; see " + setup.directory());
    }
    Thread.sleep(LOOK_MILLIS);
    List<Job> held = jobs.in(JobState.PROCESSING);
    held.stream().filter(this::isTakenOver).forEach(this::tellTakeover);
    held.forEach(this::tellExtension);
    if (looks % LOOKS_PER_REPORT == 0) {
      report(held);
    }
  }

  private boolean isTakenOver(Job job) {
    return job.token() > orphans.getOrDefault(job.id(), Long.MAX_VALUE);
  }

  private void tellTakeover(Job job) {
    takeovers.put(job.id(), Instant.now());
    story.tell(
        Jobs.owner(job),
        "@|bold,green takes "
            + job.id()
            + " over:|@ the lease has expired; attempt "
            + job.attempts()
            + ", token "
            + orphans.remove(job.id())
            + " -> "
            + job.token());
  }

  private void tellExtension(Job job) {
    JobLease lease = job.lease();
    if (lease == null) {
      return;
    }
    JobLease before = leases.put(job.id(), lease);
    if (before != null
        && before.token() == lease.token()
        && before.expiresAt().isBefore(lease.expiresAt())) {
      story.tell(
          lease.owner(),
          "@|bold extends its lease of "
              + job.id()
              + "|@ from "
              + Durations.shown(Duration.between(job.asOf(), before.expiresAt()))
              + " to "
              + left(job)
              + "; token "
              + job.token()
              + " as before");
    }
  }

  private void tellTheEnd(QueueCounts counts) {
    long placed = counts.count(JobState.DONE);
    story.tell(
        "jobs",
        placed == ORDERS
            ? "all orders are placed"
            : placed + " orders are placed, " + counts.count(JobState.FAILED) + " failed");
  }

  private void report(List<Job> held) {
    QueueCounts counts = jobs.counts();
    long waiting = counts.count(JobState.PENDING) + counts.count(JobState.RETRY);
    Map<String, String> byWorker =
        held.stream()
            .filter(job -> !orphans.containsKey(job.id()))
            .collect(groupingBy(Jobs::owner, TreeMap::new, mapping(Demo::progress, joining(", "))));
    story.tell("jobs", counts.count(JobState.DONE) + " placed, " + waiting + " wait");
    byWorker.forEach((worker, work) -> story.add(worker, "works on " + work));
    String expiring =
        held.stream()
            .filter(job -> orphans.containsKey(job.id()))
            .map(job -> job.id() + " (" + left(job) + ")")
            .collect(joining(", "));
    if (!expiring.isEmpty()) {
      story.add("", "leased to the dead worker: " + expiring);
    }
  }

  /** Tells the result, and answers what is wrong. */
  private List<String> conclude(Verdict verdict) {
    story.say("");
    story.say(
        new Table("RESULT", "")
            .row("orders asked for", ORDERS)
            .row("in the book", verdict.orders())
            .row("doubled", verdict.duplicates())
            .row("lost", verdict.lost())
            .row("requests repeated", verdict.repeats())
            .row("seconds from kill to recovery", Durations.seconds(verdict.recovery()))
            .toString());
    story.say(
        "A repeated request carries the idempotency key of the first, so the exchange recognises");
    story.say("the order and answers from its book.");
    verdict.failures().forEach(failure -> story.say("@|bold,red FAILED:|@ " + failure));
    return verdict.failures();
  }

  private static String left(Job job) {
    return Jobs.isFree(job) ? "expired" : Durations.shown(Jobs.left(job));
  }

  private static String progress(Job job) {
    return job.progress() == null ? job.id() : job.id() + " " + job.progress().percent() + " %";
  }
}
