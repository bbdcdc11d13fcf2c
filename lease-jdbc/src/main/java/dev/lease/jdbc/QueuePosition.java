package dev.lease.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Where a job is in the order of claims, or before all. */
record QueuePosition(int priority, long dueAt, long seq) {

  static final QueuePosition START = new QueuePosition(-1, Long.MIN_VALUE, Long.MIN_VALUE);

  static QueuePosition of(ResultSet row) throws SQLException {
    return new QueuePosition(row.getInt("priority"), row.getLong("due_at"), row.getLong("seq"));
  }
}
