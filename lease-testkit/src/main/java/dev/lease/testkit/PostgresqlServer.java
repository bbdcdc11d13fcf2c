package dev.lease.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PostgreSQL server, on which each caller gets a database of its own. */
final class PostgresqlServer implements TestServer {

  private static final Pattern DATABASE_IN_URL =
      Pattern.compile("(jdbc:postgresql:(?://[^/]+/)?)([^?]*)(.*)");

  private final String url;
  private final List<String> databases = new CopyOnWriteArrayList<>();

  private PostgresqlServer(String url) {
    this.url = url;
  }

  /** The server at a JDBC URL, whose user may make databases; they are dropped at JVM exit. */
  static TestServer at(String url) {
    var server = new PostgresqlServer(url);
    server.execute("select 1");
    Runtime.getRuntime().addShutdownHook(new Thread(server::dropDatabases, "lease-test-databases"));
    return server;
  }

  /** A server from the binaries of Maven Central, which stops at JVM exit. */
  static TestServer embedded() {
    try {
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              // The library turns this off, and a server that is killed would then lose what it
              // had acknowledged. It turns fsync off too, which stays: that makes tests quicker,
              // and
              // only a crash of the machine could tell the difference.
              .setServerConfig("synchronous_commit", "on")
              .setPGStartupWait(Duration.ofMinutes(1))
              .start();
      return new PostgresqlServer(postgres.getJdbcUrl("postgres", "postgres"));
    } catch (IOException e) {
      throw new IllegalStateException("the embedded PostgreSQL does not start", e);
    }
  }

  @Override
  public String newDatabase() {
    String name = "lease_test_" + UUID.randomUUID().toString().replace("-", "");
    execute("create database " + name);
    databases.add(name);
    return withDatabase(url, name);
  }

  static String withDatabase(String url, String database) {
    Matcher parts = DATABASE_IN_URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalStateException("not a JDBC URL of PostgreSQL");
    }
    return parts.group(1) + database + parts.group(3);
  }

  private void dropDatabases() {
    databases.forEach(name -> execute("drop database if exists " + name + " with (force)"));
  }

  private void execute(String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL for tests: " + sql, e);
    }
  }
}
