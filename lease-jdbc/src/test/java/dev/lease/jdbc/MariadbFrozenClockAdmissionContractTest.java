package dev.lease.jdbc;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class MariadbFrozenClockAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, true);
  }
}
