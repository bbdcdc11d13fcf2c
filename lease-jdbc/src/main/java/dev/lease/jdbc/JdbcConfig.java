package dev.lease.jdbc;

import dev.lease.Limits;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link JdbcBackend}. Start with {@link #of(String)}, or with {@link
 * #defaults()} if you give a {@code DataSource}, then a {@code with} for each change.
 *
 * <p>A configuration is immutable, and many threads may use it.
 */
public final class JdbcConfig {

  private static final int POOL_SIZE = 3;
  private static final int POOL_SIZE_OVER_DATA_SOURCE = 1;
  private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration MAX_ORDER_SLACK = Duration.ofMinutes(1);
  private static final Duration MAX_KEEP = Duration.ofDays(3_650);
  private static final Duration MIN_FENCE_RETENTION = Duration.ofDays(1);

  /** PostgreSQL cuts a longer name. */
  private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,62}");

  private final @Nullable String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final @Nullable String schema;
  private final @Nullable Dialect dialect;
  private final boolean transactionPooling;
  private final @Nullable String listenUrl;
  private final @Nullable Integer poolSize;
  private final boolean migrate;
  private final Duration openingTime;
  private final Duration callTimeout;
  private final Duration orderSlack;
  private final Duration keepDone;
  private final Duration keepFailed;
  private final Duration rememberedIds;
  private final Duration fenceRetention;

  private JdbcConfig(Values values) {
    url = values.url;
    user = values.user;
    password = values.password;
    schema = values.schema;
    dialect = values.dialect;
    transactionPooling = values.transactionPooling;
    listenUrl = values.listenUrl;
    poolSize = values.poolSize;
    migrate = values.migrate;
    openingTime = values.openingTime;
    callTimeout = values.callTimeout;
    orderSlack = values.orderSlack;
    keepDone = values.keepDone;
    keepFailed = values.keepFailed;
    rememberedIds = values.rememberedIds;
    fenceRetention = values.fenceRetention;
    if (url != null && !url.startsWith("jdbc:")) {
      throw new IllegalArgumentException(
          "url must start with jdbc:, such as jdbc:sqlite:FILE or jdbc:postgresql://HOST/DATABASE, was "
              + redacted(url));
    }
    if (listenUrl != null && !listenUrl.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "listenUrl must start with jdbc:postgresql:, was " + redacted(listenUrl));
    }
    if (schema != null && !SCHEMA.matcher(schema).matches()) {
      throw new IllegalArgumentException(
          "schema must be 1 to 63 letters, digits, _ or -, and begin with a letter or _, was "
              + schema);
    }
    if (poolSize != null && (poolSize < 1 || poolSize > 100)) {
      throw new IllegalArgumentException("poolSize must be 1 to 100, was " + poolSize);
    }
    Limits.between("openingTime", openingTime, Duration.ZERO, Limits.MAX_DELAY);
    Limits.between("callTimeout", callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    Limits.between("orderSlack", orderSlack, Duration.ZERO, MAX_ORDER_SLACK);
    Limits.between("keepDone", keepDone, Duration.ZERO, MAX_KEEP);
    Limits.between("keepFailed", keepFailed, Duration.ZERO, MAX_KEEP);
    Limits.between("rememberedIds", rememberedIds, Duration.ZERO, MAX_KEEP);
    Limits.between("fenceRetention", fenceRetention, MIN_FENCE_RETENTION, MAX_KEEP);
  }

  /**
   * The defaults for a store on a {@code DataSource}.
   *
   * @return a configuration without a URL
   */
  public static JdbcConfig defaults() {
    return new JdbcConfig(new Values());
  }

  /**
   * The defaults for a store at a URL.
   *
   * @param url the JDBC URL
   * @return a configuration
   */
  public static JdbcConfig of(String url) {
    return defaults().withUrl(url);
  }

  private JdbcConfig with(Consumer<Values> change) {
    var values = new Values();
    values.url = url;
    values.user = user;
    values.password = password;
    values.schema = schema;
    values.dialect = dialect;
    values.transactionPooling = transactionPooling;
    values.listenUrl = listenUrl;
    values.poolSize = poolSize;
    values.migrate = migrate;
    values.openingTime = openingTime;
    values.callTimeout = callTimeout;
    values.orderSlack = orderSlack;
    values.keepDone = keepDone;
    values.keepFailed = keepFailed;
    values.rememberedIds = rememberedIds;
    values.fenceRetention = fenceRetention;
    change.accept(values);
    return new JdbcConfig(values);
  }

  /**
   * The JDBC URL.
   *
   * @return the URL; null for a store on a {@code DataSource}
   */
  public @Nullable String url() {
    return url;
  }

  /**
   * The user.
   *
   * @return the user, or null if there is none or the URL has it
   */
  public @Nullable String user() {
    return user;
  }

  /**
   * The password. No log and no message shows it.
   *
   * @return the password, or null if there is none or the URL has it
   */
  public @Nullable String password() {
    return password;
  }

  /**
   * The schema with the tables of the store.
   *
   * @return the schema; null for the one that a connection uses by itself
   */
  public @Nullable String schema() {
    return schema;
  }

  /**
   * The dialect.
   *
   * @return the dialect; null for the one of the database's product
   */
  public @Nullable Dialect dialect() {
    return dialect;
  }

  /**
   * Whether a pooler gives each transaction another session of PostgreSQL; see {@link
   * #withTransactionPooling}.
   *
   * @return true if so
   */
  public boolean transactionPooling() {
    return transactionPooling;
  }

  /**
   * Where the store listens for notifications; see {@link #withListenUrl}.
   *
   * @return the URL; null for where its other connections lead to
   */
  public @Nullable String listenUrl() {
    return listenUrl;
  }

  /**
   * How many connections there are for batches, steps, progress and reads of one job; over a {@code
   * DataSource} for more: see {@link #withPoolSize}.
   *
   * @return 1 to 100; if it was not set, 3 at a URL and 1 over a {@code DataSource}
   */
  public int poolSize() {
    if (poolSize != null) {
      return poolSize;
    }
    return url == null ? POOL_SIZE_OVER_DATA_SOURCE : POOL_SIZE;
  }

  /**
   * Whether opening brings the schema up to date, or only checks it.
   *
   * @return true if it brings it up to date
   */
  public boolean migrate() {
    return migrate;
  }

  /**
   * For how long opening tries again while the database is down; see {@link #withOpeningTime}.
   *
   * @return 0 to 3650 days
   */
  public Duration openingTime() {
    return openingTime;
  }

  /**
   * How long a call waits at most for a connection, for a lock, and for the answer to a statement:
   * for each of them that long.
   *
   * @return 100 ms to 10 min
   */
  public Duration callTimeout() {
    return callTimeout;
  }

  /**
   * How long claims may skip older jobs that have become claimable; see {@link #withOrderSlack}.
   *
   * @return 0 to 1 min
   */
  public Duration orderSlack() {
    return orderSlack;
  }

  /**
   * How long a DONE job stays if it has no {@code keep} of its own; if 0, only its id stays, for a
   * while.
   *
   * @return 0 to 3650 days
   */
  public Duration keepDone() {
    return keepDone;
  }

  /**
   * How long a FAILED or CANCELLED job stays if it has no {@code keep} of its own.
   *
   * @return 0 to 3650 days
   */
  public Duration keepFailed() {
    return keepFailed;
  }

  /**
   * How long the id of a finished job is remembered at least; see {@link #withRememberedIds}.
   *
   * @return 0 to 3650 days
   */
  public Duration rememberedIds() {
    return rememberedIds;
  }

  /**
   * How long a fence remembers a token that nobody passes any more; see {@link
   * #withFenceRetention}.
   *
   * @return 1 to 3650 days
   */
  public Duration fenceRetention() {
    return fenceRetention;
  }

  /**
   * Sets where the database is.
   *
   * @param url the JDBC URL, such as {@code jdbc:sqlite:orders.db} or {@code
   *     jdbc:postgresql://host/database}. A store that opens refuses settings in it that it sets
   *     itself, such as {@code socketTimeout}, {@code lock_timeout} or {@code busy_timeout}
   * @return a new configuration
   * @throws IllegalArgumentException if it does not start with {@code jdbc:}
   */
  public JdbcConfig withUrl(String url) {
    Limits.notNull("url", url);
    return with(values -> values.url = url);
  }

  /**
   * Sets the credentials. The default is none, or those in the URL.
   *
   * @param user the user
   * @param password the password, or null for none; no log and no message shows it
   * @return a new configuration
   */
  public JdbcConfig withUser(String user, @Nullable String password) {
    Limits.notNull("user", user);
    return with(
        values -> {
          values.user = user;
          values.password = password;
        });
  }

  /**
   * Sets the schema with the tables of the store; on MariaDB, the database. Every statement then
   * names it, also in a transaction of the caller's, whatever the {@code search_path} or the
   * database of the connection is. Opening a store fails if the schema does not exist: nothing
   * creates it. The default is the schema in which a connection would create a table.
   *
   * @param schema 1 to 63 ASCII letters, digits, underscores or hyphens, beginning with a letter or
   *     an underscore; capitals count
   * @return a new configuration
   * @throws IllegalArgumentException if it is no such name
   */
  public JdbcConfig withSchema(String schema) {
    Limits.notNull("schema", schema);
    return with(values -> values.schema = schema);
  }

  /**
   * Sets the dialect, for a database that the store does not know by itself. The default is the one
   * of the database's product.
   *
   * @param dialect the dialect; it may be shared by several stores
   * @return a configuration with that
   */
  public JdbcConfig withDialect(Dialect dialect) {
    Limits.notNull("dialect", dialect);
    return with(values -> values.dialect = dialect);
  }

  /**
   * Sets whether a pooler gives each transaction another session of PostgreSQL, as PgBouncer does
   * with {@code pool_mode = transaction}. Then the store sets nothing in a session: it needs a role
   * of its own with the settings that it would set. Opening checks them, and a refusal has the
   * statements that make them so. It does not migrate: run {@link JdbcBackend#migrate} at the
   * server itself before.
   *
   * <p>Such a session cannot listen, so workers find the jobs of other processes by polling, unless
   * there is a {@link #withListenUrl}.
   *
   * @param transactionPooling true if so; default false
   * @return a new configuration
   */
  public JdbcConfig withTransactionPooling(boolean transactionPooling) {
    return with(values -> values.transactionPooling = transactionPooling);
  }

  /**
   * Sets where the store listens for notifications of PostgreSQL: at the server itself, if its
   * other connections lead through a pooler. It has one connection there, with the user and the
   * password of this configuration, if they are set.
   *
   * @param listenUrl a JDBC URL of the same database, which starts with {@code jdbc:postgresql:}
   * @return a new configuration
   * @throws IllegalArgumentException if it starts otherwise
   */
  public JdbcConfig withListenUrl(String listenUrl) {
    Limits.notNull("listenUrl", listenUrl);
    return with(values -> values.listenUrl = listenUrl);
  }

  /**
   * Sets how many connections there are for batches, steps, progress and reads of one job. Calls
   * that claim, extend, settle, enqueue single jobs, concern named leases or are an operator's have
   * others, so that these never wait behind them; so have notifications and sweeps. Over a {@code
   * DataSource} single jobs to enqueue, named leases but for renewals, operators, notifications and
   * sweeps share these connections.
   *
   * @param poolSize 1 to 100; default 3 at a URL, and 1 over a {@code DataSource}
   * @return a new configuration
   * @throws IllegalArgumentException if a value is out of its range
   */
  public JdbcConfig withPoolSize(int poolSize) {
    return with(values -> values.poolSize = poolSize);
  }

  /**
   * Sets whether opening brings the schema up to date, or only checks it. If it only checks, a
   * SQLite file that is missing is not made.
   *
   * @param migrate true, the default, to bring it up to date
   * @return a new configuration
   */
  public JdbcConfig withMigrate(boolean migrate) {
    return with(values -> values.migrate = migrate);
  }

  /**
   * Sets for how long opening tries again, about each second, while the database is down: nothing
   * listens there, or the server is starting or stopping. One line of the log tells of it. What
   * does not pass by itself, such as a wrong password, still fails at once. SQLite has no server to
   * wait for.
   *
   * <p>No try begins after that time, and one may last as long as connecting may take. An interrupt
   * ends the wait with a {@link dev.lease.StoreException}, but no try that is under way.
   *
   * @param openingTime 0 to 3650 days; default 0, which makes opening fail at once
   * @return a new configuration
   * @throws IllegalArgumentException if it is out of its range
   */
  public JdbcConfig withOpeningTime(Duration openingTime) {
    return with(values -> values.openingTime = openingTime);
  }

  /**
   * Sets how long a call waits for a connection, for a lock, and for the answer to a statement
   * before it fails: for each of them that long. No call lasts longer than {@link
   * JdbcBackend#longestCall}. Leases of 3 s and more survive an extension or a renewal that hangs,
   * whatever this is. The store remembers the id of a finished job for at least ten times as long,
   * whatever {@link #withRememberedIds} says.
   *
   * @param callTimeout 100 ms to 10 min; default 10 s
   * @return a new configuration
   * @throws IllegalArgumentException if a value is out of its range
   */
  public JdbcConfig withCallTimeout(Duration callTimeout) {
    return with(values -> values.callTimeout = callTimeout);
  }

  /**
   * Sets how long claims may skip older jobs that became claimable since this process last looked
   * at the whole queue. A claim may return fewer jobs because of that. With 0 each claim looks at
   * the whole queue and keeps the exact order [Q11, Q13].
   *
   * <p>The slack lets a claim start where the last one ended, instead of before all rows that are
   * held or finished [Q50]. A release, a reset, a change or a resumed queue ends it early, in this
   * process and in others that get the hint. If looks take more than a tenth of the slack, as they
   * do over very many held jobs, the next look at the whole queue begins ten times as long after
   * the last one as they take, but no later than ten times the slack. One slow look is not enough
   * for that. A look that takes more than a twentieth of the call timeout is made in several
   * claims. With 0 it cannot be: each claim takes as long as it takes.
   *
   * @param orderSlack 0 to 1 min; default 1 s
   * @return a new configuration
   * @throws IllegalArgumentException if a value is out of its range
   */
  public JdbcConfig withOrderSlack(Duration orderSlack) {
    return with(values -> values.orderSlack = orderSlack);
  }

  /**
   * Sets how long finished jobs stay if they have no {@code keep} of their own. A DONE job that is
   * to be kept for no time, by this setting or by its own, goes when it is settled: then only its
   * id stays, and no call except an enqueue finds it. Any other finished job stays for at least ten
   * call timeouts, so also a job that was settled in a transaction of the caller's. How long the id
   * stays in either case, {@link #withRememberedIds} says.
   *
   * @param keepDone how long DONE jobs stay, 0 to 3650 days; default 24 h
   * @param keepFailed how long FAILED and CANCELLED jobs stay, 0 to 3650 days; default 7 days
   * @return a new configuration
   * @throws IllegalArgumentException if a value is out of its range
   */
  public JdbcConfig withRetention(Duration keepDone, Duration keepFailed) {
    return with(
        values -> {
          values.keepDone = keepDone;
          values.keepFailed = keepFailed;
        });
  }

  /**
   * Sets for how long after its finish a job's id is remembered at least, also if the job itself is
   * kept for a shorter time. For so long it is safe to repeat an enqueue: it creates no second job
   * [Q02]. A job that is kept longer than that has its id until it goes.
   *
   * <p>UUIDs of version 7, as Lease makes them, take about 40 bytes each, if their jobs were
   * removed together, by a purge or, where {@code keepDone} is 0, by a settlement. An id of another
   * form takes an emptied row of a job. So does each id that a settlement leaves of a job whose own
   * {@code keep} is 0 where {@code keepDone} is not, of a job with {@code dedupFor}, and on MariaDB
   * of a job with any dedup key.
   *
   * @param rememberedIds 0 to 3650 days; default 24 h. Less than ten call timeouts is taken for ten
   *     call timeouts
   * @return a new configuration
   * @throws IllegalArgumentException if it is out of its range
   */
  public JdbcConfig withRememberedIds(Duration rememberedIds) {
    return with(values -> values.rememberedIds = rememberedIds);
  }

  /**
   * Sets how long a fence remembers the largest token of a job or named lease after its last use.
   * The risk of a short time: a holder that was suspended for longer than that, and wakes up, is no
   * longer refused, and its stale write passes. So choose more than the longest time that a process
   * or a machine may be suspended, or restored from. The price of a long time: the table {@code
   * lease_fence} has a row for each resource and each job or lease name that passed it within that
   * time and a day.
   *
   * @param fenceRetention 1 to 3650 days; default 30 days
   * @return a new configuration
   * @throws IllegalArgumentException if it is out of its range
   */
  public JdbcConfig withFenceRetention(Duration fenceRetention) {
    return with(values -> values.fenceRetention = fenceRetention);
  }

  /**
   * All values except the password; the URL without its secret parts.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "JdbcConfig[url=%s, user=%s, schema=%s, transactionPooling=%s, listenUrl=%s, poolSize=%d, migrate=%s, openingTime=%s, callTimeout=%s, orderSlack=%s, keepDone=%s, keepFailed=%s, rememberedIds=%s, fenceRetention=%s]"
        .formatted(
            url == null ? "given by a DataSource" : redacted(url),
            user,
            schema,
            transactionPooling,
            listenUrl == null ? null : redacted(listenUrl),
            poolSize(),
            migrate,
            openingTime,
            callTimeout,
            orderSlack,
            keepDone,
            keepFailed,
            rememberedIds,
            fenceRetention);
  }

  /**
   * A URL as a message may show it: without the parts that may hold a password. Of an unknown kind
   * of URL only the beginning stays.
   */
  static String redacted(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return url.replaceFirst("(?s)\\?.*", "");
    }
    if (url.startsWith("jdbc:postgresql:") || url.startsWith("jdbc:mariadb:")) {
      return url.replaceFirst("(?s)[?;&].*", "").replaceFirst("(?s)//.*@", "//");
    }
    return url.replaceFirst("(?s)^(jdbc:[a-z0-9]+:|[a-z][a-z0-9+.-]*:(?=//))?.*", "$1...");
  }

  /** The values of a configuration that is being made. */
  private static final class Values {
    private @Nullable String url;
    private @Nullable String user;
    private @Nullable String password;
    private @Nullable String schema;
    private @Nullable Dialect dialect;
    private boolean transactionPooling;
    private @Nullable String listenUrl;
    private @Nullable Integer poolSize;
    private boolean migrate = true;
    private Duration openingTime = Duration.ZERO;
    private Duration callTimeout = Duration.ofSeconds(10);
    private Duration orderSlack = Duration.ofSeconds(1);
    private Duration keepDone = Duration.ofHours(24);
    private Duration keepFailed = Duration.ofDays(7);
    private Duration rememberedIds = Duration.ofHours(24);
    private Duration fenceRetention = Duration.ofDays(30);
  }
}
