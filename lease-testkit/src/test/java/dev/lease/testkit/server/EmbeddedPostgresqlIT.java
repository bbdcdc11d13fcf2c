package dev.lease.testkit.server;

class EmbeddedPostgresqlIT extends PostgresqlChecks {

  EmbeddedPostgresqlIT() {
    super("embedded");
  }
}
