package dev.lease.examples.proof;

import dev.lease.GraphAnswer;
import dev.lease.examples.orderbot.Store;
import dev.lease.examples.shared.Cli;
import dev.lease.worker.JobClient;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sends half of a graph, announces it, and waits to be killed. */
@Command(name = "graph-producer")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class GraphProducerCommand implements Callable<Integer> {

  @Mixin private GraphProcessOptions options;

  private GraphProducerCommand() {}

  public static void main(String[] args) {
    System.exit(Cli.of(new GraphProducerCommand()).execute(args));
  }

  @Override
  public Integer call() {
    GraphPlan plan = options.plan();
    try (Store store = Store.open(options.store())) {
      AtomicInteger sent = new AtomicInteger();
      JobClient client = JobClient.of(store.backend());
      client
          .in(
              store.jobQueue()::enqueue,
              piece -> {
                GraphAnswer answer = store.backend().jobGraphs().add(piece);
                if (sent.incrementAndGet() == plan.half()) {
                  options.world().announce(GraphPlan.HALF_SENT, 0);
                }
                return answer;
              })
          .enqueue(plan.graph(client));
    }
    return 0;
  }
}
