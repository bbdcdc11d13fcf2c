package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class SqliteFrozenClockJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, true);
  }
}
