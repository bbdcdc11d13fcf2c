package dev.lease.redis;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class RedisFrozenClockAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.frozen(TestServers.redis());
  }
}
