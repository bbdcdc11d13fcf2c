package dev.lease.testkit;

class InMemoryJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture();
  }
}
