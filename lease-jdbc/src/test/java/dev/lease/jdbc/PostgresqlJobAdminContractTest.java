package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class PostgresqlJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.POSTGRESQL, false);
  }
}
