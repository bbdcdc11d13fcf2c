package dev.lease.testkit.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** PostgreSQL from binaries on Maven Central. It stops at JVM exit. */
final class EmbeddedPostgresql {

  private EmbeddedPostgresql() {}

  static String start() {
    try {
      return EmbeddedPostgres.builder()
          // The library turns this off, but then a killed server would lose acknowledged commits.
          // The library also turns fsync off. That stays, since it makes tests quicker and matters
          // only if the machine crashes.
          .setServerConfig("synchronous_commit", "on")
          // Of the ports that the library chooses, another process may take one meanwhile.
          .setPort(ServerPort.free().number())
          .setPGStartupWait(Duration.ofMinutes(2))
          .start()
          .getJdbcUrl("postgres", "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded PostgreSQL did not start", e);
    }
  }
}
