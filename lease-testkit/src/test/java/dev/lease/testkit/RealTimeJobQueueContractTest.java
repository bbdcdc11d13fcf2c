package dev.lease.testkit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobQueueContractTest extends JobQueueContract {

  @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly();

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
