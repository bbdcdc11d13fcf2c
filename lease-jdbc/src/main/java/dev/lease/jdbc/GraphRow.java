package dev.lease.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A graph, whose row is locked: what of it may change. */
final class GraphRow {

  /** For how long a graph that is not complete waits for its next piece, in microseconds [Q72]. */
  static final long OPEN_FOR = 3_600_000_000L;

  final String id;
  boolean complete;

  /** Whether some of its jobs were discarded: it takes no piece until it is gone. */
  private boolean inRemoval;

  int parts;
  int jobs;

  /** How many of its parts have not ended. */
  int unended;

  /** Whether it has to be written. */
  boolean changed;

  private GraphRow(String id, boolean complete, int parts, int jobs, int unended) {
    this.id = id;
    this.complete = complete;
    this.parts = parts;
    this.jobs = jobs;
    this.unended = unended;
  }

  static GraphRow of(ResultSet row) throws SQLException {
    var graph =
        new GraphRow(
            row.getString("id"),
            row.getBoolean("complete"),
            row.getInt("parts"),
            row.getInt("jobs"),
            row.getInt("unended"));
    graph.inRemoval = row.getBoolean("in_removal");
    return graph;
  }

  boolean isInRemoval() {
    return inRemoval;
  }

  static RowBatch rows() {
    return new RowBatch(
        1,
        RowBatch.number("complete"),
        RowBatch.number("openFor"),
        RowBatch.number("parts"),
        RowBatch.number("jobs"),
        RowBatch.number("unended"),
        RowBatch.number("keep"),
        RowBatch.text("queue"),
        RowBatch.text("id"));
  }

  void addTo(RowBatch rows, String queue, long keep) {
    rows.add(
        complete ? 1L : 0L, OPEN_FOR, (long) parts, (long) jobs, (long) unended, keep, queue, id);
  }
}
