package dev.lease.redis;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisClusterLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.onCluster();
  }
}
