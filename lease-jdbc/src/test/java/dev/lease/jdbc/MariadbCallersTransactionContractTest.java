package dev.lease.jdbc;

import org.junit.jupiter.api.Tag;

@Tag("slow")
class MariadbCallersTransactionContractTest extends CallersTransactionContract {

  MariadbCallersTransactionContractTest() {
    super(TestDatabase.MARIADB);
  }
}
