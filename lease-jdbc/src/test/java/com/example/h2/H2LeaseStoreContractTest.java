package com.example.h2;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;

class H2LeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new H2Fixture();
  }
}
