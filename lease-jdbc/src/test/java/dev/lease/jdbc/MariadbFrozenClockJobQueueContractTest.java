package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(WithoutRaces.class)
class MariadbFrozenClockJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, true);
  }
}
