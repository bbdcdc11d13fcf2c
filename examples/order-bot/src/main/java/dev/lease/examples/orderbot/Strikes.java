package dev.lease.examples.orderbot;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Kills workers, and suspends them for longer than a lease lasts, while the exchange says that they
 * are placing an order. The strikes are spread over the whole run.
 */
final class Strikes {

  /** At most this many workers are suspended at once; the others go on. */
  private static final int MOST_SUSPENDED = 2;

  private final CrashPlan plan;
  private final Duration lease;
  private final Fleet fleet;
  private final Random random;
  private final PrintStream out;
  private final ExchangeClient exchange;
  private final Map<String, Instant> suspendedSince = new HashMap<>();
  private final Map<String, Instant> resumedAt = new HashMap<>();
  private final List<Trouble> suspensions = new ArrayList<>();

  /**
   * @param plan how many strikes there are
   * @param lease the lease duration of the workers
   * @param fleet the workers
   * @param random decides who is hit
   * @param out where to report what happens
   */
  Strikes(CrashPlan plan, Duration lease, Fleet fleet, Random random, PrintStream out) {
    this.plan = plan;
    this.lease = lease;
    this.fleet = fleet;
    this.random = random;
    this.out = out;
    this.exchange = new ExchangeClient(fleet.exchangeUrl());
  }

  /** The suspensions that are over. */
  List<Trouble> suspensions() {
    return List.copyOf(suspensions);
  }

  /** Whether all workers run, and have said which leases they lost. */
  boolean areOver() {
    return fleet.workers().stream().allMatch(this::isCalm);
  }

  /** Lets workers go on whose leases have expired. */
  void resume() throws IOException, InterruptedException {
    for (Map.Entry<String, Instant> each : Map.copyOf(suspendedSince).entrySet()) {
      String worker = each.getKey();
      Instant now = Instant.now();
      if (each.getValue().plus(lease.multipliedBy(4).dividedBy(3)).isBefore(now)) {
        fleet.resume(worker);
        suspendedSince.remove(worker);
        resumedAt.put(worker, now);
        Trouble over = new Trouble(Fault.SUSPEND, worker, Trouble.ANY, each.getValue(), now);
        suspensions.add(over);
        out.println(over);
      }
    }
  }

  /** Strikes if that is due. */
  void strike(QueueCounts counts) throws IOException, InterruptedException {
    long done = counts.count(JobState.DONE);
    if (isDue(fleet.kills().size(), plan.kills(), done)) {
      Optional<String> victim = inTheMiddle(this::isCalm);
      if (victim.isPresent()) {
        kill(victim.get());
      }
    }
    int suspended = suspensions.size() + suspendedSince.size();
    if (suspendedSince.size() < MOST_SUSPENDED && isDue(suspended, plan.suspensions(), done)) {
      Optional<String> victim = inTheMiddle(worker -> !suspendedSince.containsKey(worker));
      if (victim.isPresent()) {
        Instant from = Instant.now();
        fleet.suspend(victim.get());
        suspendedSince.put(victim.get(), from);
      }
    }
  }

  private boolean isDue(int struck, int asked, long done) {
    return struck < asked && done * (asked + 1) >= (long) struck * plan.orders();
  }

  /** One of the workers that are placing an order. */
  private Optional<String> inTheMiddle(Predicate<String> isFit) throws InterruptedException {
    List<String> workers =
        inProgress().stream()
            .map(OrderRequest::worker)
            .filter(fleet.workers()::contains)
            .filter(isFit)
            .distinct()
            .sorted()
            .toList();
    return workers.isEmpty()
        ? Optional.empty()
        : Optional.of(workers.get(random.nextInt(workers.size())));
  }

  /** None if the exchange does not answer in time, as on a machine that stands still. */
  private List<OrderRequest> inProgress() throws InterruptedException {
    try {
      return exchange.open();
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * Whether a worker runs, and has done so for a lease since it was suspended. By then it has said
   * which leases it lost, which it cannot once it is killed.
   */
  private boolean isCalm(String worker) {
    return !suspendedSince.containsKey(worker)
        && resumedAt.getOrDefault(worker, Instant.EPOCH).plus(lease).isBefore(Instant.now());
  }

  private void kill(String worker) throws IOException, InterruptedException {
    Kill kill = fleet.kill(worker);
    out.printf(
        "killed %s with %s in flight; started %s%n",
        worker, kill.inFlight().keySet(), fleet.startWorker());
  }
}
