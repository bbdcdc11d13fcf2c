package dev.lease.redis;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class RedisJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
