package dev.lease.testkit;

class InMemoryJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture();
  }
}
