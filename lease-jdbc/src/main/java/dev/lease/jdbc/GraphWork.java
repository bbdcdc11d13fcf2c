package dev.lease.jdbc;

import static java.util.stream.Collectors.toMap;

import dev.lease.OnFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction does to some graphs of a queue, whose rows it has locked: it adds ends of
 * jobs to their parts, tells the parts after those that are over, and does to the jobs of a part
 * what its stage says, up to a number.
 */
final class GraphWork {

  private static final List<OnFailure> POLICIES = List.of(OnFailure.values());

  private final Session session;
  private final String queue;
  private final Map<String, GraphRow> graphs;
  private final StyleStatements statements;
  private final long keep;
  private final Map<Name, PartRow> parts = new LinkedHashMap<>();
  private final Set<JobKey> keys = new HashSet<>();
  private boolean letGo;
  private boolean isLeft;

  /** Parts whose next job somebody else has locked. */
  private final Set<PartRow> stuck = new HashSet<>();

  /** Whether there may be parts with something to do that nobody has read. */
  private boolean unread;

  record Name(String graph, String part) {}

  /** That a part waits for another. */
  record Edge(Name part, Name parent, OnFailure onFailure) {
    static Edge of(ResultSet row) throws SQLException {
      String graph = row.getString("graph");
      return new Edge(
          new Name(graph, row.getString("part")),
          new Name(graph, row.getString("parent")),
          POLICIES.get(row.getInt("on_failure")));
    }
  }

  private record Member(int place, String id, @Nullable String key, boolean isThere) {}

  private GraphWork(
      Session session,
      String queue,
      Map<String, GraphRow> graphs,
      StyleStatements statements,
      long keep) {
    this.session = session;
    this.queue = queue;
    this.graphs = graphs;
    this.statements = statements;
    this.keep = keep;
  }

  /**
   * @param locked the graphs
   * @param keep how long a job that it cancels is kept, and a graph that has ended, at least
   */
  static GraphWork of(
      Session session, String queue, List<GraphRow> locked, Database database, long keep) {
    return new GraphWork(
        session,
        queue,
        locked.stream().collect(toMap(graph -> graph.id, graph -> graph)),
        database.statements(),
        keep);
  }

  int graphs() {
    return graphs.size();
  }

  /** The keys of jobs that it has let go. */
  Set<JobKey> keys() {
    return keys;
  }

  boolean hasLetGo() {
    return letGo;
  }

  static int code(OnFailure onFailure) {
    return POLICIES.indexOf(onFailure);
  }

  /** Notes a part that the transaction has made. */
  void put(PartRow part) {
    parts.put(new Name(part.graph, part.name), part);
  }

  /**
   * Takes events of its graphs and adds them to their parts.
   *
   * @return the graph of the last one if there may be more, in that graph or behind it
   */
  Optional<String> take() throws SQLException {
    var rows = new RowBatch(graphs.size(), RowBatch.text("queue"), RowBatch.text("graph"));
    graphs.keySet().forEach(graph -> rows.add(queue, graph));
    List<String> texts = session.texts(Sql.GRAPH_TAKE);
    List<GraphEvents.Event> found =
        statements.listEach(session, texts.get(0), rows, GraphEvents.Event::of);
    var taken =
        new RowBatch(
            found.size(), RowBatch.text("queue"), RowBatch.text("graph"), RowBatch.number("seq"));
    found.forEach(event -> taken.add(queue, event.graph(), event.seq()));
    statements.removeEvents(session, texts.get(1), taken);
    List<GraphEvents.Event> ends = found.stream().filter(event -> event.outcome() != 0).toList();
    load(ends.stream().map(event -> new Name(event.graph(), event.part())).toList());
    for (GraphEvents.Event end : ends) {
      PartRow part = parts.get(new Name(end.graph(), end.part()));
      if (part != null) {
        part.add(
            StateCodes.state(Math.abs(end.outcome())), Integer.signum(end.outcome()) * end.jobs());
      }
    }
    // A part before it may go on too: then the part of such a job waits again, and the job with it.
    tellAll();
    for (GraphEvents.Event again : ends) {
      PartRow part = parts.get(new Name(again.graph(), again.part()));
      if (again.job() != null && part != null && isLetGo(part)) {
        var job = new Member(0, again.job(), key(again.job()), true);
        if (beforeLocked(List.of(job)).isEmpty()
            || (part.stage == PartRow.CANCELLED && hasMoreAgain(part.graph))) {
          GraphEvents.storeLater(session, queue, again);
          isLeft = true;
        } else {
          go(part, List.of(job));
        }
      }
    }
    return found.size() < GraphEnds.MOST
        ? Optional.empty()
        : Optional.of(found.get(found.size() - 1).graph());
  }

