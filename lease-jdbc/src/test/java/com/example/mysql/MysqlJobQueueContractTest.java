package com.example.mysql;

import com.example.RelativeFixture;
import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@WithoutLongRuns({"model", "history"})
class MysqlJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new RelativeFixture(TestServers.mariadb().newDatabase(), new MovedMysql());
  }
}
