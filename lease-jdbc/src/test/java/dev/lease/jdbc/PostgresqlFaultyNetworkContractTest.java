package dev.lease.jdbc;

import dev.lease.testkit.FaultyNetworkContract;
import dev.lease.testkit.NetworkFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PostgresqlFaultyNetworkContractTest extends FaultyNetworkContract {

  @Override
  protected NetworkFixture fixture() {
    return new SqlNetworkFixture(TestDatabase.POSTGRESQL);
  }
}
