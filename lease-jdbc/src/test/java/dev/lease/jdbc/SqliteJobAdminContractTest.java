package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

/** Each call in each state is left to the class whose clock stands still. */
@Tag("slow")
@WithoutLongRuns("state")
class SqliteJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, false);
  }
}
