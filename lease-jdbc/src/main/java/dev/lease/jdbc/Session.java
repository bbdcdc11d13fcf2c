package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** A connection for the time of one call, and what runs statements on it. */
final class Session implements AutoCloseable {

  /** What a call does with its session. */
  interface Work<T> {
    T run(Session session) throws SQLException;
  }

  private final Connection connection;
  private final UnaryOperator<String> spelling;
  private final @Nullable StatementCache cache;
  private @Nullable Handle handle;
  private boolean failed;
  private boolean inTransaction;

  /**
   * @param spelling what a text becomes before it is run
   */
  Session(Connection connection, UnaryOperator<String> spelling) {
    this(connection, spelling, null);
  }

  /**
   * @param cache keeps the statements of the connection, if it is to keep any
   */
  Session(Connection connection, UnaryOperator<String> spelling, @Nullable StatementCache cache) {
    this.connection = connection;
    this.spelling = spelling;
    this.cache = cache;
  }

  Connection connection() {
    return connection;
  }

  /** A statement that runs often. */
  NamedStatement statement(String text) throws SQLException {
    ParsedSql parsed = ParsedSql.of(spelling.apply(text));
    return cache == null
        ? new NamedStatement(parsed, connection.prepareStatement(parsed.sql()))
        : new NamedStatement(parsed, cache.prepare(connection, parsed.sql()), () -> {});
  }

  /** A statement whose text hardly comes again. */
  NamedStatement statementOnce(String text) throws SQLException {
    ParsedSql parsed = ParsedSql.once(spelling.apply(text));
    return new NamedStatement(parsed, connection.prepareStatement(parsed.sql()));
  }

  /** What runs all other statements. */
  Handle handle() {
    Handle open = handle;
    if (open == null) {
      open = Database.jdbi(connection, spelling).open();
      handle = open;
    }
    return open;
  }

  /** Whether it is in a transaction, which not every driver can tell. */
  boolean isInTransaction() {
    return inTransaction;
  }

  void inTransaction(boolean is) {
    inTransaction = is;
  }

  /** Nobody is to have the connection after this. */
  void fails() {
    failed = true;
  }

  boolean hasFailed() {
    return failed;
  }

  @Override
  public void close() {
    if (handle != null) {
      handle.close();
    }
  }
}
