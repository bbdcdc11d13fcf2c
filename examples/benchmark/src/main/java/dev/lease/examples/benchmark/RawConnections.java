package dev.lease.examples.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The connections of a bare loop, one for each thread. */
final class RawConnections implements AutoCloseable {

  private final String url;
  private final List<Connection> connections = new ArrayList<>();

  RawConnections(String url) {
    this.url = url;
  }

  Connection open() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connections.add(connection);
    return connection;
  }

  /** Runs statements, one after the other. */
  void execute(String... statements) throws SQLException {
    try (Statement statement = open().createStatement()) {
      for (String text : statements) {
        statement.execute(text);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
