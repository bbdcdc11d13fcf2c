package dev.lease.redis;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;

@WithoutLongRuns({"race", "model"})
class RedisClusterLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(SharedCluster.uri());
  }
}
