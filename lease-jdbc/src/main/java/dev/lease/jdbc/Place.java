package dev.lease.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Where a job is in the order of claims, or before all. */
record Place(int priority, long dueAt, long seq) {

  static final Place START = new Place(-1, Long.MIN_VALUE, Long.MIN_VALUE);

  static Place of(ResultSet row) throws SQLException {
    return new Place(row.getInt("priority"), row.getLong("due_at"), row.getLong("seq"));
  }
}
