package dev.lease.jdbc;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class PostgresqlJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.POSTGRESQL, false);
  }
}
