package com.example.cockroach;

import com.example.RelativeFixture;
import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
@WithoutLongRuns({"race", "model", "history", "state"})
class CockroachJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new RelativeFixture(TestServers.postgresql().newDatabase(), new MovedCockroach());
  }
}
