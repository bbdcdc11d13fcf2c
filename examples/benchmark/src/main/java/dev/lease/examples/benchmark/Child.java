package dev.lease.examples.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/**
 * A process for one role, so that the processor time of each role is known: PEER ROLE key=value..
 */
final class Child {

  /** The environment variable with the store: other users can see arguments, but not this. */
  static final String STORE = "BENCHMARK_STORE";

  private static final Map<String, Role> ROLES =
      Map.ofEntries(
          Map.entry("setup", FillRoles::setUp),
          Map.entry("seed", FillRoles::seed),
          Map.entry("obstruct", FillRoles::obstruct),
          Map.entry("left", FillRoles::left),
          Map.entry("single", EnqueueRoles::single),
          Map.entry("bulk", EnqueueRoles::bulk),
          Map.entry("drain", DrainRole::play),
          Map.entry("latency", LatencyRoles::latency),
          Map.entry("work", LatencyRoles::work),
          Map.entry("produce", LatencyRoles::produce),
          Map.entry("hold", HoldRole::play),
          Map.entry("first", FirstRole::play),
          Map.entry("locks", LockRole::play),
          Map.entry("raw-setup", RawRoles::setUp),
          Map.entry("raw-enqueue", RawRoles::enqueue),
          Map.entry("raw-drain", RawRoles::drain),
          Map.entry("graph-setup", GraphRoles::setUp),
          Map.entry("graph-enqueue", GraphRoles::enqueue),
          Map.entry("graph-settle", GraphRoles::settle));

  private Child() {}

  /**
   * Plays a role and exits.
   *
   * @param args the peer, the role and the settings
   */
  public static void main(String[] args) {
    Lines lines = new Lines();
    try {
      List<String> arguments = Arrays.asList(args);
      Role role = Objects.requireNonNull(ROLES.get(arguments.get(1)), arguments.get(1));
      Settings settings = Settings.parse(arguments.subList(2, arguments.size()));
      String url = Objects.requireNonNull(System.getenv(STORE), STORE);
      role.play(peer(arguments.get(0)), new Target(url, settings), lines);
      System.exit(0);
    } catch (Throwable e) {
      e.printStackTrace();
      lines.say("ERROR " + e);
      Runtime.getRuntime().halt(1);
    }
  }

  private static JavaPeer peer(String name) {
    return Stream.concat(
            Stream.of(new LeasePeer()),
            ServiceLoader.load(JavaPeer.class).stream().map(ServiceLoader.Provider::get))
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    name + " is not built in: build with the profile 'peers'"));
  }
}
