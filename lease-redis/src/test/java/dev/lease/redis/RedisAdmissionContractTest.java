package dev.lease.redis;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class RedisAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.movable(TestServers.redis());
  }
}
