package dev.lease.jdbc;

import dev.lease.testkit.AdmissionContract;
import dev.lease.testkit.StoreFixture;
import org.junit.jupiter.api.Tag;

@Tag("shortened")
class MariadbAdmissionContractTest extends AdmissionContract {

  @Override
  protected StoreFixture fixture() {
    return new SqlFixture(TestDatabase.MARIADB, false);
  }
}
