package dev.lease.jdbc;

import dev.lease.testkit.JobAdminContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("slow")
@Tag("shortened")
class RouterJobAdminContractTest extends JobAdminContract {

  @Override
  protected StoreFixture fixture() {
    return new RouterFixture();
  }
}
