package dev.lease.testkit;

class InMemoryLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture();
  }
}
