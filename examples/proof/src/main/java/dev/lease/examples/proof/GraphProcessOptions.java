package dev.lease.examples.proof;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** What the processes of a proof of graphs are started with. */
final class GraphProcessOptions extends ProofProcessOptions {

  @Option(names = "--orders", required = true)
  private int orders;

  @Option(names = "--kills", required = true)
  private int kills;

  /** These options on a command line, without the store and the name. */
  static List<String> of(GraphPlan plan, ProofWorld world, Duration lease) {
    return of(plan.queue(), world, lease, "--orders=" + plan.orders(), "--kills=" + plan.kills());
  }

  GraphPlan plan() {
    return new GraphPlan(queue(), orders, kills);
  }
}
