package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Who is measured, as the one who measures sees it: a program that plays roles. */
interface Peer {

  /** Those that there are, and the stores that each works on. */
  Map<String, Set<StoreKind>> STORES =
      Map.of(
          LeasePeer.NAME,
          EnumSet.allOf(StoreKind.class),
          "db-scheduler",
          EnumSet.of(StoreKind.POSTGRESQL),
          "graphile-worker",
          EnumSet.of(StoreKind.POSTGRESQL),
          "pg-boss",
          EnumSet.of(StoreKind.POSTGRESQL),
          "bullmq",
          EnumSet.of(StoreKind.REDIS),
          "shedlock",
          EnumSet.of(StoreKind.POSTGRESQL, StoreKind.REDIS),
          "redisson",
          EnumSet.of(StoreKind.REDIS));

  String name();

  /**
   * Gets it here, if it is not.
   *
   * @param progress is told when that takes long
   */
  void install(Progress progress) throws IOException, InterruptedException;

  /**
   * How one of its processes is started; a role and settings come behind that.
   *
   * @param jvm what a JVM is told beside what it always is
   */
  List<String> command(List<String> jvm);

  /**
   * Refuses a store that it does not work on.
   *
   * @throws IllegalArgumentException naming both
   */
  default void require(StoreKind kind) {
    Set<StoreKind> stores = Objects.requireNonNull(STORES.get(name()));
    if (!stores.contains(kind)) {
      throw new IllegalArgumentException(
          "%s works on %s, not on %s"
              .formatted(
                  name(),
                  stores.stream().map(StoreKind::word).collect(Collectors.joining(" and ")),
                  kind.word()));
    }
  }

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Peer of(String name) {
    if (!STORES.containsKey(name)) {
      throw new IllegalArgumentException(
          "--peer must be one of "
              + String.join(", ", new TreeSet<>(STORES.keySet()))
              + ", was "
              + name);
    }
    return NodePeer.NAMES.contains(name) ? new NodePeer(name) : new JvmPeer(name);
  }
}
