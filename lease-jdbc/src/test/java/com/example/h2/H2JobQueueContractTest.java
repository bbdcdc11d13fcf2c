package com.example.h2;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class H2JobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new H2Fixture();
  }
}
