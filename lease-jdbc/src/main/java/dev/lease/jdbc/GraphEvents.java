package dev.lease.jdbc;

import dev.lease.Job;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of graphs: rows that the next claim adds to the parts [Q74]. */
final class GraphEvents {

  /** A row of {@code lease_ended}; without an outcome it says that there is more to do. */
  record Event(long seq, String graph, String part, @Nullable String job, int outcome, int jobs) {
    static Event of(ResultSet row) throws SQLException {
      return new Event(
          row.getLong("seq"),
          row.getString("graph"),
          row.getString("part"),
          row.getString("job_id"),
          row.getInt("outcome"),
          row.getInt("jobs"));
    }
  }

  private record End(String queue, @Nullable String graph, @Nullable String part, int outcome) {}

  private GraphEvents() {}

  /** Stores that jobs have ended. Those of no graph are left out. */
  static void store(Session session, Collection<JobEnd> ends) throws SQLException {
    Map<End, Long> counts = new LinkedHashMap<>();
    for (JobEnd end : ends) {
      if (end.isOfGraph()) {
        counts.merge(new End(end.queue(), end.graph(), end.part(), end.outcome()), 1L, Long::sum);
      }
    }
    if (!counts.isEmpty()) {
      RowBatch rows = rows();
      counts.forEach(
          (end, jobs) -> rows.add(end.queue, end.graph, end.part, null, (long) end.outcome, jobs));
      add(session, rows);
    }
  }

  /** Stores that a job was requeued, so that its part has not ended. */
  static void storeAgain(Session session, Job before) throws SQLException {
    RowBatch rows = rows();
    rows.add(
        before.queue(),
        before.graph(),
        before.part(),
        before.id(),
        (long) -StateCodes.code(before.state()),
        1L);
    add(session, rows);
  }

  /** Stores that a job is still to be let go that runs again, and was counted. */
  static void storeLater(Session session, String queue, Event again) throws SQLException {
    RowBatch rows = rows();
    rows.add(queue, again.graph(), again.part(), again.job(), (long) again.outcome(), 0L);
    add(session, rows);
  }

  /** Stores that there is more to do for some graphs. */
  static void storeMore(Session session, String queue, Collection<String> graphs)
      throws SQLException {
    if (!graphs.isEmpty()) {
      RowBatch rows = rows();
      graphs.forEach(graph -> rows.add(queue, graph, "", null, null, 0L));
      add(session, rows);
    }
  }

  private static RowBatch rows() {
    return new RowBatch(
        1,
        RowBatch.text("queue"),
        RowBatch.text("graph"),
        RowBatch.text("part"),
        RowBatch.text("jobId"),
        RowBatch.number("outcome"),
        RowBatch.number("jobs"));
  }

  private static void add(Session session, RowBatch rows) throws SQLException {
    session.statement(Sql.GRAPH_ENDED).updateEach(rows);
  }
}
