package dev.lease.redis;

import dev.lease.testkit.FaultyNetworkContract;
import dev.lease.testkit.NetworkFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisFaultyNetworkContractTest extends FaultyNetworkContract {

  @Override
  protected NetworkFixture fixture() {
    return new RedisNetworkFixture();
  }
}
