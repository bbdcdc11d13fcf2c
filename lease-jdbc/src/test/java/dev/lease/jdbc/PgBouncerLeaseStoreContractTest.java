package dev.lease.jdbc;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class PgBouncerLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return SqlFixture.behindPgBouncer();
  }
}
