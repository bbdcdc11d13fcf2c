package dev.lease.jdbc;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class PostgresqlFrozenClockLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.POSTGRESQL, true);
  }
}
