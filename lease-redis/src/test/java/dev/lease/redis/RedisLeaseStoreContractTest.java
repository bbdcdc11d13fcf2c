package dev.lease.redis;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;

class RedisLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
