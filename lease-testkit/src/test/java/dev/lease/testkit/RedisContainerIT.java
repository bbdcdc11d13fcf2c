package dev.lease.testkit;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "dev.lease.testkit.Docker#answers", disabledReason = "no Docker answers")
class RedisContainerIT extends RedisChecks {

  RedisContainerIT() {
    super("containers");
  }
}
