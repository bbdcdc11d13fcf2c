package dev.lease.examples.proof;

import dev.lease.BackendView;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.examples.orderbot.Store;
import dev.lease.examples.shared.Cli;
import dev.lease.worker.JobContext;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Runs a worker that carries out orders and the statement, and announces where it may be killed.
 */
@Command(name = "graph-worker")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class GraphWorkerCommand implements Callable<Integer> {

  private static final RetryPolicy AT_ONCE =
      RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1));

  @Mixin private GraphProcessOptions options;

  private final UnaryOperator<JobQueue> wrapper;

  private GraphWorkerCommand(UnaryOperator<JobQueue> wrapper) {
    this.wrapper = wrapper;
  }

  public static void main(String[] args) {
    run(UnaryOperator.identity(), args);
  }

  /** Runs a worker with something between it and its store. */
  static void run(UnaryOperator<JobQueue> wrapper, String[] args) {
    System.exit(Cli.of(new GraphWorkerCommand(wrapper)).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    GraphPlan plan = options.plan();
    Handlers handlers = new Handlers(plan, options.world(), plan.struckOrders());
    ProofReports reports = new ProofReports(options.world());
    Store store = Store.openForWorker(options.store(), options.lease());
    Worker worker =
        Worker.builder(
                BackendView.of(store.backend())
                    .withJobQueue(handlers.announcing(reports.of(wrapper.apply(store.jobQueue())))))
            .config(
                WorkerConfig.builder()
                    .name(options.name())
                    .concurrency(4)
                    .leaseDuration(options.lease())
                    .pollInterval(options.lease().dividedBy(10))
                    .build())
            .handle(plan.order(), handlers::order, AT_ONCE)
            .handle(plan.statement(), handlers::statement, AT_ONCE)
            .build();
    worker.start();
    Thread.currentThread().join();
    return 0;
  }

  private record Handlers(GraphPlan plan, ProofClient world, Set<String> struck) {

    long order(long amount, JobContext job) {
      world.effect(new ProofWorld.Effect(job.jobId(), GraphPlan.ORDERS, null, job.token(), false));
      if (struck.contains(job.jobId())) {
        world.announce(new ProofPoint(job.jobId()), job.token());
      }
      if (job.jobId().equals(plan.lastOrder())) {
        world.announce(ProofPoint.BEFORE_SETTLEMENT, job.token());
      }
      return amount;
    }

    long statement(String payload, JobContext job) {
      world.announce(GraphPlan.STATED, job.token());
      return job.parents().mapToLong(order -> order.result(plan.order()).orElse(0L)).sum();
    }

    /** Announces that the last order has ended. */
    JobQueue announcing(JobQueue jobs) {
      return Wrapped.afterDone(jobs, leases -> leases.forEach(this::done));
    }

    private void done(JobLease lease) {
      if (lease.jobId().equals(plan.lastOrder())) {
        world.announce(ProofPoint.AFTER_SETTLEMENT, lease.token());
      }
    }
  }
}
