package com.example.cockroach;

import dev.lease.jdbc.Dialect;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * CockroachDB, as somebody else would begin it: rows are known by their keys only, and whoever
 * comes second is rolled back. It was never run on a CockroachDB: the tests run it on PostgreSQL,
 * which understands all that it says.
 */
public class CockroachDialect extends Dialect {

  /** Makes the dialect. */
  public CockroachDialect() {
    super("cockroach", Style.ARRAYS);
  }

  @Override
  protected Map<String, String> words() {
    return Map.of(
        "now",
        "(date_part('epoch', clock_timestamp()) * 1000000)::bigint",
        "asof",
        "(date_part('epoch', statement_timestamp()) * 1000000)::bigint",
        "error_contains",
        "strpos(error, :errorText) > 0",
        "has_id",
        "strpos(ids, :id) > 0");
  }

  @Override
  protected Map<String, String> settings(int timeoutMillis) {
    return Map.of(
        "lock_timeout", Integer.toString(timeoutMillis / 2),
        "statement_timeout", Long.toString(timeoutMillis * 9L / 10),
        "idle_in_transaction_session_timeout", Integer.toString(timeoutMillis));
  }

  @Override
  protected Map<String, String> briefSettings(Duration wait) {
    return Map.of("lock_timeout", Long.toString(wait.toMillis()));
  }

  @Override
  protected String set(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> "set " + setting.getKey() + " = '" + setting.getValue() + "'")
        .collect(Collectors.joining("; "));
  }

  @Override
  protected String get(String setting) {
    return "show " + setting;
  }

  @Override
  protected Verdict verdict(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.startsWith("40")) {
      return state.equals("40003") ? Verdict.UNKNOWN : Verdict.ROLLED_BACK;
    }
    return state.equals("null") || state.startsWith("08") || state.startsWith("57P")
        ? Verdict.UNKNOWN
        : Verdict.NOT_DONE;
  }

  /** 20 ms, 40 ms and so on. */
  @Override
  protected Duration backoff(int tries) {
    return Duration.ofMillis(10L << tries);
  }

  @Override
  protected boolean isLockTimeout(SQLException e) {
    return "55P03".equals(e.getSQLState());
  }
}
