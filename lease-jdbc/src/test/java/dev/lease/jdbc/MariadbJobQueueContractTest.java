package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;

class MariadbJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, false);
  }
}
