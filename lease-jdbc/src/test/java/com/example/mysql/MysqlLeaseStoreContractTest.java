package com.example.mysql;

import com.example.RelativeFixture;
import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns
class MysqlLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() {
    return new RelativeFixture(TestServers.mariadb().newDatabase(), new MovedMysql());
  }
}
