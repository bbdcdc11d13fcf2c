package dev.lease.testkit.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** PostgreSQL from the binaries of Maven Central, which stops at JVM exit. */
final class EmbeddedPostgresql {

  private EmbeddedPostgresql() {}

  static String start() {
    try {
      return EmbeddedPostgres.builder()
          // The library turns this off, and a server that is killed would then lose what it had
          // acknowledged. It turns fsync off too, which stays: that makes tests quicker, and only
          // a crash of the machine could tell the difference.
          .setServerConfig("synchronous_commit", "on")
          .setPGStartupWait(Duration.ofMinutes(2))
          .start()
          .getJdbcUrl("postgres", "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL does not start", e);
    }
  }
}
