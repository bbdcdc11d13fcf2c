package dev.lease.jdbc;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;

class MariadbAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, false);
  }
}
