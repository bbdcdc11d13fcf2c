package dev.lease.jdbc;

import dev.lease.Limits;
import java.sql.SQLException;
import java.util.List;

/** Removes graphs that are over: those that nobody has completed in time, and old ones. */
final class GraphSweep {

  /** How many graphs a call looks at. */
  private static final int MOST = 10;

  private record Member(String part, long place, String job, boolean isThere) {}

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
        if (!open) {
          removeOld(session, queue, graph);
        } else if (removed < limit) {
          removed += remove(session, queue, graph, limit - removed);
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
    return open ? remove(session, queue, graph, limit) : 0;
  }

  /** Removes jobs of a graph that is not complete, and the graph with the last of them. */
  private static int remove(Session session, String queue, String graph, int limit)
      throws SQLException {
    List<String> texts = session.texts(Sql.GRAPH_OLD);
    int removed = 0;
    while (removed < limit) {
      int wanted = limit - removed;
      List<Member> members = members(session, queue, graph, wanted);
      forget(session, queue, graph, members);
      removed += delete(session, queue, graph, members);
      if (members.size() < wanted) {
        removeRest(session, queue, graph);
        return removed;
      }
      run(session, texts.get(3), queue, graph);
    }
    return removed;
  }

  /** Removes a graph that ended long ago, unless a job of it is still there. */
  private static void removeOld(Session session, String queue, String graph) throws SQLException {
    List<Member> members = members(session, queue, graph, Limits.MAX_BATCH);
    List<Member> gone = members.stream().filter(member -> !member.isThere).toList();
    forget(session, queue, graph, gone);
    if (gone.size() < members.size()) {
      run(session, session.texts(Sql.GRAPH_OLD).get(4), queue, graph);
    } else if (members.size() < Limits.MAX_BATCH) {
      removeRest(session, queue, graph);
    }
  }

  private static List<Member> members(Session session, String queue, String graph, int limit)
      throws SQLException {
    return session
        .statement(session.texts(Sql.GRAPH_OLD).get(2))
        .bind("queue", queue)
        .bind("graph", graph)
        .bind("limit", limit)
        .list(
            row ->
                new Member(row.getString(1), row.getLong(2), row.getString(3), row.getBoolean(4)));
  }

  private static void forget(Session session, String queue, String graph, List<Member> members)
      throws SQLException {
    if (members.isEmpty()) {
      return;
    }
    var places =
        new RowBatch(
            members.size(),
            RowBatch.text("queue"),
            RowBatch.text("graph"),
            RowBatch.text("part"),
            RowBatch.number("place"));
    members.forEach(member -> places.add(queue, graph, member.part, member.place));
    session.statement(session.texts(Sql.GRAPH_OLD).get(5)).updateEach(places);
  }

  /** Deletes jobs that have never run; how many. */
  private static int delete(Session session, String queue, String graph, List<Member> members)
      throws SQLException {
    if (members.isEmpty()) {
      return 0;
    }
    var jobs =
        new RowBatch(
            members.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.text("graph"));
    members.forEach(member -> jobs.add(queue, member.job, graph));
    int deleted = 0;
    for (int count : session.statement(session.texts(Sql.GRAPH_OLD).get(6)).updateEach(jobs)) {
      deleted += Math.max(0, count);
    }
    return deleted;
  }

  private static void removeRest(Session session, String queue, String graph) throws SQLException {
    List<String> texts = session.texts(Sql.GRAPH_OLD);
    for (String text : texts.subList(7, texts.size())) {
      run(session, text, queue, graph);
    }
  }

  private static void run(Session session, String text, String queue, String graph)
      throws SQLException {
    var unused = session.statement(text).bind("queue", queue).bind("graph", graph).update();
  }
}
