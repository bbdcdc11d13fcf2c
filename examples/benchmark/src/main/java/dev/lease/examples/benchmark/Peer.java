package dev.lease.examples.benchmark;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What is measured, seen from the parent process: a program that plays roles. */
interface Peer {

  /** All peers, and the stores that each of them works on. */
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
   * Installs the peer, if that has not been done.
   *
   * @param progress shows that an installation runs
   */
  void install(Progress progress) throws IOException, InterruptedException;

  /**
   * The command that starts one of its processes; a role and settings are appended.
   *
   * @param jvm further arguments of a JVM
   */
  List<String> command(List<String> jvm);

  /**
   * Refuses a store that it does not work on.
   *
   * @throws IllegalArgumentException with the peer and the store
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
}
