package dev.lease.redis;

import dev.lease.testkit.server.RedisCluster;

/**
 * A cluster for tests that leave it alone, started once per JVM and ending with it. Its user has
 * the fewest rights that are enough.
 */
final class SharedCluster {

  private static final RedisCluster CLUSTER = RedisCluster.start();

  static {
    CLUSTER.nodes().forEach(node -> ReadmeUser.make(node, ReadmeUser.commands()));
  }

  private SharedCluster() {}

  static String uri() {
    return ReadmeUser.uri(CLUSTER.uri());
  }
}
