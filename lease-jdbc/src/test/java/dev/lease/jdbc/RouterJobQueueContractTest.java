package dev.lease.jdbc;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RouterJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new RouterFixture();
  }
}
