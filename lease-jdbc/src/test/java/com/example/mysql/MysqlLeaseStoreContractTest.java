package com.example.mysql;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns
class MysqlLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return MovedMysql.fixture();
  }
}
