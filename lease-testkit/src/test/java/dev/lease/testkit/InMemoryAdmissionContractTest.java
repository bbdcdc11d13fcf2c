package dev.lease.testkit;

class InMemoryAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return new InMemoryFixture();
  }
}
