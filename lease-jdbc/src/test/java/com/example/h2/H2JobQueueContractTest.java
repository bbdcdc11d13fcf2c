package com.example.h2;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import dev.lease.testkit.WithoutLongRuns;
import org.junit.jupiter.api.Tag;

@Tag("nightly")
@Tag("shortened")
@WithoutLongRuns({"model", "history"})
class H2JobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() {
    return new H2Fixture();
  }
}
