package dev.lease.jdbc;

import dev.lease.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link JdbcBackend} works. Start with {@link #of(String)}, or with {@link #defaults()}
 * where a {@code DataSource} is given, and change what has to differ: a part at a time, or several
 * with {@link #toBuilder()}.
 *
 * <p>It does not change, and is safe for use by many threads.
 */
public final class JdbcConfig {

  private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration MAX_ORDER_SLACK = Duration.ofMinutes(1);
  private static final Duration MAX_KEEP = Duration.ofDays(3_650);

  private final @Nullable String url;
  private final @Nullable String user;
  private final @Nullable String password;
  private final int poolSize;
  private final boolean migrate;
  private final Duration callTimeout;
  private final Duration orderSlack;
  private final Duration keepDone;
  private final Duration keepFailed;

  private JdbcConfig(Builder builder) {
    url = builder.url;
    user = builder.user;
    password = builder.password;
    poolSize = builder.poolSize;
    migrate = builder.migrate;
    callTimeout = builder.callTimeout;
    orderSlack = builder.orderSlack;
    keepDone = builder.keepDone;
    keepFailed = builder.keepFailed;
    if (url != null && !url.startsWith("jdbc:")) {
      throw new IllegalArgumentException("url must start with jdbc:, was " + redacted(url));
    }
    if (poolSize < 1 || poolSize > 100) {
      throw new IllegalArgumentException("poolSize must be 1 to 100, was " + poolSize);
    }
    Limits.between("callTimeout", callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    Limits.between("orderSlack", orderSlack, Duration.ZERO, MAX_ORDER_SLACK);
    Limits.between("keepDone", keepDone, Duration.ZERO, MAX_KEEP);
    Limits.between("keepFailed", keepFailed, Duration.ZERO, MAX_KEEP);
  }

  /**
   * The defaults, for a {@code DataSource}.
   *
   * @return a configuration without a URL
   */
  public static JdbcConfig defaults() {
    return builder().build();
  }

  /**
   * The defaults, for a URL.
   *
   * @param url the JDBC URL
   * @return a configuration
   */
  public static JdbcConfig of(String url) {
    return builder().url(url).build();
  }

  /**
   * Starts with the defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts with these values.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    var builder = new Builder();
    builder.url = url;
    builder.user = user;
    builder.password = password;
    builder.poolSize = poolSize;
    builder.migrate = migrate;
    builder.callTimeout = callTimeout;
    builder.orderSlack = orderSlack;
    builder.keepDone = keepDone;
    builder.keepFailed = keepFailed;
    return builder;
  }

  /**
   * The JDBC URL.
   *
   * @return the URL; null where a {@code DataSource} is given
   */
  public @Nullable String url() {
    return url;
  }

  /**
   * The user.
   *
   * @return the user, or null for none or one in the URL
   */
  public @Nullable String user() {
    return user;
  }

  /**
   * The password, which is never shown.
   *
   * @return the password, or null for none or one in the URL
   */
  public @Nullable String password() {
    return password;
  }

  /**
   * How many connections enqueueing, claiming and reading may use.
   *
   * @return 1 to 100
   */
  public int poolSize() {
    return poolSize;
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
   * How long a call waits for a connection, for a lock, and for the answer to a statement, each.
   *
   * @return 100 ms to 10 min
   */
  public Duration callTimeout() {
    return callTimeout;
  }

  /**
   * For how long claims may pass over older jobs that became claimable; see {@link
   * Builder#orderSlack}.
   *
   * @return 0 to 1 min
   */
  public Duration orderSlack() {
    return orderSlack;
  }

  /**
   * How long DONE jobs stay that do not say it themselves; if 0, only their ids stay, for a while.
   *
   * @return 0 to 3650 days
   */
  public Duration keepDone() {
    return keepDone;
  }

  /**
   * How long FAILED and CANCELLED jobs stay that do not say it themselves.
   *
   * @return 0 to 3650 days
   */
  public Duration keepFailed() {
    return keepFailed;
  }

  /**
   * The same with another URL.
   *
   * @param url the JDBC URL
   * @return a new configuration
   */
  public JdbcConfig withUrl(String url) {
    return toBuilder().url(url).build();
  }

  /**
   * The same with other credentials.
   *
   * @param user the user
   * @param password the password, or null for none
   * @return a new configuration
   */
  public JdbcConfig withUser(String user, @Nullable String password) {
    return toBuilder().user(user, password).build();
  }

  /**
   * The same with another number of connections.
   *
   * @param poolSize 1 to 100
   * @return a new configuration
   */
  public JdbcConfig withPoolSize(int poolSize) {
    return toBuilder().poolSize(poolSize).build();
  }

  /**
   * The same with or without the migration of the schema.
   *
   * @param migrate whether opening brings the schema up to date
   * @return a new configuration
   */
  public JdbcConfig withMigrate(boolean migrate) {
    return toBuilder().migrate(migrate).build();
  }

  /**
   * The same with another time for a call.
   *
   * @param callTimeout 100 ms to 10 min
   * @return a new configuration
   */
  public JdbcConfig withCallTimeout(Duration callTimeout) {
    return toBuilder().callTimeout(callTimeout).build();
  }

  /**
   * The same with another order slack.
   *
   * @param orderSlack 0 to 1 min
   * @return a new configuration
   */
  public JdbcConfig withOrderSlack(Duration orderSlack) {
    return toBuilder().orderSlack(orderSlack).build();
  }

  /**
   * The same with other times for which finished jobs stay.
   *
   * @param keepDone how long DONE jobs stay
   * @param keepFailed how long FAILED and CANCELLED jobs stay
   * @return a new configuration
   */
  public JdbcConfig withRetention(Duration keepDone, Duration keepFailed) {
    return toBuilder().retention(keepDone, keepFailed).build();
  }

  /**
   * All values but the password, and the URL without what may be secret in it.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "JdbcConfig[url=%s, user=%s, poolSize=%d, migrate=%s, callTimeout=%s, orderSlack=%s, keepDone=%s, keepFailed=%s]"
        .formatted(
            url == null ? "given by a DataSource" : redacted(url),
            user,
            poolSize,
            migrate,
            callTimeout,
            orderSlack,
            keepDone,
            keepFailed);
  }

  /**
   * A URL as a message may show it: without what may hold a password, and without all that is not
   * known.
   */
  static String redacted(String url) {
    if (url.startsWith("jdbc:sqlite:")) {
      return url.replaceFirst("\\?.*", "");
    }
    if (url.startsWith("jdbc:postgresql:") || url.startsWith("jdbc:mariadb:")) {
      return url.replaceFirst("[?;&].*", "").replaceFirst("//.*@", "//");
    }
    return url.replaceFirst("^(jdbc:[a-z0-9]+:)?.*", "$1...");
  }

  /** Builds a configuration; not for use by several threads. */
  public static final class Builder {
    private @Nullable String url;
    private @Nullable String user;
    private @Nullable String password;
    private int poolSize = 4;
    private boolean migrate = true;
    private Duration callTimeout = Duration.ofSeconds(10);
    private Duration orderSlack = Duration.ofSeconds(1);
    private Duration keepDone = Duration.ofHours(24);
    private Duration keepFailed = Duration.ofDays(7);

    private Builder() {}

    /**
     * Sets where the database is.
     *
     * @param url the JDBC URL, such as {@code jdbc:sqlite:orders.db} or {@code
     *     jdbc:postgresql://host/database}
     * @return this
     */
    public Builder url(String url) {
      this.url = url;
      return this;
    }

    /**
     * Sets the credentials, by default none or those in the URL.
     *
     * @param user the user
     * @param password the password, which is never shown, or null for none
     * @return this
     */
    public Builder user(String user, @Nullable String password) {
      this.user = user;
      this.password = password;
      return this;
    }

    /**
     * Sets how many connections enqueueing batches, claiming and reading may use. Four more are
     * kept for extending, settling, enqueueing single jobs, and taking and ending named leases, so
     * that these never wait behind the others, and on PostgreSQL one to listen on.
     *
     * @param poolSize 1 to 100; default 4
     * @return this
     */
    public Builder poolSize(int poolSize) {
      this.poolSize = poolSize;
      return this;
    }

    /**
     * Sets whether opening brings the schema up to date, or only checks it.
     *
     * @param migrate true, the default, to bring it up to date
     * @return this
     */
    public Builder migrate(boolean migrate) {
      this.migrate = migrate;
      return this;
    }

    /**
     * Sets how long a call waits for a connection, for a lock, and for the answer to a statement,
     * each, before it fails. Keep it at a third of the shortest lease or less, so that a call that
     * hangs does not cost the lease. An id is remembered for ten times as long at least, so that a
     * repeated enqueue makes no second job [Q02].
     *
     * @param callTimeout 100 ms to 10 min; default 10 s
     * @return this
     */
    public Builder callTimeout(Duration callTimeout) {
      this.callTimeout = callTimeout;
      return this;
    }

    /**
     * Sets for how long claims may pass over older jobs that became claimable after this process
     * last looked at all, and answer short without them; 0 for the exact order and a full look each
     * time [Q11, Q13]. Releases, resets, changes and a resumed queue end it early, in this process
     * and where hints of them arrive. The slack is what lets a claim start where the last one ended
     * instead of before all rows that are held or dead [Q50]. If looks take more than a tenth of
     * the slack, as over very many held jobs, the next full one begins ten times as long after the
     * last as they take, but no later than ten times the slack.
     *
     * @param orderSlack 0 to 1 min; default 1 s
     * @return this
     */
    public Builder orderSlack(Duration orderSlack) {
      this.orderSlack = orderSlack;
      return this;
    }

    /**
     * Sets how long finished jobs stay that do not say it themselves; never for less than ten call
     * time-outs [Q02]. Of a DONE job that is to stay for no time, by this or by itself, only the id
     * is remembered for so long: no call but an enqueue finds it. One that is settled in a
     * transaction of the caller's stays whole for so long.
     *
     * @param keepDone how long DONE jobs stay, 0 to 3650 days; default 24 h
     * @param keepFailed how long FAILED and CANCELLED jobs stay, 0 to 3650 days; default 7 days
     * @return this
     */
    public Builder retention(Duration keepDone, Duration keepFailed) {
      this.keepDone = keepDone;
      this.keepFailed = keepFailed;
      return this;
    }

    /**
     * Makes the configuration.
     *
     * @return what was built
     * @throws IllegalArgumentException if a value is out of its range
     */
    public JdbcConfig build() {
      return new JdbcConfig(this);
    }
  }
}
