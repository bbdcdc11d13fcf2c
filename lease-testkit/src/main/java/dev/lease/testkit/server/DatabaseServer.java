package dev.lease.testkit.server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server at a JDBC URL whose user may create databases. Each caller gets a database of its own.
 */
final class DatabaseServer implements TestServer {

  private static final Pattern DATABASE_IN_URL =
      Pattern.compile("(jdbc:[a-z]+:(?://[^/]+/)?)([^?]*)(.*)");

  private final String url;
  private final boolean postgresql;
  private final List<String> databases = new CopyOnWriteArrayList<>();

  /**
   * @param ours whether the server stops when this JVM exits; if not, its databases are dropped
   *     then
   */
  DatabaseServer(String url, boolean ours) {
    this.url = url;
    postgresql = url.startsWith("jdbc:postgresql:");
    execute("select 1");
    if (!ours) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::dropDatabases, "lease-test-databases"));
    }
  }

  @Override
  public String newDatabase() {
    String name = "lease_test_" + UUID.randomUUID().toString().replace("-", "");
    execute("create database " + name + (postgresql ? " encoding 'UTF8' template template0" : ""));
    databases.add(name);
    return withDatabase(url, name);
  }

  static String withDatabase(String url, String database) {
    Matcher parts = DATABASE_IN_URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalStateException("not the JDBC URL of a database server");
    }
    return parts.group(1) + database + parts.group(3);
  }

  private void dropDatabases() {
    // At JVM exit nobody uses the databases any more, so their connections may be cut.
    String suffix = postgresql ? " with (force)" : "";
    databases.forEach(name -> execute("drop database if exists " + name + suffix));
  }

  private void execute(String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("the database server for tests failed at: " + sql, e);
    }
  }
}
