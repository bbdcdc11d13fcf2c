package dev.lease.redis;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns("race")
class RedisFrozenClockJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.frozen(TestServers.redis());
  }
}
