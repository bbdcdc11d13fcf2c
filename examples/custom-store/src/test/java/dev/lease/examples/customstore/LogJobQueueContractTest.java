package dev.lease.examples.customstore;

import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("nightly")
class LogJobQueueContractTest extends JobQueueContract {

  @Override
  protected StoreFixture fixture() throws IOException {
    return new LogFixture();
  }
}
