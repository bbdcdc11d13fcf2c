package dev.lease.testkit.server;

import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL in a container. */
final class PostgresqlContainer {

  private PostgresqlContainer() {}

  static String start() {
    String image = Docker.imageHere("postgres:17-alpine");
    // Without fsync tests are quicker; it matters only if the machine crashes.
    return Docker.start(
        new PostgreSQLContainer(image)
            .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=300"));
  }
}
