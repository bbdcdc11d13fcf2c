package dev.lease.examples.proof;

import dev.lease.Due;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.JobState;
import dev.lease.PartState;
import dev.lease.examples.orderbot.Store;
import dev.lease.examples.shared.StoreName;
import dev.lease.worker.JobClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sends a graph, kills its producer and its workers, and counts what was done. */
final class GraphRun implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final int PAGE = 1_000;

  private final Instant start = Instant.now();
  private final StoreName name;
  private final Duration lease;
  private final Store store;
  private final GraphPlan plan;
  private final JobClient client;
  private final ProofWorld world;
  private final ProofWorkers producers;
  private final ProofWorkers workers;

  /** Where workers are still to be killed. */
  private final Set<ProofPoint> strikes;

  /** The attempts at the last order, which wait until all the others have ended. */
  private final List<ProofWorld.Reached> held = new ArrayList<>();

  private boolean isHalfSent;
  private boolean isLastOrderReleased;
  private boolean isEarly;
  private int probes;

  /**
   * @param program the main class of the workers
   */
  GraphRun(Class<?> program, StoreName name, GraphPlan plan, Duration lease, Path directory)
      throws IOException {
    this.name = name;
    this.lease = lease;
    this.plan = plan;
    this.strikes = plan.strikes();
    this.store = Store.open(name);
    this.client = JobClient.of(store.backend());
    this.world = new ProofWorld(Integer.MAX_VALUE);
    List<String> args = GraphProcessOptions.of(plan, world, lease);
    this.producers =
        new ProofWorkers(
            GraphProducerCommand.class, name, args, directory.resolve("proof-graph-producer.log"));
    this.workers =
        new ProofWorkers(program, name, args, directory.resolve("proof-graph-workers.log"));
  }

  GraphResult run(int processes) throws IOException, InterruptedException, TimeoutException {
    for (int i = 0; i < processes; i++) {
      workers.start();
    }
    allClaim();
    producers.start();
    until(() -> isHalfSent, "half of the graph is sent");
    probe();
    long tooSoon = made(1);
    // Repeats what the producer has sent.
    client.enqueue(plan.graph(client));

    until(this::isLastOrderHeld, "all orders but the last have ended");
    probe();
    isLastOrderReleased = true;
    held.forEach(world::open);

    until(() -> graph().left() == 0, "the graph has ended");
    if (!strikes.isEmpty()) {
      // The worker that has settled the last order may be slow to announce it.
      probe();
    }
    // By then, the workers have sent what they had left to send.
    workers.close();
    return judge(tooSoon);
  }

  /** Whether all orders but the last have ended, or even all of them, which they should not. */
  private boolean isLastOrderHeld() {
    int left = orders().left();
    return left == 0 || (left == 1 && !held.isEmpty());
  }

  /**
   * Waits until a job outside of the graph, due one lease from now, is done, and each worker has
   * claimed again since. Jobs of the graph that could be claimed all that time came before it, and
   * would have been taken.
   */
  private void probe() throws IOException, InterruptedException {
    String probe = "probe-" + ++probes;
    client.enqueue(client.job(plan.order(), probe, 0L).due(Due.after(lease)).build());
    until(
        () -> store.jobQueue().find(plan.queue(), probe).orElseThrow().state() == JobState.DONE,
        probe + " is done");
    allClaim();
  }

  /** Waits until each worker has the answer to a claim that it began after this call. */
  private void allClaim() throws IOException, InterruptedException {
    Map<String, Integer> before = world.answers().claims();
    // The first answer may be that of a claim which had begun before.
    until(
        () ->
            workers.names().stream()
                .allMatch(name -> claims(name) > before.getOrDefault(name, 0) + 1),
        "each worker has claimed");
  }

  private int claims(String worker) {
    return world.answers().claims().getOrDefault(worker, 0);
  }

  private void until(BooleanSupplier condition, String what)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (true) {
      // First what was announced, so that nothing of it is noted too late.
      ProofWorld.Reached reached = world.next();
      if (reached != null) {
        strike(reached);
        deadline = Instant.now().plus(PATIENCE);
        continue;
      }
      if (condition.getAsBoolean()) {
        return;
      }
      workers.checkAlive();
      producers.checkAlive();
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException(
            "%s: not within %s: %s; %s".formatted(name, PATIENCE, what, graph()));
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private void strike(ProofWorld.Reached reached) throws IOException, InterruptedException {
    ProofPoint point = reached.point();
    if (point.equals(GraphPlan.HALF_SENT)) {
      producers.kill(reached.worker());
      isHalfSent = true;
      return;
    }
    isEarly |= point.equals(GraphPlan.STATED) && !isLastOrderReleased;
    if (!workers.names().contains(reached.worker())) {
      // It was killed at the point of another job. The next attempt will be here, too.
      return;
    }
    if (strikes.remove(point)) {
      workers.kill(reached.worker());
      workers.start();
    } else if (point.equals(ProofPoint.BEFORE_SETTLEMENT) && !isLastOrderReleased) {
      held.add(reached);
    } else {
      world.open(reached);
    }
  }

  private GraphResult judge(long tooSoon) throws InterruptedException, TimeoutException {
    List<Job> orders = jobsOfOrders();
    return new GraphResult(
        name,
        plan,
        plan.kills() - strikes.size(),
        tooSoon,
        isEarly,
        orders.stream().filter(order -> order.state() == JobState.DONE).count(),
        orders.stream().filter(order -> order.attempts() > 1).count(),
        made(2),
        plan.orders() - made(1),
        world.answers().heldTwice(),
        store.jobQueue().find(plan.queue(), GraphPlan.STATEMENT).orElseThrow().attempts(),
        client.await(plan.statement(), GraphPlan.STATEMENT, Duration.ZERO).result().orElse(0L),
        graph().left(),
        Duration.between(start, Instant.now()));
  }

  /** How many orders had their effect at least so often. */
  private long made(int times) {
    return IntStream.range(0, plan.orders())
        .filter(order -> world.effects().made(GraphPlan.orderId(order), GraphPlan.ORDERS) >= times)
        .count();
  }

  private GraphState graph() {
    return graphs().find(plan.queue(), GraphPlan.GRAPH).orElseThrow();
  }

  private PartState orders() {
    return graphs().parts(plan.queue(), GraphPlan.GRAPH, null, 1).parts().get(0);
  }

  private List<Job> jobsOfOrders() {
    List<Job> jobs = new ArrayList<>();
    @Nullable String next = null;
    do {
      JobPage page = graphs().jobs(plan.queue(), GraphPlan.GRAPH, GraphPlan.ORDERS, next, PAGE);
      jobs.addAll(page.jobs());
      next = page.next();
    } while (next != null);
    return jobs;
  }

  private JobGraphs graphs() {
    return store.backend().jobGraphs();
  }

  @Override
  public void close() {
    producers.close();
    workers.close();
    world.close();
    store.close();
  }
}
