package dev.lease.testkit;

class EmbeddedPostgresqlIT extends PostgresqlChecks {

  EmbeddedPostgresqlIT() {
    super("embedded");
  }
}
