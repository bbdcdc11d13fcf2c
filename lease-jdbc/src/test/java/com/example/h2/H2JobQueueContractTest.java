package com.example.h2;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;

class H2JobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new H2Fixture();
  }
}
