package dev.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the store has to know of a database. There are dialects for PostgreSQL, MariaDB and SQLite.
 * For another database, extend this class, give it to {@link JdbcConfig#withDialect}, and run the
 * contracts of {@code lease-testkit} on the store.
 *
 * <p>A dialect decides three things:
 *
 * <ul>
 *   <li>Its {@link Style} says in which way the store changes rows, by what the database can do.
 *   <li>Its folder {@code sql/NAME}, beside its class, has the statements that differ from those of
 *       its style, one operation in a file. A file has as many statements and the same columns as
 *       the file for which it stands, and no other parameters; for a database that does not return
 *       the rows that it changes, some files may have more. Words in braces are those of {@link
 *       #words}, those of the file for which it stands, and {@code {use INDEX}}: see {@link
 *       #useIndex}. Opening a store checks that, but for the columns.
 *   <li>Its folder {@code migration/NAME}, beside its class, has the scripts that make the tables.
 *       Flyway runs them.
 * </ul>
 *
 * <p>"Beside its class" is the package of the object's own class; in a named module the packages
 * have to be open.
 *
 * <p>The least that a dialect says in Java, for a database whose clock is {@code clock_micros()}:
 *
 * <pre>{@code
 * public final class MyDialect extends Dialect {
 *   public MyDialect() {
 *     super("mydb", Style.LOCKING_READS);
 *   }
 *
 *   @Override
 *   protected Map<String, String> words() {
 *     return Map.of("now", "clock_micros()");
 *   }
 *
 *   @Override
 *   protected Verdict verdict(SQLException e) {
 *     return "40001".equals(e.getSQLState()) ? Verdict.ROLLED_BACK : Verdict.UNKNOWN;
 *   }
 * }
 * }</pre>
 *
 * <p>A new version of Lease may change statements also where the version of the schema stays. Then
 * compare your files with those of the style, and run the contracts again. If the schema changes,
 * opening a store refuses the dialect until it has the script.
 *
 * <p>One object may serve several stores at once, so it is thread-safe and keeps no state of one.
 */
public abstract class Dialect {

  /** How the store changes rows, by what the database can do. */
  public enum Style {
    /**
     * Lists go in as arrays ({@code unnest}), statements return the rows that they change ({@code
     * update .. returning}), and locked rows are skipped ({@code for update skip locked}). The
     * types of the elements are {@code int8} and {@code text}. The statements are those of
     * PostgreSQL.
     */
    ARRAYS("postgresql"),
    /**
     * Locked rows are skipped ({@code for update skip locked}). A statement reads and locks rows,
     * and the next one changes them by their numbers. The statements are those of MariaDB. It does
     * no harm if a locking read locks the gap beside a row too.
     */
    LOCKING_READS("mariadb"),
    /**
     * One transaction writes at a time, and statements return the rows that they change. Each row
     * is changed by itself, in a JDBC batch, which has to tell how many rows each of its runs
     * changed. The statements are those of SQLite.
     */
    SINGLE_WRITER("sqlite");

    private final String folder;

    Style(String folder) {
      this.folder = folder;
    }

    /** The folder of the statements that a dialect of this style does not have itself. */
    String folder() {
      return folder;
    }
  }

  /** What an error of the database says about the call that failed. */
  public enum Verdict {
    /** The database rolled the transaction back, and the call may be tried again. */
    ROLLED_BACK,
    /** Nothing was done. */
    NOT_DONE,
    /** Nothing was done, because the connection leads to a server that takes no writes. */
    READ_ONLY,
    /** It may have been done. */
    UNKNOWN
  }

  /** The version of the schema that this version of the store works with. */
  static final String SCHEMA_VERSION = "V1__";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  private final String name;
  private final Style style;

  /**
   * Makes a dialect.
   *
   * @param name the name of its folders, and of the database in logs: lower-case letters, digits
   *     and underscores, beginning with a letter
   * @param style how the store changes rows
   * @throws IllegalArgumentException if the name has another form
   */
  protected Dialect(String name, Style style) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the name of a dialect must be lower-case letters, digits and underscores, and begin with a letter, was "
              + name);
    }
    this.name = name;
    this.style = Objects.requireNonNull(style, "style");
  }

  final String name() {
    return name;
  }

  final Style style() {
    return style;
  }

  /**
   * How many parameters a statement may have. A call about more jobs than fit into one runs its
   * statement for one part of the jobs after the other.
   *
   * @return 100 or more; by default 65,535, which is what PostgreSQL and MySQL take
   */
  protected int maxParameters() {
    return 65_535;
  }

  /**
   * What the words in braces in the statements stand for. A word that no statement uses is refused.
   * A dialect must have {@code now}:
   *
   * <ul>
   *   <li>{@code now}: the database's clock, in whole microseconds since 1970, as a {@code bigint}.
   *       It must not stand still during a transaction, nor jump with a time zone.
   *   <li>{@code asof}: the same, for places that need a value that stands still during a
   *       statement. By default it is {@code now}.
   *   <li>{@code greatest}: the function that gives the larger of two numbers; by default {@code
   *       greatest}.
   *   <li>{@code true}: a condition that always holds; by default {@code true}.
   *   <li>{@code id_begins}: whether the id of a job begins with {@code :idPrefix}, which has
   *       {@code :prefixLength} code points; by default {@code substr(id, 1, :prefixLength) =
   *       :idPrefix}.
   *   <li>{@code error_contains}: whether the error of a job contains {@code :errorText}; by
   *       default {@code instr(error, :errorText) > 0}.
   *   <li>{@code has_id}: whether the text in the column {@code ids} contains {@code :id}; by
   *       default {@code instr(ids, :id) > 0}.
   *   <li>{@code brief_payload}, {@code brief_result}: the beginning of the text in the column
   *       {@code payload} or {@code result}, for lists that need no more: at least 400 characters;
   *       by default {@code substr(payload, 1, 400)}, and so on.
   *   <li>{@code lock}: what makes a {@code select} lock its rows; by default {@code for update}.
   *   <li>{@code cancelled}: whether the cancellation of a job was requested; by default {@code
   *       cancel_requested}. A database without boolean columns replaces it, and the next one.
   *   <li>{@code present}: whether a row is a job and not just a remembered id; by default {@code
   *       (finished_at is null) = (outcome is null)}.
   *   <li>{@code by_seq}: a hint for a table of which all rows are read in the order of {@code
   *       seq}; by default there is none.
   * </ul>
   *
   * @return the words, and what they stand for
   */
  protected abstract Map<String, String> words();

  /**
   * Whether jobs may have keys, with limits, and be of graphs. Then the script has the columns
   * {@code job_key}, {@code graph} and {@code part}, the index {@code lease_job_key} and the tables
   * for limits and graphs, as that of the style.
   *
   * @return true if so; by default false: then the store refuses a key and a graph
   */
  protected boolean hasKeys() {
    return false;
  }

  /**
   * A hint, behind the name of a table, to use one of its indexes.
   *
   * @param index {@code primary}, or the name of an index of PostgreSQL's or MariaDB's script, such
   *     as {@code lease_job_ready}
   * @return the hint; empty, as by default, if the database needs none
   */
  protected String useIndex(String index) {
    return "";
  }

  /**
   * The scripts in the folder {@code migration/NAME}, the oldest first. The version of the last one
   * is that of the schema.
   *
   * @return the names of the files; by default one, {@code VERSION__lease.sql} with the version of
   *     the last script of PostgreSQL, as a new dialect begins
   */
  protected List<String> migrations() {
    return List.of(SCHEMA_VERSION + "lease.sql");
  }

  /**
   * The properties that the driver needs before it connects. They do not reach a {@code DataSource}
   * of the caller's.
   *
   * @param callTimeout the longest wait of a call of the store
   * @return the properties; by default none
   */
  protected Properties driverProperties(Duration callTimeout) {
    return new Properties();
  }

  /**
   * Refuses a database that this dialect cannot work with, such as an old version.
   *
   * @param connection a connection to it; it stays open
   * @throws IllegalArgumentException if the dialect cannot work with it, with the reason
   * @throws SQLException if the database cannot tell
   */
  protected void check(Connection connection) throws SQLException {}

  /** The turn of a process to make or change the tables. */
  public interface MigrationTurn extends AutoCloseable {

    /** Ends the turn. A turn that hangs on the connection need not do so: that closes next. */
    @Override
    void close();
  }

  /**
   * Waits until it is this process's turn to make or change the tables, where Flyway does not see
   * to that. The store calls it when it opens and the tables are not up to date.
   *
   * @param connection a connection in auto-commit mode; it stays open until the turn has ended, so
   *     a lock of its session will do
   * @return the turn; by default one that does nothing
   * @throws SQLException if the turn does not come
   */
  protected MigrationTurn awaitMigrationTurn(Connection connection) throws SQLException {
    return () -> {};
  }

  /**
   * The prefix that puts a table into a schema.
   *
   * @param schema the name of the schema
   * @return the prefix, with the dot
   * @throws IllegalArgumentException if the database has no schemas, as by default
   */
  protected String prefix(String schema) {
    throw new IllegalArgumentException(
        name + " has no schemas: leave the schema out, was " + schema);
  }

  /**
   * The settings of the store's sessions: above all how long a statement may take, which has to be
   * shorter than the timeout.
   *
   * @param timeoutMillis how long a call may take, in milliseconds
   * @return the values, by the names of the settings; by default none
   */
  protected Map<String, String> settings(int timeoutMillis) {
    return Map.of();
  }

  /**
   * Further settings of the store's sessions, so that they soon give up on a locked row. The store
   * then gives the connection to other calls, and tries again. A database without such a setting
   * says it in each statement: see {@link #briefly}.
   *
   * @param wait how long a statement waits for a lock
   * @return the values, by the names of the settings; by default none
   */
  protected Map<String, String> briefSettings(Duration wait) {
    return Map.of();
  }

  /**
   * The settings of a session that migrates the schema; each is one of {@link #settings}. A
   * statement may take as long as it needs. But it gives up on a table that others use all the
   * time: until it gets its lock, all who come after it wait.
   *
   * @param timeoutMillis how long a call of the store may take, in milliseconds
   * @return the values, by the names of the settings; by default those of the store's sessions
   */
  protected Map<String, String> migrationSettings(int timeoutMillis) {
    return settings(timeoutMillis);
  }

  /**
   * Fails if the user may not make tables. The store asks before Flyway tries, which says less
   * clearly what is missing.
   *
   * @param connection a connection in auto-commit mode
   * @param schema in which schema; null for that of the connection
   * @throws SQLException if the user may not, with a message that says so; the store asks {@link
   *     #lacksRight} whether it is worth trying again
   */
  protected void checkMayCreate(Connection connection, @Nullable String schema)
      throws SQLException {}

  /**
   * Fails if a table has an index that is not whole: a script would take it for the one that it
   * wants to make.
   */
  void checkIndexes(Connection connection, @Nullable String schema) throws SQLException {}

  /** Whether an error of a migration says that others were in its way. */
  boolean isConflict(SQLException e) {
    return isLockTimeout(e) || verdict(e) == Verdict.ROLLED_BACK;
  }

  /**
   * Whether an error says that the user lacks a right.
   *
   * @param e an error of the database
   * @return true if so; by default, for the state 42501
   */
  protected boolean lacksRight(SQLException e) {
    return "42501".equals(e.getSQLState());
  }

  /**
   * A statement that changes settings of the session.
   *
   * @param settings the values, by the names of the settings; at least one
   * @return the statement
   */
  protected String set(Map<String, String> settings) {
    throw new IllegalStateException(
        "the dialect " + name + " has settings, but no way to set them");
  }

  /**
   * A statement that changes settings until the transaction ends. Null, as by default, if the
   * database has none; then the store changes those of the session, and sets them back.
   */
  @Nullable String setForTransaction(Map<String, String> settings) {
    return null;
  }

  /**
   * A query for a setting of the session, which {@link #set} can set again.
   *
   * @param setting its name
   * @return a query that returns one value
   */
  protected String get(String setting) {
    throw new IllegalStateException(
        "the dialect " + name + " has settings, but no way to get them");
  }

  /** The statement that begins the work of a session; null if there are no settings. */
  final @Nullable String initialSql(Map<String, String> settings) {
    return settings.isEmpty() ? null : set(settings);
  }

  /**
   * The isolation level of the store's transactions, by its JDBC name.
   *
   * @return the name; by default {@code TRANSACTION_READ_COMMITTED}; null if the database has only
   *     one level
   */
  protected @Nullable String isolation() {
    return "TRANSACTION_READ_COMMITTED";
  }

  /**
   * Whether the database has one writer at a time. The writers of a process then queue up before
   * they ask it.
   */
  final boolean singleWriter() {
    return style == Style.SINGLE_WRITER;
  }

  /**
   * Whether the store caches the prepared statements of its own connections, because the driver
   * does not.
   *
   * @return true if so; by default false
   */
  protected boolean cachesStatements() {
    return false;
  }

  /**
   * Begins a transaction that will write. With {@link Style#SINGLE_WRITER} it waits here until
   * there is no other writer.
   *
   * @param connection a connection that commits each statement by itself
   * @throws SQLException if it cannot begin
   */
  protected void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
  }

  /**
   * Commits what {@link #begin} began.
   *
   * @param connection the connection, which then commits each statement by itself again
   * @throws SQLException if it was not committed, or may not have been
   */
  protected void commit(Connection connection) throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
  }

  /**
   * One statement that runs some, separated by semicolons, as a transaction.
   *
   * @return null if the database has none
   */
  @Nullable String asTransaction(String statements) {
    return null;
  }

  /**
   * Rolls back what {@link #begin} began.
   *
   * @param connection the connection, which then commits each statement by itself again
   * @throws SQLException if it may not have been rolled back; the store then closes the connection
   */
  protected void rollback(Connection connection) throws SQLException {
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /**
   * What a statement of the store becomes in a caller's transaction, whose isolation and settings
   * are the caller's.
   *
   * @param sql the statement
   * @return the statement; by default as it was
   */
  protected String inCallersTransaction(String sql) {
    return sql;
  }

  /**
   * How the database carries messages to other processes. The store asks once, when it opens. It
   * then keeps one connection more, to listen.
   *
   * @param connection a connection to the database; it stays open
   * @param schema the schema of the store; null if it is that of the connection
   * @return an object for this store alone; null, as by default, if the database carries none: then
   *     workers in other processes find new jobs when they poll
   * @throws SQLException if the database cannot tell
   */
  protected @Nullable Notifications notifications(Connection connection, @Nullable String schema)
      throws SQLException {
    return null;
  }

  /**
   * A statement that makes the database plan the rest of its transaction for the values at hand.
   * The store runs it before a query whose best plan depends on its values, such as a list with a
   * filter.
   *
   * @return the statement; null, as by default, if the database plans each execution anew
   */
  protected @Nullable String planAnew() {
    return null;
  }

  /**
   * A query for what keeps the oldest snapshot that is older than a minute: one text, or no row.
   * Null if there is no such query, or no snapshot can keep the database from cleaning up.
   */
  @Nullable String oldestSnapshot() {
    return null;
  }

  /**
   * What an error says about the call that failed. In doubt it is {@link Verdict#UNKNOWN}: a call
   * that is said not to be done is done again.
   *
   * @param e an error of the database, or of the connection to it
   * @return the verdict
   */
  protected abstract Verdict verdict(SQLException e);

  /**
   * How long the store waits at most before it tries a call again that was {@linkplain
   * Verdict#ROLLED_BACK rolled back}. It waits a random part of that, so that calls which met do
   * not meet again, and no longer than the call may take. It tries a call up to five times.
   *
   * @param tries how often the call was tried, from 1 on
   * @return the time, not negative; by default zero, which is right where one server finds a
   *     deadlock
   */
  protected Duration backoff(int tries) {
    return Duration.ZERO;
  }

  /**
   * What the message of a {@link dev.lease.StoreException} says of an error. It must not quote a
   * row or a value, which may be secret: the message goes into logs. The error itself is the cause
   * of the exception.
   *
   * @param e an error of the database
   * @return the text; by default only the state and the code
   */
  protected String message(SQLException e) {
    return "state %s, code %d".formatted(e.getSQLState(), e.getErrorCode());
  }

  /**
   * Whether an error says that a unique key is taken.
   *
   * @param e an error of the database
   * @return true if so; by default, for the state 23505
   */
  protected boolean isDuplicate(SQLException e) {
    return "23505".equals(e.getSQLState());
  }

  /**
   * Whether an error says that a row would break a rule: a unique key or another constraint, also
   * one that the store did not make.
   *
   * @param e an error of the database
   * @return true if so; by default, for the states that begin with 23
   */
  protected boolean breaksRule(SQLException e) {
    return String.valueOf(e.getSQLState()).startsWith("23");
  }

  /**
   * Whether an error says that another transaction kept a row locked, after {@link #briefSettings}
   * or {@link #briefly}. Then nothing was done, and the store tries the call again until its time
   * is over.
   *
   * @param e an error of the database
   * @return true if so; by default false, which is right with one writer
   */
  protected boolean isLockTimeout(SQLException e) {
    return false;
  }

  /** Whether an error says that another transaction had what the call needs, a row or the file. */
  boolean isBusy(SQLException e) {
    return isLockTimeout(e);
  }

  /**
   * A statement that limits how long the rest of its transaction waits for a locked row, in all.
   * Without it the store sets {@link #briefSettings}, and afterwards what they were before.
   *
   * @param wait how long the rest waits at most, in whole milliseconds, at least one
   * @return the statement; null, as by default, if the settings are enough
   */
  protected @Nullable String limitWait(Duration wait) {
    return null;
  }

  /**
   * A statement that soon gives up on a locked row, if the session's settings do not see to that.
   *
   * @param sql the statement
   * @param wait how long it waits for a lock
   * @return the statement; by default as it was
   */
  protected String briefly(String sql, Duration wait) {
    return sql;
  }
}
