package dev.lease.testkit;

import dev.lease.testkit.Event.Added;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Operated;
import dev.lease.testkit.Event.Operated.Act;
import dev.lease.testkit.Event.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The laws of graphs, for a history of jobs that fail and crash as often as they like. As in {@link
 * HistoryCheck}, a law is broken only if it is broken in every order in which the calls can have
 * taken effect.
 */
final class GraphHistoryCheck {

  private final HistoryGraph graph;
  private final List<Event> events;
  private final List<Granted> grants;
  private final List<Violation> violations = new ArrayList<>();

  private GraphHistoryCheck(HistoryGraph graph, List<Event> history) {
    this.graph = graph;
    Set<String> own = Set.copyOf(graph.ids());
    this.events =
        history.stream()
            .filter(event -> own.contains(event.key()) || event.key().equals(graph.id()))
            .toList();
    this.grants =
        Grant.only(Granted.class, events)
            .filter(granted -> granted.answer() == Answer.YES)
            .toList();
  }

  /**
   * Checks what became of some graphs.
   *
   * @param history a history in whose end each graph is complete, and each job that exists was
   *     finished and then found
   */
  static List<Violation> check(List<HistoryGraph> graphs, List<Event> history) {
    return graphs.stream()
        .flatMap(graph -> new GraphHistoryCheck(graph, history).violations().stream())
        .toList();
  }

  private List<Violation> violations() {
    grants.forEach(this::startsAfterAll);
    grants.forEach(this::startsWhenNotDone);
    nothingWaits();
    piecesFit();
    return violations;
  }

  private void broken(Law law, String what, Event... culprits) {
    violations.add(new Violation(law, "graph " + graph.id(), what, List.of(culprits), events));
  }

  private Stream<Event> of(String id) {
    return events.stream().filter(event -> event.key().equals(id));
  }

  private void startsAfterAll(Granted granted) {
    boolean mayBeComplete =
        Grant.only(Added.class, events)
            .anyMatch(added -> added.last() && mayHaveHappenedBefore(added, granted));
    if (!mayBeComplete) {
      broken(Law.AFTER_PARENTS, "a job was given before its graph was complete", granted);
    }
    for (String parent : graph.parents(granted.key())) {
      if (of(parent).noneMatch(event -> ends(event) && mayHaveHappenedBefore(event, granted))
          && !mayBeCancelledForParts(parent, granted)) {
        broken(Law.AFTER_PARENTS, "a job was given before " + parent + " had ended", granted);
      }
    }
  }

  /** Whether a call ends its job, or lets what comes then end it. */
  private static boolean ends(Event event) {
    if (event instanceof Operated operated) {
      return operated.act() != Act.REQUEUE;
    }
    return event instanceof Settled settled
        && Set.of(SettlementKind.DONE, SettlementKind.FAILED, SettlementKind.CANCELLED)
            .contains(settled.how());
  }

  /** Whether a job before one may have failed by then, so that this one was cancelled [Q75]. */
  private boolean mayBeCancelledForParts(String id, Granted by) {
    return graph.cancellers(id).stream()
        .anyMatch(
            before ->
                of(before).anyMatch(event -> fails(event) && mayHaveHappenedBefore(event, by))
                    || mayBeCancelledForParts(before, by));
  }

  private static boolean fails(Event event) {
    return ends(event)
        && !(event instanceof Settled settled && settled.how() == SettlementKind.DONE);
  }

  private static boolean mayHaveHappenedBefore(Event event, Event other) {
    return event.mayHaveHappened() && event.span().sent() < other.span().done();
  }

  private void startsWhenNotDone(Granted granted) {
    Grant.only(Settled.class, of(granted.key()).toList())
        .filter(settled -> settled.how() == SettlementKind.DONE)
        .filter(settled -> settled.answer() == Answer.YES)
        .filter(settled -> settled.span().isBefore(granted.span()))
        .findFirst()
        .ifPresent(
            settled ->
                broken(Law.STARTS_ONCE, "a job that was done was given again", settled, granted));
  }

  private void nothingWaits() {
    for (Found found : Grant.only(Found.class, events).filter(this::isAtTheEnd).toList()) {
      boolean mayBeDeleted =
          Grant.only(Operated.class, of(found.key()).toList())
              .anyMatch(operated -> operated.act() == Act.DELETE && operated.mayHaveHappened());
      if (found.state() == null && !mayBeDeleted) {
        broken(Law.NOTHING_WAITS, "a job is gone", found);
      } else if (found.state() != null && !found.state().isFinished()) {
        broken(Law.NOTHING_WAITS, "all before it have ended, and this waits", found);
      }
    }
  }

  /** The last caller sends each graph again before it reads the jobs. */
  private boolean isAtTheEnd(Found found) {
    return Grant.only(Added.class, events)
        .allMatch(added -> added.span().sent() < found.span().sent());
  }

  private void piecesFit() {
    Grant.only(Added.class, events)
        .filter(added -> added.answer() == Answer.NO)
        .forEach(added -> broken(Law.PIECES_FIT, "a piece was refused", added));
  }
}
