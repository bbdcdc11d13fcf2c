package dev.lease.testkit.server;

class EmbeddedRedisIT extends RedisChecks {

  EmbeddedRedisIT() {
    super("embedded");
  }
}
