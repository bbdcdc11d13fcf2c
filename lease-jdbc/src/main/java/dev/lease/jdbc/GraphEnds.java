package dev.lease.jdbc;

import dev.lease.Job;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ends of jobs of graphs. Whatever ends a job notes an event in the same transaction, and locks
 * nothing else; a claim adds the events to the parts and lets jobs go [Q74]. One transaction at a
 * time works on a graph: the others leave its events to it, and look again.
 */
final class GraphEnds {

  private static final Logger log = LoggerFactory.getLogger(GraphEnds.class);

  /** How many events a claim takes, and how many jobs it lets go [Q79]. */
  static final int MOST = 1_000;

  /** How long claims look for what a caller's transaction has noted, in nanoseconds. */
  private static final long PATIENCE = 5_000_000_000L;

  private final Database database;
  private final KeySlots slots;
  private final Hints hints;
  private final Watermarks watermarks;
  private final Retention retention;

  /** The queues at which a claim of this process is at work. */
  private final Set<String> resolving = ConcurrentHashMap.newKeySet();

  /**
   * The graph behind which the next claim of a queue begins, so that one with very many events does
   * not keep the others.
   */
  private final Map<String, String> behind = new ConcurrentHashMap<>();

  /** The queues with a graph of which the jobs could not be let go. */
  private final Set<String> failing = ConcurrentHashMap.newKeySet();

  GraphEnds(
      Database database, KeySlots slots, Hints hints, Watermarks watermarks, Retention retention) {
    this.database = database;
    this.slots = slots;
    this.hints = hints;
    this.watermarks = watermarks;
    this.retention = retention;
  }

  /** Stores the events of jobs that have ended, and says so. */
  void note(Session session, Collection<JobEnd> ends) throws SQLException {
    Set<String> queues =
        ends.stream().filter(JobEnd::isOfGraph).map(JobEnd::queue).collect(Collectors.toSet());
    if (!queues.isEmpty()) {
      GraphEvents.store(session, ends);
      queues.forEach(queue -> tell(session, queue));
    }
  }

  private void tell(Session session, String queue) {
    if (session.isCallers()) {
      watermarks.arrived(queue, PATIENCE);
    } else {
      session.onCommit(() -> hints.signalArrival(queue));
    }
  }

  /** Notes that the part of a job that was requeued has not ended. */
  void runsAgain(Session session, Job before) throws SQLException {
    GraphEvents.storeAgain(session, before);
    tell(session, before.queue());
  }

  /** Leaves it to the next claim to let the first jobs of a graph go, if that is complete. */
  void begins(Session session, GraphRow graph, String queue) throws SQLException {
    if (graph.complete) {
      GraphEvents.storeMore(session, queue, List.of(graph.id));
      tell(session, queue);
    }
  }

  /** Whether the queue has a graph of which the jobs could not be let go. */
  boolean isFailing(String queue) {
    return failing.contains(queue);
  }

  /**
   * Adds what has ended to its parts, and lets jobs go. If there is too much, or it fails, a later
   * claim goes on. Whether it has not failed.
   */
  boolean resolve(Database.Calls calls, String queue) {
    boolean more = true;
    boolean failed = false;
    // Others of this process would only find the graphs locked.
    if (resolving.add(queue)) {
      try {
        more = resolveOnce(calls, queue);
      } catch (StoreException e) {
        log.debug("Cannot let jobs of graphs go, a later claim does: {}", Database.reason(e));
        failed = true;
      } finally {
        resolving.remove(queue);
      }
    }
    if (more) {
      watermarks.arrived(queue, 0);
    }
    return !failed;
  }

  /** Whether there may be more. */
  private boolean resolveOnce(Database.Calls calls, String queue) {
    String after = Objects.requireNonNullElse(behind.remove(queue), "");
    List<String> graphs =
        calls.read(
            "look for ends of jobs of graphs",
            session ->
                session
                    .statement(Sql.GRAPH_NEWS)
                    .bind("queue", queue)
                    .bind("after", after)
                    .bind("most", MOST)
                    .list(row -> row.getString(1)));
    boolean more = graphs.size() == MOST || !after.isEmpty();
    if (graphs.size() == MOST) {
      behind.put(queue, graphs.get(MOST - 1));
    }
    more |= !graphs.isEmpty() && resolve(calls, queue, graphs);
    if (!more && failing.remove(queue)) {
      log.info("Jobs of all graphs of queue {} can be let go again.", Limits.oneLine(queue));
    }
    return more;
  }

