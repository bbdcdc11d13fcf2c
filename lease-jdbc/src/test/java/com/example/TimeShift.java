package com.example;

import dev.lease.Micros;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** Moves the time of a store, by a shift of all stored times into the past. */
public final class TimeShift {

  private static final List<String> SHIFTS =
      List.of(
          "update lease_job set due_at = due_at - %1$d, created_at = created_at - %1$d,"
              + " not_after = not_after - %1$d, dedup_until = dedup_until - %1$d,"
              + " finished_at = finished_at - %1$d, kept_until = kept_until - %1$d,"
              + " expires_at = case when expires_at = 0 then 0 else expires_at - %1$d end",
          "update lease_checkpoint set kept_at = kept_at - %1$d",
          "update lease_attempt set failed_at = failed_at - %1$d",
          "update lease_action set acted_at = acted_at - %1$d",
          "update lease_lease set expires_at = expires_at - %1$d");

  private TimeShift() {}

  /** Moves the time. */
  public static void advance(Connection connection, Duration by) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String shift : SHIFTS) {
        statement.execute(shift.formatted(Micros.of(by)));
      }
    }
  }
}
