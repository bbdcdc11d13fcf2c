package com.example.h2;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;

class H2JobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new H2Fixture();
  }
}
