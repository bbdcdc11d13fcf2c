package dev.lease.redis;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;

class RedisClusterJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(SharedCluster.uri());
  }
}
