package dev.lease.redis;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RedisClusterJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.onCluster();
  }
}
