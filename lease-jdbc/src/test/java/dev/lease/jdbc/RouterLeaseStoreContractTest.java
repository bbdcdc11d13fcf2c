package dev.lease.jdbc;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;

class RouterLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new RouterFixture();
  }
}
