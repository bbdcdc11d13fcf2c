package com.example.h2;

import dev.lease.jdbc.Notifications;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages in a table, for a database that tells nobody of what is new: who listens looks there.
 */
final class TableNotifications implements Notifications {

  private static final long LOOK_MILLIS = 5;

  /** The last message that was read. Only the thread that listens uses it. */
  private long last;

  @Override
  public void send(Connection connection, String message) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into example_message (message) values (?)")) {
      statement.setString(1, message);
      statement.executeUpdate();
    }
  }

  @Override
  public void listen(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("select coalesce(max(id), 0) from example_message");
        ResultSet row = statement.executeQuery()) {
      row.next();
      last = row.getLong(1);
    }
  }

  @Override
  public List<String> receive(Connection connection, Duration wait) throws SQLException {
    long end = System.nanoTime() + wait.toNanos();
    var messages = new ArrayList<String>();
    while (messages.isEmpty() && end - System.nanoTime() > 0) {
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        throw new SQLException(e);
      }
      read(connection, messages);
    }
    return messages;
  }

  private void read(Connection connection, List<String> messages) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select id, message from example_message where id > ? order by id")) {
      statement.setLong(1, last);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          last = rows.getLong("id");
          messages.add(rows.getString("message"));
        }
      }
    }
  }
}
