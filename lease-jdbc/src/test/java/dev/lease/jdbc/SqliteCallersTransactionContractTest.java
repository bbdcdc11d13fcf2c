package dev.lease.jdbc;

class SqliteCallersTransactionContractTest extends CallersTransactionContract {

  SqliteCallersTransactionContractTest() {
    super(TestDatabase.SQLITE);
  }
}
