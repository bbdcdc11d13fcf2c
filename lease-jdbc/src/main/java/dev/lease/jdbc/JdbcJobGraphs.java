package dev.lease.jdbc;

import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.OnFailure;
import dev.lease.PartPage;
import dev.lease.PartState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The graphs of jobs. */
final class JdbcJobGraphs implements JobGraphs {

  private final Database database;
  private final GraphStore store;
  private final Hints hints;

  JdbcJobGraphs(Database database, GraphStore store, Hints hints) {
    this.database = database;
    this.store = store;
    this.hints = hints;
  }

  @Override
  public GraphAnswer add(GraphPiece piece) {
    Limits.notNull("piece", piece);
    GraphAnswer answer;
    try {
      answer =
          database
              .on(Lane.OTHERS)
              .transact("store a piece of a graph", session -> store.add(session, piece));
    } catch (GraphStore.Refused e) {
      return e.answer;
    }
    if (piece.total() != null && answer.kind() == GraphAnswer.Kind.STORED) {
      hints.signalArrival(piece.queue());
    }
    return answer;
  }

  @Override
  public int discard(String queue, String graph, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.limit(limit);
    return database
        .on(Lane.OPERATORS)
        .transact("discard a graph", session -> GraphSweep.discard(session, queue, graph, limit));
  }

  private <T> T read(String what, Session.Work<T> work) {
    return database.on(Lane.OTHERS).read(what, work);
  }

  @Override
  public Optional<GraphState> find(String queue, String graph) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    return read("find a graph", session -> find(session, queue, graph));
  }

  private static Optional<GraphState> find(Session session, String queue, String graph)
      throws SQLException {
    return session
        .statement(Sql.GRAPH_FIND)
        .bind("queue", queue)
        .bind("id", graph)
        .first(
            row ->
                GraphState.builder(
                        queue,
                        graph,
                        Micros.instant(row.getLong("created_at")),
                        Micros.instant(row.getLong("as_of")))
                    .complete(row.getBoolean("complete"))
                    .size(row.getInt("parts"), row.getInt("jobs"))
                    .ended(row.getInt("done"), row.getInt("failed"), row.getInt("cancelled"))
                    .build());
  }

  @Override
  public PartPage parts(String queue, String graph, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    if (after != null) {
      Limits.name("after", after);
    }
    Limits.limit(limit);
    return read("list the parts of a graph", session -> parts(session, queue, graph, after, limit));
  }

  private PartPage parts(
      Session session, String queue, String graph, @Nullable String after, int limit)
      throws SQLException {
    List<PartRow> rows =
        session
            .statement(session.texts(Sql.GRAPH_PARTS).get(2))
            .bind("queue", queue)
            .bind("graph", graph)
            .bind("after", after)
            .bind("limit", limit + 1)
            .list(PartRow::of);
    List<PartRow> page = rows.subList(0, Math.min(limit, rows.size()));
    List<GraphPart> definitions =
        store.definitions(session, queue, graph, page.stream().map(part -> part.name).toList());
    List<PartState> states = new ArrayList<>();
    for (int i = 0; i < page.size(); i++) {
      PartRow part = page.get(i);
      states.add(
          PartState.of(
              definitions.get(i), part.shown(), part.jobs, part.done, part.failed, part.cancelled));
    }
    return PartPage.of(states, rows.size() > limit ? page.get(limit - 1).name : null);
  }

  @Override
  public JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.name("part", part);
    Limits.limit(limit);
    GraphCursor begin = GraphCursor.of(after);
    return read(
        "list the jobs of a part",
        session ->
            page(
                session, queue, List.of(new GraphCursor.Source(graph, part, false)), begin, limit));
  }

  @Override
  public JobPage parents(String queue, String id, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.limit(limit);
    GraphCursor begin = GraphCursor.of(after);
    return read(
        "list the parents of a job",
        session -> page(session, queue, sources(session, queue, id), begin, limit));
  }

  /** The parts before that of a job. */
  private List<GraphCursor.Source> sources(Session session, String queue, String id)
      throws SQLException {
    Optional<Job> job =
        session.statement(Sql.JOB_FIND).bind("queue", queue).bind("id", id).first(RowMappers::job);
    String graph = job.map(Job::graph).orElse(null);
    String part = job.map(Job::part).orElse(null);
    if (graph == null || part == null) {
      return List.of();
    }
    return store
        .definitions(session, queue, graph, List.of(part))
        .get(0)
        .after()
        .entrySet()
        .stream()
        .map(
            edge ->
                new GraphCursor.Source(graph, edge.getKey(), edge.getValue() == OnFailure.IGNORE))
        .toList();
  }

  private static JobPage page(
      Session session, String queue, List<GraphCursor.Source> sources, GraphCursor begin, int limit)
      throws SQLException {
    List<Job> jobs = new ArrayList<>();
    int examined = 0;
    for (int i = begin.source(); i < sources.size(); i++) {
      GraphCursor.Source source = sources.get(i);
      int from = i == begin.source() ? begin.place() : 0;
      int wanted = limit - examined;
      if (wanted == 0) {
        return JobPage.of(jobs, new GraphCursor(i, 0).toString(), examined);
      }
      List<Integer> places = new ArrayList<>();
      List<Job> found =
          session
              .statement(Sql.GRAPH_JOBS)
              .bind("queue", queue)
              .bind("graph", source.graph())
              .bind("part", source.part())
              .bind("begin", from)
              .bind("limit", wanted)
              .list(
                  row -> {
                    places.add(row.getInt("member"));
                    return RowMappers.job(row);
                  });
      examined += found.size();
      found.stream()
          .filter(job -> !source.onlyDone() || job.state() == JobState.DONE)
          .forEach(jobs::add);
      if (found.size() == wanted) {
        int next = places.get(wanted - 1) + 1;
        return JobPage.of(jobs, new GraphCursor(i, next).toString(), examined);
      }
    }
    return JobPage.of(jobs, null, examined);
  }
}
