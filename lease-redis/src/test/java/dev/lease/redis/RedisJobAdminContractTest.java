package dev.lease.redis;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

/** Each call in each state is left to the class whose clock stands still. */
@Tag("shortened")
@WithoutLongRuns("state")
class RedisJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
