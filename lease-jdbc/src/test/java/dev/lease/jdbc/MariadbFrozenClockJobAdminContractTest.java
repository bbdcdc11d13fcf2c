package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WithoutRaces.class)
class MariadbFrozenClockJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, true);
  }
}
