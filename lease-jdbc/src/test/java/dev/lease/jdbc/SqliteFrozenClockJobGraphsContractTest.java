package dev.lease.jdbc;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class SqliteFrozenClockJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, true);
  }
}
