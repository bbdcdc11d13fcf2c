package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * How a database carries short messages from one process to another, so that a worker hears at once
 * of a job that another process has enqueued [Q55]. A dialect implements it for a database that can
 * do so, as PostgreSQL with {@code NOTIFY} and {@code LISTEN}; the store calls it.
 *
 * <p>A message may get lost, or come twice: workers poll as well. The store connects again when a
 * call fails. Now and then it sends itself a message, to learn whether messages arrive.
 *
 * <p>One object belongs to one store. One thread listens and receives; others send meanwhile.
 */
public interface Notifications {

  /**
   * Sends a message to all who listen, the sender included.
   *
   * @param connection a connection of the store's, in auto-commit mode
   * @param message at most 300 bytes of UTF-8
   * @throws SQLException if the database refuses; then it was not sent
   */
  void send(Connection connection, String message) throws SQLException;

  /**
   * Begins to listen. From here on the connection gets each message that is sent.
   *
   * @param connection a connection for nothing else, in auto-commit mode; the store closes it
   * @throws SQLException if the database refuses
   */
  void listen(Connection connection) throws SQLException;

  /**
   * Waits for messages. A dead connection is silent too: if no message came, ask the server
   * something, so that this call fails.
   *
   * @param connection the connection that listens; the store aborts it to end this call
   * @param wait how long to wait at most, in whole milliseconds, at least one
   * @return the messages that came, in any order; empty if none did
   * @throws SQLException if the connection is broken
   */
  List<String> receive(Connection connection, Duration wait) throws SQLException;
}
