package dev.lease.redis;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

/** Each script leaves to the next claim what it can. */
@Tag("slow")
@Tag("shortened")
class RedisGraphsInPiecesContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return RedisFixture.inPieces(TestServers.redis());
  }
}
