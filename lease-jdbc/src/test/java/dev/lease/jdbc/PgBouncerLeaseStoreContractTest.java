package dev.lease.jdbc;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = "lease.pgbouncer", matches = "true")
class PgBouncerLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return SqlFixture.behindPgBouncer();
  }
}
