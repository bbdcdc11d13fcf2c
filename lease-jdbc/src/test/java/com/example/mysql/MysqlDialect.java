package com.example.mysql;

import dev.lease.jdbc.Dialect;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * MySQL 8.4, as somebody else would begin it: no statement returns the rows that it changes, and no
 * wait for a lock is shorter than a second. It was never run on a MySQL: the tests run it on
 * MariaDB, which understands all that it says. It allows few parameters, so that the tests see how
 * calls are cut.
 */
public class MysqlDialect extends Dialect {

  static final int MAX_PARAMETERS = 100;

  private static final String LOCK_TIMEOUT = "innodb_lock_wait_timeout";

  /** Makes the dialect. */
  public MysqlDialect() {
    super("mysql", Style.LOCKING_READS);
  }

  @Override
  protected Map<String, String> words() {
    return Map.of("now", "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))");
  }

  @Override
  protected String useIndex(String index) {
    return "force index (" + index + ")";
  }

  @Override
  protected int maxParameters() {
    return MAX_PARAMETERS;
  }

  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    return Map.of(LOCK_TIMEOUT, seconds(timeoutMillis / 2));
  }

  @Override
  protected Map<String, String> briefSettings(Duration wait) {
    return Map.of(LOCK_TIMEOUT, seconds(wait.toMillis()));
  }

  private static String seconds(long millis) {
    return Long.toString(Math.max(1, millis / 1_000));
  }

  @Override
  protected String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " = " + setting.getValue())
        .collect(Collectors.joining(", ", "set session ", ""));
  }

  @Override
  protected String get(String setting) {
    return "select @@session." + setting;
  }

  @Override
  protected Verdict verdict(SQLException e) {
    String state = e.getSQLState();
    if (state == null || state.startsWith("08")) {
      return Verdict.UNKNOWN;
    }
    return e.getErrorCode() == 1213 ? Verdict.ROLLED_BACK : Verdict.NOT_DONE;
  }

  @Override
  protected boolean isDuplicate(SQLException e) {
    return e.getErrorCode() == 1062;
  }

  @Override
  protected boolean isLockTimeout(SQLException e) {
    return e.getErrorCode() == 1205;
  }
}
