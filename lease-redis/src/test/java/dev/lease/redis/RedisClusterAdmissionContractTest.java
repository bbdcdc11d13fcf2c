package dev.lease.redis;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RedisClusterAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.onCluster();
  }
}
