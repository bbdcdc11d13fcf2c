package dev.lease.testkit.server;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/**
 * A kind of database server that is reached by JDBC.
 *
 * @param driver the Maven coordinates of the JDBC driver
 * @param scheme the beginning of the driver's URLs
 */
record DatabaseKind(ServerKind server, String driver, String scheme) {

  TestServer start(Map<String, String> environment) {
    requireDriver();
    String url = server.url(environment);
    return new DatabaseServer(url, !url.equals(environment.get(server.variable())));
  }

  private void requireDriver() {
    try {
      DriverManager.getDriver(scheme + "//localhost/");
    } catch (SQLException e) {
      throw new IllegalStateException(
          "no JDBC driver: add " + driver + " to the dependencies of the tests", e);
    }
  }
}
