package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = "lease.pgbouncer", matches = "true")
class PgBouncerJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return SqlFixture.behindPgBouncer();
  }
}
