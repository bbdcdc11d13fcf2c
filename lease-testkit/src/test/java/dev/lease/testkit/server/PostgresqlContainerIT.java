package dev.lease.testkit.server;

import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
    value = "dev.lease.testkit.server.Docker#answers",
    disabledReason = "Docker does not answer")
class PostgresqlContainerIT extends PostgresqlChecks {

  PostgresqlContainerIT() {
    super("containers");
  }
}
