package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.List;

/**
 * A part of a queue that a look searches: one priority, from a place (inclusive) to another one
 * (exclusive), in the order of due time and sequence number.
 */
record ClaimRange(int priority, long due, long seq, long toDue, long toSeq) {

  /** Binds where ranges begin, as {@code priority0, due0, seq0, priority1, ..}. */
  static NamedStatement bindBegins(List<ClaimRange> ranges, NamedStatement statement)
      throws SQLException {
    for (int i = 0; i < ranges.size(); i++) {
      ClaimRange range = ranges.get(i);
      statement
          .bind("priority" + i, range.priority)
          .bind("due" + i, range.due)
          .bind("seq" + i, range.seq);
    }
    return statement;
  }

  /** Binds where ranges end, as {@code toDue0, toSeq0, toDue1, ..}. */
  static NamedStatement bindEnds(List<ClaimRange> ranges, NamedStatement statement)
      throws SQLException {
    for (int i = 0; i < ranges.size(); i++) {
      statement.bind("toDue" + i, ranges.get(i).toDue).bind("toSeq" + i, ranges.get(i).toSeq);
    }
    return statement;
  }

  /** A range without an end. */
  static ClaimRange from(int priority, long due, long seq) {
    return new ClaimRange(priority, due, seq, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  boolean contains(QueuePosition place) {
    return priority == place.priority()
        && !isBefore(place.dueAt(), place.seq(), due, seq)
        && isBefore(place.dueAt(), place.seq(), toDue, toSeq);
  }

  /** Whether a place is where the range begins, or before it. */
  boolean isAtOrBehind(long placeDue, long placeSeq) {
    return !isBefore(due, seq, placeDue, placeSeq);
  }

  private static boolean isBefore(long due, long seq, long otherDue, long otherSeq) {
    return due < otherDue || (due == otherDue && seq < otherSeq);
  }
}
