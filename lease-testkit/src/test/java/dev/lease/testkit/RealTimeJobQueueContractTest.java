package dev.lease.testkit;

import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
