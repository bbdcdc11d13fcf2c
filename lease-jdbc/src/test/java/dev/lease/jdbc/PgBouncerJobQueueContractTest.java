package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PgBouncerJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return SqlFixture.behindPgBouncer();
  }
}
