package dev.lease.worker;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(WithoutLongRuns.class)
class RedisModuleJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new ModuleFixture(Store.REDIS);
  }
}
