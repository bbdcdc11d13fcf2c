package dev.lease.jdbc;

import dev.lease.Enqueued;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stores pieces of graphs. */
final class GraphStore {

  private final Database database;
  private final JobOperations operations;
  private final GraphEnds ends;

  GraphStore(Database database, JobOperations operations, GraphEnds ends) {
    this.database = database;
    this.operations = operations;
    this.ends = ends;
  }

  /** Undoes a transaction that has found that it must not store a piece. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    final transient GraphAnswer answer;

    Refused(GraphAnswer answer) {
      super(answer.toString(), null, false, false);
      this.answer = answer;
    }
  }

  /**
   * Stores a piece.
   *
   * @throws Refused if it cannot be stored: the transaction has to be undone
   */
  GraphAnswer add(Session session, GraphPiece piece) throws SQLException {
    String queue = piece.queue();
    GraphRow graph = GraphEnds.make(session, queue, piece.graph());
    if (graph.complete) {
      return GraphAnswer.complete();
    }
    if (graph.isInRemoval()) {
      return GraphAnswer.differs();
    }
    Map<String, PartRow> parts = parts(session, piece);
    addParts(session, piece, graph, parts);
    addJobs(session, piece, graph, parts);
    GraphPiece.Total total = piece.total();
    if (total != null && (total.parts() != graph.parts || total.jobs() != graph.jobs)) {
      throw new Refused(GraphAnswer.differs());
    }
    graph.complete = total != null;
    graph.changed = true;
    GraphWork work =
        GraphWork.of(session, queue, List.of(graph), database, operations.retention().failed());
    parts.values().forEach(work::put);
    if (session.isCallers()) {
      // A claim lets the first jobs go, at a time after the commit.
      work.save();
      ends.begins(session, graph, queue);
    } else {
      ends.advance(session, queue, work);
    }
    return GraphAnswer.stored();
  }

  /**
   * Stores a piece in a transaction of the caller's. If it cannot, nothing of it stays there: the
   * caller may commit nevertheless.
   */
  GraphAnswer addForCaller(Session session, GraphPiece piece) throws SQLException {
    try {
      return StyleStatements.withSavepoint(session, database.dialect(), own -> add(own, piece));
    } catch (Refused e) {
      return e.answer;
    }
  }

  /** The parts that a piece names, as far as they are stored. */
  private Map<String, PartRow> parts(Session session, GraphPiece piece) throws SQLException {
    Set<String> names = new LinkedHashSet<>(piece.jobs().keySet());
    for (GraphPart part : piece.parts()) {
      names.add(part.name());
      names.addAll(part.after().keySet());
    }
    var rows =
        new RowBatch(
            names.size(), RowBatch.text("queue"), RowBatch.text("graph"), RowBatch.text("name"));
    names.forEach(name -> rows.add(piece.queue(), piece.graph(), name));
    Map<String, PartRow> found = new HashMap<>();
    database
        .statements()
        .listEach(session, session.texts(Sql.GRAPH_PARTS).get(0), rows, PartRow::of)
        .forEach(part -> found.put(part.name, part));
    return found;
  }

  private void addParts(
      Session session, GraphPiece piece, GraphRow graph, Map<String, PartRow> parts)
      throws SQLException {
    var rows =
        new RowBatch(
            0,
            RowBatch.text("queue"),
            RowBatch.text("graph"),
            RowBatch.text("name"),
            RowBatch.number("place"),
            RowBatch.number("todo"),
            RowBatch.number("waits"));
    var edges =
        new RowBatch(
            0,
            RowBatch.text("queue"),
            RowBatch.text("graph"),
            RowBatch.text("part"),
            RowBatch.number("place"),
            RowBatch.text("parent"),
            RowBatch.number("onFailure"));
    List<GraphPart> again = new ArrayList<>();
    for (GraphPart part : piece.parts()) {
      if (parts.containsKey(part.name())) {
        again.add(part);
        continue;
      }
      if (!parts.keySet().containsAll(part.after().keySet())) {
        throw new Refused(GraphAnswer.differs());
      }
      int waits = part.after().size();
      rows.add(
          piece.queue(),
          piece.graph(),
          part.name(),
          (long) graph.parts,
          waits == 0 ? 1L : 0L,
          (long) waits);
      long place = 0;
      for (Map.Entry<String, OnFailure> edge : part.after().entrySet()) {
        edges.add(
            piece.queue(),
            piece.graph(),
            part.name(),
            place++,
            edge.getKey(),
            (long) GraphWork.code(edge.getValue()));
      }
      parts.put(part.name(), new PartRow(piece.graph(), part.name(), graph.parts, waits));
      graph.parts++;
      graph.unended++;
    }
    if (!again.isEmpty()
        && !definitions(session, piece.queue(), piece.graph(), names(again)).equals(again)) {
      throw new Refused(GraphAnswer.differs());
    }
    if (rows.size() > 0) {
      session.statement(Sql.GRAPH_PART_ADD).updateEach(rows);
    }
    if (edges.size() > 0) {
      session.statement(Sql.GRAPH_EDGE_ADD).updateEach(edges);
    }
  }

  private static List<String> names(List<GraphPart> parts) {
    return parts.stream().map(GraphPart::name).toList();
  }

