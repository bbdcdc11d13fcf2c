package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class SqliteJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.SQLITE, false);
  }
}
