package dev.lease.jdbc;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;

@WithoutLongRuns("race")
class SqliteFrozenClockAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, true);
  }
}
