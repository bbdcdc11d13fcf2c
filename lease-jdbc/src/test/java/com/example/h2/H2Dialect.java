package com.example.h2;

import dev.lease.jdbc.Dialect;
import dev.lease.jdbc.Notifications;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** H2, as somebody else would add it: with what is public, and SQL beside this class. */
public class H2Dialect extends Dialect {

  private static final String LOCK_TIMEOUT = "lock_timeout";
  private static final String QUERY_TIMEOUT = "query_timeout";

  /** Makes the dialect. */
  public H2Dialect() {
    super("h2", Style.LOCKING_READS);
  }

  /**
   * H2's own clock stands still during a transaction, so this is an alias in the schema.
   *
   * @return the microseconds since 1970
   */
  public static long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** The time of a transaction is the one thing of H2's that stands still during a statement. */
  @Override
  protected Map<String, String> words() {
    return Map.of(
        "now",
        "lease_now()",
        "asof",
        "cast(extract(epoch from current_timestamp(6)) * 1000000 as bigint)",
        // H2 counts the units of UTF-16, of which a code point has one or two.
        "id_begins",
        "substr(id, 1, greatest(:prefixLength, char_length(:idPrefix))) = :idPrefix");
  }

  @Override
  protected void check(Connection connection) throws SQLException {
    String url = connection.getMetaData().getURL();
    if (!connection.getMetaData().storesLowerCaseIdentifiers()) {
      throw new IllegalArgumentException("the URL must have DATABASE_TO_LOWER=TRUE, was " + url);
    }
  }

  @Override
  protected Notifications notifications(Connection connection, @Nullable String schema)
      throws SQLException {
    return new TableNotifications();
  }

  /** H2 plans a statement with many subqueries slowly. */
  @Override
  protected int maxParameters() {
    return 500;
  }

  /** H2's driver has no time limit for an answer, and does not abort a connection. */
  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    return Map.of(
        LOCK_TIMEOUT, Integer.toString(timeoutMillis / 2),
        QUERY_TIMEOUT, Long.toString(timeoutMillis * 9L / 10));
  }

  @Override
  protected Map<String, String> migrationSettings(int timeoutMillis) {
    var settings = new HashMap<>(settings(timeoutMillis));
    settings.put(QUERY_TIMEOUT, "0");
    return settings;
  }

  @Override
  protected Map<String, String> briefSettings(Duration wait) {
    return Map.of(LOCK_TIMEOUT, Long.toString(wait.toMillis()));
  }

  @Override
  protected String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> "set " + setting.getKey() + " " + setting.getValue())
        .collect(Collectors.joining("; "));
  }

  @Override
  protected String get(String setting) {
    return setting.equals(LOCK_TIMEOUT)
        ? "select lock_timeout()"
        : "select setting_value from information_schema.settings where setting_name = 'QUERY_TIMEOUT'";
  }

  @Override
  protected Verdict verdict(SQLException e) {
    return switch (String.valueOf(e.getSQLState())) {
      // A deadlock; and a row that another transaction has made meanwhile: the next try finds it.
      case "40001", "23505" -> Verdict.ROLLED_BACK;
      // The connection is broken, the database is closed.
      case "null", "90067", "90098", "90121" -> Verdict.UNKNOWN;
      default -> Verdict.NOT_DONE;
    };
  }

  @Override
  protected boolean isLockTimeout(SQLException e) {
    return "HYT00".equals(e.getSQLState());
  }
}
