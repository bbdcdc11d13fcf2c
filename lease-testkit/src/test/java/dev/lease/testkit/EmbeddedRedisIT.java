package dev.lease.testkit;

class EmbeddedRedisIT extends RedisChecks {

  EmbeddedRedisIT() {
    super("embedded");
  }
}
