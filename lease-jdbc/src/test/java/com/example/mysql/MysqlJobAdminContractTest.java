package com.example.mysql;

import com.example.RelativeFixture;
import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns
class MysqlJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new RelativeFixture(TestServers.mariadb().newDatabase(), new MovedMysql());
  }
}
