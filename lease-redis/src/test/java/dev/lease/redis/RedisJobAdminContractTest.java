package dev.lease.redis;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.TestServers;
import dev.lease.testkit.WithoutLongRuns;

/**
 * The model is left to the frozen clock: it counts all queues, of which the races make thousands.
 */
@WithoutLongRuns("model")
class RedisJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
