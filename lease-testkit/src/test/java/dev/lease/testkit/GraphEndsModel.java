package dev.lease.testkit;

import dev.lease.testkit.GraphEndsState.Job;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How stores with several writers let the parts of a graph go by events: what each of its states
 * has to keep [Q73-Q76]. The steps are in {@link GraphEndsSteps}.
 *
 * @param parts in their order
 * @param isKeyed whether all jobs have one key with one slot, which a job of no graph has at first
 * @param cancels whether operators cancel jobs that wait
 * @param requeues how often operators requeue jobs
 * @param most how many jobs one claim lets go
 * @param mostOpen how many transactions are open at once
 * @param defect what is wrong with it, or null
 */
record GraphEndsModel(
    List<Part> parts,
    boolean isKeyed,
    boolean cancels,
    int requeues,
    int most,
    int mostOpen,
    @Nullable Defect defect)
    implements Exploration.Model<GraphEndsState, String> {

  /**
   * A part of the graph.
   *
   * @param jobs how many it has
   * @param after the parts that it waits for
   * @param isCancelled whether it is cancelled if one of those fails
   */
  record Part(int jobs, List<Integer> after, boolean isCancelled) {}

  /** What a design may get wrong. */
  enum Defect {
    /** The event is stored after the transaction that ends the job. */
    EVENT_COMES_LATER,
    /** The events are deleted in a transaction before the one that adds them to the parts. */
    EVENTS_GO_BEFORE_THEY_COUNT,
    /** Nobody locks the graph, so two claims work on it at once. */
    TWO_AT_ONCE,
    /** The statement that locks the graph reads the parts by its older snapshot. */
    LOCKS_AND_LOOKS_IN_ONE_STATEMENT,
    /** A job that waits and is cancelled leaves no event. */
    CANCEL_LEAVES_NO_EVENT,
    /** A job that is requeued leaves no event. */
    REQUEUE_LEAVES_NO_EVENT,
    /** A claim that cannot let all go leaves nothing that says so. */
    FORGETS_THE_REST,
    /** A claim that comes to a job which somebody has locked leaves nothing that says so. */
    FORGETS_WHAT_IS_LOCKED,
    /** Jobs that were requeued are let go before the parts are told what goes on. */
    LETS_GO_BEFORE_IT_TELLS,
    /** An event lets a job go that was requeued once more since, after one that it waits for. */
    LETS_GO_BY_AN_OLD_EVENT,
    /** A job that is let go runs, whatever has become of it. */
    LETS_GO_WHAT_HAS_ENDED,
    /** A job with a key that is let go comes to the shelf without an arrival. */
    LEAVES_NO_ARRIVAL,
    /** Parts that have failed are told as those that are done. */
    FORGETS_THAT_IT_FAILED
  }

  boolean has(Defect one) {
    return defect == one;
  }

  GraphEndsState beginning() {
    return new GraphEndsState(this);
  }

  @Override
  public String code(GraphEndsState state) {
    return state.code();
  }

  @Override
  public GraphEndsState of(GraphEndsState beginning, String code) {
    return beginning.of(code);
  }

  @Override
  public void steps(GraphEndsState state, BiConsumer<Supplier<String>, GraphEndsState> next) {
    new GraphEndsSteps(this, state, next).all();
  }

  @Override
  public @Nullable String fault(GraphEndsState state) {
    if (state.wrong != GraphEndsState.Wrong.NOTHING) {
      return "a part is let go or cancelled: " + state.wrong;
    }
    return state.open.isEmpty() && state.events.isEmpty() ? faultAtRest(state) : null;
  }

  /** When no transaction is open and no event is left, all must be told, and nothing forgotten. */
  private @Nullable String faultAtRest(GraphEndsState state) {
    for (int p = 0; p < parts.size(); p++) {
      GraphEndsState.PartRow row = state.rows[p];
      if (row.done + row.failed != state.jobsOf(p).filter(j -> state.jobs[j].hasEnded()).count()) {
        return "miscounted: part " + state.nameOf(p);
      }
      if (state.isOverBefore(p, state.bits(Job::hasEnded))
          && state.jobsOf(p).anyMatch(j -> state.jobs[j] == Job.WAITS)) {
        return "stuck: part " + state.nameOf(p) + " waits, and all before it have ended";
      }
    }
    List<Job> jobs = List.of(state.jobs);
    return isKeyed && jobs.contains(Job.SHELF) && !jobs.contains(Job.RUNS) && !state.hasArrival
        ? "stuck: a job waits for a slot that is free, and there is no arrival"
        : null;
  }
}
