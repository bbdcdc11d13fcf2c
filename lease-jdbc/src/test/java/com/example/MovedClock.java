package com.example;

import dev.lease.Micros;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Moves the time of a store, by what its dialect adds to the clock of the database. */
public final class MovedClock {

  private MovedClock() {}

  /** The words of a dialect, with the clock as it was moved. */
  public static Map<String, String> words(Map<String, String> words) {
    var moved = new HashMap<>(words);
    for (String clock : List.of("now", "asof")) {
      moved.computeIfPresent(
          clock, (word, text) -> "(" + text + " + (select moved from lease_test_clock))");
    }
    return moved;
  }

  /** Begins with a clock that was not moved. */
  public static void begin(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table lease_test_clock (moved bigint)");
      statement.execute("insert into lease_test_clock values (0)");
    }
  }

  /** Moves the time. */
  public static void advance(Connection connection, Duration by) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("update lease_test_clock set moved = moved + " + Micros.of(by));
    }
  }
}
