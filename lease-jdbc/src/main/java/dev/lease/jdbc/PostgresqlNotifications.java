package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** PostgreSQL's NOTIFY and LISTEN. */
final class PostgresqlNotifications implements Notifications {

  private final String channel;

  PostgresqlNotifications(String schema) {
    this.channel = channel(schema);
  }

  /**
   * The channel of a schema. One database has one set of channels, which anybody can listen to, so
   * each schema has its own; a hash, since a name may be too long.
   */
  static String channel(String schema) {
    return "lease_work_"
        + UUID.nameUUIDFromBytes(schema.getBytes(UTF_8)).toString().replace("-", "");
  }

  /**
   * The server lets transactions with a notification commit one by one, and nobody needs one to be
   * on the disk, or on a standby.
   */
  @Override
  public void send(Connection connection, String message) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select set_config('synchronous_commit', 'off', true), pg_notify(?, ?)")) {
      statement.setString(1, channel);
      statement.setString(2, message);
      statement.execute();
    }
  }

  @Override
  public void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("listen " + channel);
    }
  }

  @Override
  public List<String> receive(Connection connection, Duration wait) throws SQLException {
    PGNotification[] received =
        connection.unwrap(PGConnection.class).getNotifications(Math.toIntExact(wait.toMillis()));
    if (received == null || received.length == 0) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("select 1");
      }
      return List.of();
    }
    return Arrays.stream(received).map(PGNotification::getParameter).toList();
  }
}
