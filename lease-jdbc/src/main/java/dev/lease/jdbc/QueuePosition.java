package dev.lease.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** The position of a job in the order of claims. */
record QueuePosition(int priority, long dueAt, long seq) {

  /** Before all jobs. */
  static final QueuePosition START = new QueuePosition(-1, Long.MIN_VALUE, Long.MIN_VALUE);

  static QueuePosition of(ResultSet row) throws SQLException {
    return new QueuePosition(row.getInt("priority"), row.getLong("due_at"), row.getLong("seq"));
  }
}
