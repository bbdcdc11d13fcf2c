package com.example.mysql;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
@WithoutLongRuns({"model", "history"})
class MysqlJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return MovedMysql.fixture();
  }
}
