package com.example.mysql;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("nightly")
@Tag("shortened")
@WithoutLongRuns
class MysqlJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return MovedMysql.fixture();
  }
}
