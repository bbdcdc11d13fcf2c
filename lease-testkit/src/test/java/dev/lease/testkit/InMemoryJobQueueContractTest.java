package dev.lease.testkit;

class InMemoryJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture();
  }
}
