package dev.lease.jdbc;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WithoutRaces.class)
class MariadbFrozenClockLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, true);
  }
}
