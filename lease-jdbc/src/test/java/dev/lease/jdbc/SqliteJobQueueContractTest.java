package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

/** Each call in each state is left to the class whose clock stands still. */
@Tag("slow")
@WithoutLongRuns("state")
class SqliteJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, false);
  }
}
