package dev.lease.examples.proof;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.BackendView;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import dev.lease.examples.orderbot.Store;
import dev.lease.examples.shared.Cli;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a worker of a proof. */
@Command(name = "proof-worker")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ProofWorkerCommand implements Callable<Integer> {

  private static final RetryPolicy AT_ONCE =
      RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1));

  @Mixin private ProofProcessOptions options;

  @Option(names = "--way", required = true)
  private ProofWay way;

  private final UnaryOperator<JobQueue> wrapper;

  private ProofWorkerCommand(UnaryOperator<JobQueue> wrapper) {
    this.wrapper = wrapper;
  }

  public static void main(String[] args) {
    run(UnaryOperator.identity(), args);
  }

  /** Runs a worker with something between it and its store. */
  static void run(UnaryOperator<JobQueue> wrapper, String[] args) {
    System.exit(Cli.of(new ProofWorkerCommand(wrapper)).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    Store store = Store.openForWorker(options.store(), options.lease());
    HikariDataSource dataSource =
        way.isInDatabase(options.store()) ? ProofTable.open(options.store()) : null;
    ProofClient client = options.world();
    WorkerConfig config =
        WorkerConfig.builder()
            .name(options.name())
            .concurrency(1)
            .lookAhead(0)
            .leaseDuration(options.lease())
            .pollInterval(options.lease().dividedBy(10))
            .build();
    Worker worker =
        Worker.builder(
                BackendView.of(store.backend())
                    .withJobQueue(announcing(wrapper.apply(store.jobQueue()), client)))
            .config(config)
            .handle(
                ProofHandler.jobs(options.queue()),
                new ProofHandler(way, client, store.database(), dataSource),
                AT_ONCE)
            .build();
    worker.start();
    Thread.currentThread().join();
    return 0;
  }

  /** Announces that a job is done. A job that is released or retried is not announced. */
  static JobQueue announcing(JobQueue jobs, ProofClient client) {
    return Wrapped.aroundSettlements(
        jobs,
        sent -> sent.forEach(each -> reach(client, ProofPoint.BEFORE_SETTLEMENT, each)),
        // Refused as well: a job that is settled in a transaction of its handler is DONE by then.
        (sent, results) -> sent.forEach(each -> reach(client, ProofPoint.AFTER_SETTLEMENT, each)));
  }

  private static void reach(ProofClient client, ProofPoint point, Settlement settlement) {
    if (settlement instanceof Settlement.Done) {
      client.reach(point, settlement.lease().jobId(), settlement.lease().token());
    }
  }
}
