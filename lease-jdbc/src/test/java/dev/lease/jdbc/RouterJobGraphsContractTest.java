package dev.lease.jdbc;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;

class RouterJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return new RouterFixture();
  }
}
