package dev.lease.examples.proof;

import dev.lease.examples.leasecli.StoreName;
import dev.lease.examples.leasecli.StoreOptions;
import dev.lease.examples.orderbot.ParentOption;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the processes of a proof of graphs are started with. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class GraphProcessOptions {

  @Mixin private StoreOptions store;

  @SuppressWarnings("unused") // picocli calls it.
  @Mixin
  private ParentOption parent;

  @Option(names = "--name", required = true)
  private String name;

  @Option(names = "--queue", required = true)
  private String queue;

  @Option(names = "--orders", required = true)
  private int orders;

  @Option(names = "--kills", required = true)
  private int kills;

  @Option(names = "--world", required = true)
  private URI world;

  @Option(names = "--lease", required = true)
  private Duration lease;

  /** These options on a command line, without the store and the name. */
  static List<String> of(GraphPlan plan, URI world, Duration lease) {
    return List.of(
        "--queue=" + plan.queue(),
        "--orders=" + plan.orders(),
        "--kills=" + plan.kills(),
        "--world=" + world,
        "--lease=" + lease.toMillis() + "ms");
  }

  StoreName store() {
    return store.name();
  }

  String name() {
    return name;
  }

  GraphPlan plan() {
    return new GraphPlan(queue, orders, kills);
  }

  ProofClient world() {
    return new ProofClient(world, name);
  }

  Duration lease() {
    return lease;
  }
}
