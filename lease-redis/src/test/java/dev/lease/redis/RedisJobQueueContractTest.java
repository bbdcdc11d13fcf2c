package dev.lease.redis;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;

/** Each call in each state is left to the class whose clock stands still. */
@WithoutLongRuns("state")
class RedisJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
