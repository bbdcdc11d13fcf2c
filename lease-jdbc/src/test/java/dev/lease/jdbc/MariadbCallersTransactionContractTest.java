package dev.lease.jdbc;

class MariadbCallersTransactionContractTest extends CallersTransactionContract {

  MariadbCallersTransactionContractTest() {
    super(TestDatabase.MARIADB);
  }
}
