package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = "lease.pgbouncer", matches = "true")
class PgBouncerJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return SqlFixture.behindPgBouncer();
  }
}
