package dev.lease.examples.proof;

import dev.lease.examples.orderbot.ParentOption;
import dev.lease.examples.shared.StoreName;
import dev.lease.examples.shared.StoreOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What each process of a proof is started with. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
class ProofProcessOptions {

  @Mixin private StoreOptions store;

  @SuppressWarnings("unused") // picocli calls it.
  @Mixin
  private ParentOption parent;

  @Option(names = "--name", required = true)
  private String name;

  @Option(names = "--queue", required = true)
  private String queue;

  @Option(names = "--world", required = true)
  private URI world;

  @Option(names = "--lease", required = true)
  private Duration lease;

  /** These options on a command line, without the store and the name, and others behind them. */
  static List<String> of(String queue, ProofWorld world, Duration lease, String... others) {
    return Stream.concat(
            Stream.of(
                "--queue=" + queue, "--world=" + world.url(), "--lease=" + lease.toMillis() + "ms"),
            Stream.of(others))
        .toList();
  }

  StoreName store() {
    return store.name();
  }

  String name() {
    return name;
  }

  String queue() {
    return queue;
  }

  ProofClient world() {
    return new ProofClient(world, name);
  }

  Duration lease() {
    return lease;
  }
}
