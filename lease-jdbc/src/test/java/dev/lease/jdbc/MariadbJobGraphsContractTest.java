package dev.lease.jdbc;

import dev.lease.testkit.JobGraphsContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class MariadbJobGraphsContractTest extends JobGraphsContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, false);
  }
}