  /**
   * Whether a job of a graph was requeued since the events were taken. Asked when the row of a job
   * is locked: if that was requeued meanwhile too, it may have to wait for the other one.
   */
  private boolean hasMoreAgain(String graph) throws SQLException {
    return session
        .statement(Sql.GRAPH_AGAIN)
        .bind("queue", queue)
        .bind("graph", graph)
        .first(row -> true)
        .isPresent();
  }

  /** Whether a job that runs again is left to a later claim. */
  boolean isLeft() {
    return isLeft;
  }

  private static boolean isLetGo(PartRow part) {
    return part.stage == PartRow.RUNS || part.stage == PartRow.CANCELLED;
  }

  private @Nullable String key(String id) throws SQLException {
    List<String> found = new ArrayList<>();
    session
        .statement(Sql.JOB_FIND)
        .bind("queue", queue)
        .bind("id", id)
        .list(row -> row.getString("job_key") == null || found.add(row.getString("job_key")));
    return found.isEmpty() ? null : found.get(0);
  }

  private void load(Collection<Name> names) throws SQLException {
    Set<Name> missing = new LinkedHashSet<>(names);
    missing.removeAll(parts.keySet());
    if (missing.isEmpty()) {
      return;
    }
    RowBatch rows = rows("name", missing);
    statements
        .listEach(session, session.texts(Sql.GRAPH_PARTS).get(0), rows, PartRow::of)
        .forEach(this::put);
  }

  private RowBatch rows(String column, Collection<Name> names) {
    var rows =
        new RowBatch(
            names.size(), RowBatch.text("queue"), RowBatch.text("graph"), RowBatch.text(column));
    names.forEach(name -> rows.add(queue, name.graph, name.part));
    return rows;
  }

  /**
   * Goes on as long as there is something to do, and writes all that has changed.
   *
   * @param most how many jobs it moves
   * @return whether there is more to do
   */
  boolean advance(int most) throws SQLException {
    int left = most;
    Set<String> going =
        graphs.values().stream()
            .filter(graph -> graph.complete)
            .map(graph -> graph.id)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    boolean first = true;
    while (true) {
      tellAll();
      List<PartRow> todo = todo(going, first);
      first = false;
      if (todo.isEmpty() || left <= 0) {
        save();
        Set<String> more = new LinkedHashSet<>();
        todo.forEach(part -> more.add(part.graph));
        stuck.forEach(part -> more.add(part.graph));
        if (unread) {
          more.addAll(going);
        }
        GraphEvents.storeMore(session, queue, more);
        return !more.isEmpty();
      }
      for (PartRow part : todo) {
        if (left > 0) {
          left -= Math.max(1, move(part, left));
        }
      }
    }
  }

  /** The parts that have something to do; those that nobody has read come with the first call. */
  private List<PartRow> todo(Set<String> going, boolean reads) throws SQLException {
    if (reads && !going.isEmpty()) {
      RowBatch rows = new RowBatch(going.size(), RowBatch.text("queue"), RowBatch.text("graph"));
      going.forEach(graph -> rows.add(queue, graph));
      List<PartRow> found =
          statements.listEach(session, session.texts(Sql.GRAPH_PARTS).get(1), rows, PartRow::of);
      found.forEach(part -> parts.putIfAbsent(new Name(part.graph, part.name), part));
      unread = found.size() >= GraphEnds.MOST;
    }
    return parts.values().stream()
        .filter(part -> part.todo && going.contains(part.graph) && !stuck.contains(part))
        .toList();
  }

  /** Tells the parts after those of which something has changed for them, until nothing does. */
  private void tellAll() throws SQLException {
    List<PartRow> changed = changed();
    while (!changed.isEmpty()) {
      List<Edge> edges =
          statements.listEach(
              session,
              session.texts(Sql.GRAPH_EDGES).get(0),
              rows(
                  "parent", changed.stream().map(part -> new Name(part.graph, part.name)).toList()),
              Edge::of);
      load(edges.stream().map(Edge::part).toList());
      for (Edge edge : edges) {
        tell(
            Objects.requireNonNull(parts.get(edge.parent)),
            Objects.requireNonNull(parts.get(edge.part)),
            edge.onFailure);
      }
      for (PartRow part : changed) {
        GraphRow graph = Objects.requireNonNull(graphs.get(part.graph));
        graph.changed = true;
        graph.unended += (part.toldOver ? 1 : 0) - (part.isOver() ? 1 : 0);
        part.toldOver = part.isOver();
        part.toldFailed = part.hasFailed();
      }
      changed = changed();
    }
  }

  private List<PartRow> changed() {
    return parts.values().stream()
        .filter(part -> part.isOver() != part.toldOver || part.hasFailed() != part.toldFailed)
        .toList();
  }

