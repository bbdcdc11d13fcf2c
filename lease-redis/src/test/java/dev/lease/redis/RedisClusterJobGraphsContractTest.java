package dev.lease.redis;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RedisClusterJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.onCluster();
  }
}
