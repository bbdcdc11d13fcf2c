package dev.lease.redis;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class RedisJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
