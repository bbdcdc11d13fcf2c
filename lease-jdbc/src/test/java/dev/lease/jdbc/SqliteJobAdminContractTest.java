package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class SqliteJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, false);
  }
}
