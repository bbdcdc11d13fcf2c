package dev.lease.examples.customstore;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

@Tag("nightly")
class LogJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() throws IOException {
    return new LogFixture();
  }
}
