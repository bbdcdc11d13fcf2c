package dev.lease.testkit.server;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
    value = "dev.lease.testkit.server.Docker#answers",
    disabledReason = "Docker does not answer")
class MariadbContainerIT extends MariadbChecks {

  MariadbContainerIT() {
    super("containers");
  }
}
