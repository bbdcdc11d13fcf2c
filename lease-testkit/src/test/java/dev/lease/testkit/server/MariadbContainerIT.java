package dev.lease.testkit.server;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(value = "dev.lease.testkit.server.Docker#answers", disabledReason = "no Docker answers")
class MariadbContainerIT extends MariadbChecks {

  MariadbContainerIT() {
    super("containers");
  }
}
