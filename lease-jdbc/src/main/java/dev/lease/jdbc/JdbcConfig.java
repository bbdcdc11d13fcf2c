package dev.lease.jdbc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link JdbcBackend} works. Start with {@link #of(String)}, or with {@link #defaults()}
 * where a {@code DataSource} is given, and change what has to differ.
 *
 * @param url the JDBC URL, such as {@code jdbc:sqlite:orders.db} or {@code
 *     jdbc:postgresql://host/database}; null where a {@code DataSource} is given
 * @param user the user, or null for none or one in the URL
 * @param password the password, or null for none or one in the URL; never shown
 * @param poolSize how many connections enqueueing, claiming and reading may use, 1 to 100; default
 *     4. Two more are kept for extending and settling, so that these never wait behind the others,
 *     and on PostgreSQL one to listen on
 * @param migrate whether opening brings the schema up to date (the default) or only checks it
 * @param callTimeout how long a call waits for a connection, for a lock, and for the answer to a
 *     statement, each, before it fails; 100 ms to 10 min, default 10 s. Keep it at a third of the
 *     shortest lease or less, so that a call that hangs does not cost the lease
 * @param orderSlack for how long claims may pass over older jobs that became claimable after this
 *     process last looked at all, and answer short without them, 0 to 1 min; default 1 s, 0 for the
 *     exact order and a full look each time [Q11, Q13]. Releases, resets and a resumed queue end it
 *     early, in this process and where hints of them arrive. The slack is what lets a claim start
 *     where the last one ended instead of before all rows that are held or dead [Q50]
 * @param keepDone how long DONE jobs stay; default 24 h
 * @param keepEnded how long FAILED and CANCELLED jobs stay; default 7 days
 */
public record JdbcConfig(
    @Nullable String url,
    @Nullable String user,
    @Nullable String password,
    int poolSize,
    boolean migrate,
    Duration callTimeout,
    Duration orderSlack,
    Duration keepDone,
    Duration keepEnded) {

  private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration MAX_ORDER_SLACK = Duration.ofMinutes(1);
  private static final Duration MAX_KEEP = Duration.ofDays(3_650);

  /** Checks the ranges. */
  public JdbcConfig {
    if (url != null && !url.startsWith("jdbc:")) {
      throw new IllegalArgumentException("url must start with jdbc:, was " + redacted(url));
    }
    if (poolSize < 1 || poolSize > 100) {
      throw new IllegalArgumentException("poolSize must be 1 to 100, was " + poolSize);
    }
    between("callTimeout", callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    between("orderSlack", orderSlack, Duration.ZERO, MAX_ORDER_SLACK);
    between("keepDone", keepDone, Duration.ZERO, MAX_KEEP);
    between("keepEnded", keepEnded, Duration.ZERO, MAX_KEEP);
  }

  private static void between(String what, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          what + " must be " + min + " to " + max + ", was " + value);
    }
  }

  /**
   * The defaults, for a {@code DataSource}.
   *
   * @return a configuration without a URL
   */
  public static JdbcConfig defaults() {
    return new JdbcConfig(
        null,
        null,
        null,
        4,
        true,
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        Duration.ofHours(24),
        Duration.ofDays(7));
  }

  /**
   * The defaults, for a URL.
   *
   * @param url the JDBC URL
   * @return a configuration
   */
  public static JdbcConfig of(String url) {
    return defaults().withUrl(url);
  }

  /**
   * The same with another URL.
   *
   * @param url the JDBC URL
   * @return a new configuration
   */
  public JdbcConfig withUrl(String url) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with other credentials.
   *
   * @param user the user
   * @param password the password, or null for none
   * @return a new configuration
   */
  public JdbcConfig withUser(String user, @Nullable String password) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with another number of connections.
   *
   * @param poolSize 1 to 100
   * @return a new configuration
   */
  public JdbcConfig withPoolSize(int poolSize) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with or without the migration of the schema.
   *
   * @param migrate whether opening brings the schema up to date
   * @return a new configuration
   */
  public JdbcConfig withMigrate(boolean migrate) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with another time for a call.
   *
   * @param callTimeout 100 ms to 10 min
   * @return a new configuration
   */
  public JdbcConfig withCallTimeout(Duration callTimeout) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with another order slack.
   *
   * @param orderSlack 0 to 1 min
   * @return a new configuration
   */
  public JdbcConfig withOrderSlack(Duration orderSlack) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * The same with other times for which finished jobs stay.
   *
   * @param keepDone how long DONE jobs stay
   * @param keepEnded how long FAILED and CANCELLED jobs stay
   * @return a new configuration
   */
  public JdbcConfig withRetention(Duration keepDone, Duration keepEnded) {
    return new JdbcConfig(
        url, user, password, poolSize, migrate, callTimeout, orderSlack, keepDone, keepEnded);
  }

  /**
   * All values but the password, and the URL without what may be secret in it.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "JdbcConfig[url=%s, user=%s, poolSize=%d, migrate=%s, callTimeout=%s, orderSlack=%s, keepDone=%s, keepEnded=%s]"
        .formatted(
            url == null ? "given by a DataSource" : redacted(url),
            user,
            poolSize,
            migrate,
            callTimeout,
            orderSlack,
            keepDone,
            keepEnded);
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
}
