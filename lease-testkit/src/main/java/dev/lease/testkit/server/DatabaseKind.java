package dev.lease.testkit.server;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/**
 * A kind of server that is reached by JDBC.
 *
 * @param driver the JDBC driver, as it is named among the dependencies
 * @param scheme what the URLs of the driver begin with
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
      throw new IllegalStateException(driver + " is not a dependency", e);
    }
  }
}
