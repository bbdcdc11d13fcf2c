package dev.lease.testkit.server;

import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL in a container. */
final class PostgresqlContainer {

  private PostgresqlContainer() {}

  static String start() {
    String image = Docker.imageHere("postgres:17-alpine");
    // Not fsynced, for quicker tests: only a crash of the machine could tell.
    return Docker.start(
        new PostgreSQLContainer(image)
            .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=300"));
  }
}
