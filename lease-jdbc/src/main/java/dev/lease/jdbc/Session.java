package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.cache.internal.DefaultJdbiCacheBuilder;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** A connection for the duration of one call, and the statements that run on it. */
final class Session implements AutoCloseable {

  /** What a call does with its session. */
  interface Work<T> {
    T run(Session session) throws SQLException;
  }

  private final Connection connection;
  private final SqlCatalog catalog;
  private final UnaryOperator<String> spelling;
  private final @Nullable StatementCache cache;
  private final boolean triedAgain;
  private final boolean callers;
  private @Nullable Handle handle;
  private final List<Runnable> onCommit = new ArrayList<>();
  private boolean failed;
  private boolean inTransaction;

  /**
   * A session on a connection of the caller's.
   *
   * @param spelling changes the text of each statement before it runs
   */
  Session(Connection connection, SqlCatalog catalog, UnaryOperator<String> spelling) {
    this(connection, catalog, spelling, null, false, true);
  }

  /**
   * @param cache caches the statements of the connection; null if they are not cached
   * @param triedAgain whether an earlier try of the call was rolled back
   */
  Session(
      Connection connection,
      SqlCatalog catalog,
      UnaryOperator<String> spelling,
      @Nullable StatementCache cache,
      boolean triedAgain) {
    this(connection, catalog, spelling, cache, triedAgain, false);
  }

  private Session(
      Connection connection,
      SqlCatalog catalog,
      UnaryOperator<String> spelling,
      @Nullable StatementCache cache,
      boolean triedAgain,
      boolean callers) {
    this.connection = connection;
    this.catalog = catalog;
    this.spelling = spelling;
    this.cache = cache;
    this.triedAgain = triedAgain;
    this.callers = callers;
  }

  Connection connection() {
    return connection;
  }

  /** The statements of a file, which may have several. */
  List<String> texts(Sql sql) {
    return catalog.texts(sql);
  }

  List<String> texts(Sql sql, LockWait wait) {
    return catalog.texts(sql, wait);
  }

  String withWait(String text, LockWait wait) {
    return catalog.withWait(text, wait);
  }

  /** Whether the connection is the caller's, who has its isolation level. */
  boolean isCallers() {
    return callers;
  }

  /** The statement of a file that has one. */
  NamedStatement statement(Sql sql) throws SQLException {
    return statement(catalog.text(sql));
  }

  NamedStatement statement(Sql sql, LockWait wait) throws SQLException {
    return statement(catalog.text(sql, wait));
  }

  /** A statement whose text comes often. */
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

  /** A query that runs seldom. */
  Query query(Sql sql) {
    return handle().createQuery(catalog.text(sql));
  }

  /** A change that runs seldom. */
  Update update(Sql sql) {
    return handle().createUpdate(catalog.text(sql));
  }

  /** JDBI, for what runs seldom; it leaves the connection open. */
  Handle handle() {
    Handle open = handle;
    if (open == null) {
      Jdbi jdbi = Jdbi.create(connection);
      jdbi.getConfig(SqlStatements.class)
          .setTemplateEngine((sql, context) -> spelling.apply(sql))
          .setSqlParser(Parser.INSTANCE);
      jdbi.getConfig(Handles.class).setForceEndTransactions(false);
      open = jdbi.open();
      handle = open;
    }
    return open;
  }

  /** Loaded only when it is needed: many processes never need it. */
  private static final class Parser {
    /**
     * Caches fewer parsed texts than the default of a thousand: some texts have numbers in them and
     * do not come again, and the text for a large batch has hundreds of kilobytes.
     */
    static final SqlParser INSTANCE =
        new ColonPrefixSqlParser(DefaultJdbiCacheBuilder.builder().maxSize(100));

    private Parser() {}
  }

  /** Whether an earlier try of the call was rolled back, for example because of a deadlock. */
  boolean isTriedAgain() {
    return triedAgain;
  }

  /** Whether the session is in a transaction, which not every driver can tell. */
  boolean isInTransaction() {
    return inTransaction;
  }

  void inTransaction(boolean is) {
    inTransaction = is;
  }

  /** Does something once the transaction of the session is committed. */
  void onCommit(Runnable task) {
    onCommit.add(task);
  }

  void committed() {
    onCommit.forEach(Runnable::run);
    onCommit.clear();
  }

  /** Marks the connection as unusable: the pool must not hand it out again. */
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