  /** What some parts wait for. */
  List<GraphPart> definitions(Session session, String queue, String graph, List<String> names)
      throws SQLException {
    var rows =
        new RowBatch(
            names.size(), RowBatch.text("queue"), RowBatch.text("graph"), RowBatch.text("part"));
    names.forEach(name -> rows.add(queue, graph, name));
    Map<String, Map<String, OnFailure>> found = new HashMap<>();
    names.forEach(name -> found.put(name, new LinkedHashMap<>()));
    database
        .statements()
        .listEach(session, session.texts(Sql.GRAPH_EDGES).get(1), rows, GraphWork.Edge::of)
        .forEach(
            edge ->
                Objects.requireNonNull(found.get(edge.part().part()))
                    .put(edge.parent().part(), edge.onFailure()));
    return names.stream()
        .map(name -> GraphPart.of(name, Objects.requireNonNull(found.get(name))))
        .toList();
  }

  private void addJobs(
      Session session, GraphPiece piece, GraphRow graph, Map<String, PartRow> parts)
      throws SQLException {
    if (!parts.keySet().containsAll(piece.jobs().keySet())) {
      throw new Refused(GraphAnswer.differs());
    }
    List<NewJob> jobs = piece.allJobs();
    List<Enqueued> answers = jobs.isEmpty() ? List.of() : operations.enqueueInGraph(session, piece);
    Set<String> made = new HashSet<>();
    List<NewJob> others = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      if (answers.get(i).created()) {
        made.add(jobs.get(i).id());
      } else {
        others.add(jobs.get(i));
      }
    }
    // Before the look at what may be deleted: one that is deleted in between is seen there.
    Map<String, Place> places = places(session, others);
    List<NewJob> again = graph.jobs == 0 ? List.of() : storedBefore(session, piece);
    List<NewJob> deleted = again.stream().filter(job -> made.remove(job.id())).toList();
    operations.takeBack(session, deleted);
    others.removeAll(again);
    requireStored(piece, others, places);
    var members =
        new RowBatch(
            made.size(),
            RowBatch.text("queue"),
            RowBatch.text("graph"),
            RowBatch.text("part"),
            RowBatch.number("place"),
            RowBatch.text("jobId"));
    piece
        .jobs()
        .forEach(
            (name, of) -> {
              PartRow part = Objects.requireNonNull(parts.get(name));
              for (NewJob job : of) {
                if (made.contains(job.id())) {
                  members.add(piece.queue(), piece.graph(), name, (long) part.jobs, job.id());
                  part.jobs++;
                  graph.jobs++;
                }
              }
            });
    if (members.size() > 0) {
      session.statement(Sql.GRAPH_MEMBER_ADD).updateEach(members);
    }
  }

  /**
   * The jobs of a piece that were stored of their part before, if any of the graph may be deleted.
   * Those do not come back [Q78].
   */
  private static List<NewJob> storedBefore(Session session, GraphPiece piece) throws SQLException {
    Map<String, Set<String>> stored = new HashMap<>();
    session
        .statement(session.texts(Sql.GRAPH_STORED).get(1))
        .bind("queue", piece.queue())
        .bind("graph", piece.graph())
        .list(
            row ->
                stored
                    .computeIfAbsent(row.getString(1), part -> new HashSet<>())
                    .add(row.getString(2)));
    List<NewJob> again = new ArrayList<>();
    piece
        .jobs()
        .forEach(
            (part, of) ->
                of.stream()
                    .filter(job -> stored.getOrDefault(part, Set.of()).contains(job.id()))
                    .forEach(again::add));
    return again;
  }

  /** Where a job is. */
  private record Place(String job, @Nullable String graph, @Nullable String part) {
    static Place of(ResultSet row) throws SQLException {
      return new Place(row.getString("id"), row.getString("graph"), row.getString("part"));
    }

    boolean isThatOf(@Nullable Place other) {
      return other != null
          && Objects.equals(graph, other.graph)
          && Objects.equals(part, other.part);
    }
  }

  private Map<String, Place> places(Session session, List<NewJob> jobs) throws SQLException {
    Map<String, Place> places = new HashMap<>();
    if (!jobs.isEmpty()) {
      var rows = new RowBatch(jobs.size(), RowBatch.text("queue"), RowBatch.text("id"));
      jobs.forEach(job -> rows.add(job.queue(), job.id()));
      database
          .statements()
          .listEach(session, session.texts(Sql.GRAPH_STORED).get(0), rows, Place::of)
          .forEach(place -> places.put(place.job, place));
    }
    return places;
  }

  /** Refuses the piece if one of these jobs is not of its part already. */
  private static void requireStored(
      GraphPiece piece, List<NewJob> jobs, Map<String, Place> places) {
    Set<NewJob> others = new HashSet<>(jobs);
    for (Map.Entry<String, List<NewJob>> of : piece.jobs().entrySet()) {
      var own = new Place("", piece.graph(), of.getKey());
      for (NewJob job : of.getValue()) {
        if (others.contains(job) && !own.isThatOf(places.get(job.id()))) {
          throw new Refused(GraphAnswer.taken(job.id()));
        }
      }
    }
  }
}
