package com.example.cockroach;

import com.example.RelativeFixture;
import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import dev.lease.testkit.server.TestServers;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
@WithoutLongRuns({"race", "model", "history", "state"})
class CockroachJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new RelativeFixture(TestServers.postgresql().newDatabase(), new MovedCockroach());
  }
}
