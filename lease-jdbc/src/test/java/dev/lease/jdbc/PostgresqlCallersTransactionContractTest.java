package dev.lease.jdbc;

class PostgresqlCallersTransactionContractTest extends CallersTransactionContract {

  PostgresqlCallersTransactionContractTest() {
    super(TestDatabase.POSTGRESQL);
  }
}
