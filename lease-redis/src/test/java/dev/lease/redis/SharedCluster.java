package dev.lease.redis;

import dev.lease.testkit.server.RedisCluster;

/** A cluster for tests that leave it alone, started once per JVM and ending with it. */
final class SharedCluster {

  private static final RedisCluster CLUSTER = RedisCluster.start();

  private SharedCluster() {}

  static String uri() {
    return CLUSTER.uri();
  }
}
