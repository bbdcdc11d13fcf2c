package dev.lease.testkit;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class RealTimeLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
