package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.List;

/** Removes graphs that are over: those that nobody has completed in time, and old ones. */
final class GraphSweep {

  /** How many graphs a call looks at. */
  private static final int MOST = 100;

  private record Member(String part, long place, String job) {}

  private GraphSweep() {}

  /** Removes some jobs of such graphs, and what is left of the graphs. How many jobs. */
  static int sweep(Session session, String queue, int limit) throws SQLException {
    int removed = 0;
    for (boolean open : List.of(true, false)) {
      List<String> over =
          session
              .statement(session.texts(Sql.GRAPH_OLD).get(open ? 0 : 1))
              .bind("queue", queue)
              .bind("limit", MOST)
              .list(row -> row.getString(1));
      for (String graph : over) {
        if (removed < limit) {
          removed += remove(session, queue, graph, limit - removed, open);
        }
      }
    }
    return removed;
  }

  /** Removes some jobs of a graph that is not complete, and the graph with the last one. */
  static int discard(Session session, String queue, String graph, int limit) throws SQLException {
    boolean open =
        session
            .statement(session.texts(Sql.GRAPH_LOCK).get(0))
            .bind("queue", queue)
            .bind("id", graph)
            .first(row -> !row.getBoolean("complete"))
            .orElse(false);
    return open ? remove(session, queue, graph, limit, true) : 0;
  }

  private static int remove(
      Session session, String queue, String graph, int limit, boolean withJobs)
      throws SQLException {
    List<String> texts = session.texts(Sql.GRAPH_OLD);
    List<Member> members =
        session
            .statement(texts.get(2))
            .bind("queue", queue)
            .bind("graph", graph)
            .bind("limit", limit)
            .list(row -> new Member(row.getString(1), row.getLong(2), row.getString(3)));
    int removed = 0;
    if (!members.isEmpty()) {
      var places =
          new RowBatch(
              members.size(),
              RowBatch.text("queue"),
              RowBatch.text("graph"),
              RowBatch.text("part"),
              RowBatch.number("place"));
      members.forEach(member -> places.add(queue, graph, member.part, member.place));
      session.statement(texts.get(4)).updateEach(places);
      if (withJobs) {
        var jobs =
            new RowBatch(
                members.size(),
                RowBatch.text("queue"),
                RowBatch.text("id"),
                RowBatch.text("graph"));
        members.forEach(member -> jobs.add(queue, member.job, graph));
        var unused =
            session.statement(texts.get(3)).bind("queue", queue).bind("graph", graph).update();
        for (int count : session.statement(texts.get(5)).updateEach(jobs)) {
          removed += Math.max(0, count);
        }
      }
    }
    if (members.size() < limit) {
      for (int i = 6; i < texts.size(); i++) {
        var unused =
            session.statement(texts.get(i)).bind("queue", queue).bind("graph", graph).update();
      }
    }
    return removed;
  }
}