  /** The same for some graphs: one of them that fails does not keep the others for good. */
  private boolean resolve(Database.Calls calls, String queue, List<String> graphs) {
    try {
      return calls.transact("let jobs of graphs go", session -> resolve(session, queue, graphs));
    } catch (StoreException e) {
      if (e.isBusy() || e.isOutcomeUnknown()) {
        throw e;
      }
      if (graphs.size() > 1) {
        List<String> inTurn = new ArrayList<>(graphs);
        Collections.shuffle(inTurn);
        inTurn.forEach(graph -> resolve(calls, queue, List.of(graph)));
      } else if (failing.add(queue)) {
        log.warn(
            "Cannot let jobs of graph {} of queue {} go: {}. They wait, each claim tries again, and"
                + " other jobs run meanwhile.",
            Limits.oneLine(graphs.get(0)),
            Limits.oneLine(queue),
            Database.reason(e));
      }
      throw e;
    }
  }

  private boolean resolve(Session session, String queue, List<String> graphs) throws SQLException {
    List<GraphRow> locked = locked(session, queue, graphs);
    if (locked.isEmpty()) {
      return true;
    }
    GraphWork work = GraphWork.of(session, queue, locked, database, retention.failed());
    Optional<String> cut = work.take();
    boolean more = advance(session, queue, work) || work.isLeft();
    cut.ifPresent(graph -> behind.put(queue, graph));
    return cut.isPresent() || more || work.graphs() < graphs.size();
  }

  /** Lets jobs go, gives them slots, and says so. Whether there is more to do. */
  boolean advance(Session session, String queue, GraphWork work) throws SQLException {
    boolean more = work.advance(MOST);
    slots.passOn(session, work.keys());
    if (work.hasLetGo()) {
      session.onCommit(() -> hints.signal(queue));
    }
    return more;
  }

  private List<GraphRow> locked(Session session, String queue, List<String> graphs)
      throws SQLException {
    RowBatch rows = new RowBatch(graphs.size(), RowBatch.text("queue"), RowBatch.text("id"));
    graphs.forEach(graph -> rows.add(queue, graph));
    return database
        .statements()
        .listEach(session, session.texts(Sql.GRAPH_LOCK).get(1), rows, GraphRow::of);
  }

  /** Keeps jobs for longer that a purge would meet first, if others may want to read them [Q77]. */
  void keepNeeded(Session session, String queue, int limit) throws SQLException {
    List<String> texts = session.texts(Sql.GRAPH_POSTPONE);
    List<RowBatch.Name> needed =
        session
            .statement(texts.get(0))
            .bind("queue", queue)
            .bind("limit", limit)
            .list(RowBatch.Name::of);
    if (!needed.isEmpty()) {
      List<RowBatch.Name> free = database.statements().free(session, names(needed));
      database.statements().changeEach(session, texts.get(1), names(free));
    }
  }

  private static RowBatch names(List<RowBatch.Name> jobs) {
    var rows = new RowBatch(jobs.size(), RowBatch.text("queue"), RowBatch.text("id"));
    jobs.forEach(job -> rows.add(job.first(), job.second()));
    return rows;
  }

  /** Makes a graph unless it exists, and locks it until the transaction ends. */
  static GraphRow make(Session session, String queue, String graph) throws SQLException {
    Optional<GraphRow> made;
    // Whoever discards it at this moment is waited for only by the second statement.
    do {
      var unused =
          session
              .statement(Sql.GRAPH_MAKE)
              .bind("queue", queue)
              .bind("id", graph)
              .bind("openFor", GraphRow.OPEN_FOR)
              .update();
      made =
          session
              .statement(session.texts(Sql.GRAPH_LOCK).get(0))
              .bind("queue", queue)
              .bind("id", graph)
              .first(GraphRow::of);
    } while (made.isEmpty());
    return made.get();
  }
}
