package dev.lease.examples.customstore;

import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;

class LogLeaseStoreContractTest extends LeaseStoreContract {

  @Override
  protected StoreFixture fixture() throws IOException {
    return new LogFixture();
  }
}
