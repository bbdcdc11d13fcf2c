package dev.lease.worker;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@WithoutLongRuns
class RedisModuleJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new ModuleFixture(Store.REDIS);
  }
}