  private static void tell(PartRow parent, PartRow part, OnFailure onFailure) {
    part.waits += (parent.toldOver ? 1 : 0) - (parent.isOver() ? 1 : 0);
    if (onFailure == OnFailure.CANCEL) {
      part.spoiled += (parent.hasFailed() ? 1 : 0) - (parent.toldFailed ? 1 : 0);
    }
    if (part.stage == PartRow.WAITS) {
      part.todo = part.waits == 0;
    } else if (part.stage == PartRow.CANCELLED && (part.waits > 0 || part.spoiled == 0)) {
      part.enter(PartRow.TAKEN_BACK);
    }
  }

  /** Does to some jobs of a part what its stage says. How many that were. */
  private int move(PartRow part, int most) throws SQLException {
    if (part.stage == PartRow.WAITS) {
      part.enter(part.spoiled > 0 ? PartRow.CANCELLED : PartRow.RUNS);
    }
    List<Member> next = part.moved < part.jobs ? members(part, most) : List.of();
    List<Member> members = beforeLocked(next);
    if (!members.isEmpty()) {
      switch (part.stage) {
        case PartRow.RUNS -> go(part, members);
        case PartRow.CANCELLED -> part.cancelled += cancel(part, members);
        default -> part.cancelled -= change(Sql.GRAPH_TAKE_BACK, part, members);
      }
      part.moved = members.get(members.size() - 1).place + 1;
    }
    if (members.size() < next.size()) {
      stuck.add(part);
    } else if (members.size() < most || part.moved >= part.jobs) {
      part.moved = part.jobs;
      part.todo = false;
      if (part.stage == PartRow.TAKEN_BACK) {
        part.stage = PartRow.WAITS;
        part.todo = part.waits == 0;
      }
    }
    return members.size();
  }

  /**
   * The first of some jobs, up to one whose row somebody else has locked: nobody waits for that.
   */
  private List<Member> beforeLocked(List<Member> members) throws SQLException {
    List<Member> there = members.stream().filter(Member::isThere).toList();
    if (there.isEmpty()) {
      return members;
    }
    var rows = new RowBatch(there.size(), RowBatch.text("queue"), RowBatch.text("id"));
    there.forEach(member -> rows.add(queue, member.id));
    Set<RowBatch.Name> free = new HashSet<>(statements.free(session, rows));
    return members.stream()
        .takeWhile(member -> !member.isThere || free.contains(new RowBatch.Name(queue, member.id)))
        .toList();
  }

  private List<Member> members(PartRow part, int most) throws SQLException {
    return session
        .statement(Sql.GRAPH_MEMBERS)
        .bind("queue", queue)
        .bind("graph", part.graph)
        .bind("part", part.name)
        .bind("begin", part.moved)
        .bind("limit", most)
        .list(
            row ->
                new Member(row.getInt(1), row.getString(2), row.getString(3), row.getBoolean(4)));
  }

  private void go(PartRow part, List<Member> members) throws SQLException {
    letGo |= change(Sql.GRAPH_GO, part, members) > 0;
    members.stream()
        .map(Member::key)
        .filter(Objects::nonNull)
        .forEach(key -> keys.add(new JobKey(queue, key)));
  }

  private int cancel(PartRow part, List<Member> members) throws SQLException {
    // The statement reads what parts have come to.
    save();
    String failed =
        session
            .statement(session.texts(Sql.GRAPH_EDGES).get(2))
            .bind("queue", queue)
            .bind("graph", part.graph)
            .bind("part", part.name)
            .first(row -> row.getString(1))
            .orElse("");
    var rows =
        new RowBatch(
            members.size(),
            RowBatch.text("error"),
            RowBatch.number("keep"),
            RowBatch.text("queue"),
            RowBatch.text("id"),
            RowBatch.text("graph"));
    members.forEach(
        member -> rows.add("part " + failed + " failed", keep, queue, member.id, part.graph));
    return statements.changeEach(session, session.texts(Sql.GRAPH_CANCEL).get(0), rows);
  }

  private int change(Sql sql, PartRow part, List<Member> members) throws SQLException {
    var rows =
        new RowBatch(
            members.size(), RowBatch.text("queue"), RowBatch.text("id"), RowBatch.text("graph"));
    members.forEach(member -> rows.add(queue, member.id, part.graph));
    return statements.changeEach(session, session.texts(sql).get(0), rows);
  }

  /** Writes what has changed. */
  void save() throws SQLException {
    RowBatch changed = PartRow.rows();
    parts.values().forEach(part -> part.addTo(changed, queue));
    if (changed.size() > 0) {
      session.statement(Sql.GRAPH_PART_SET).updateEach(changed);
    }
    RowBatch changedGraphs = GraphRow.rows();
    graphs.values().stream()
        .filter(graph -> graph.changed)
        .forEach(graph -> graph.addTo(changedGraphs, queue, keep));
    if (changedGraphs.size() > 0) {
      session.statement(Sql.GRAPH_SET).updateEach(changedGraphs);
    }
  }
}
