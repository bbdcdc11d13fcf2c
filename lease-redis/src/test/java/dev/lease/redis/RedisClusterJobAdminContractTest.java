package dev.lease.redis;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RedisClusterJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.onCluster();
  }
}
