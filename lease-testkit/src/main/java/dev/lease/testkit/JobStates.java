package dev.lease.testkit;

import dev.lease.Due;
import dev.lease.JobChange;
import dev.lease.Requeueing;
import dev.lease.testkit.AdminCalls.Cancel;
import dev.lease.testkit.AdminCalls.Change;
import dev.lease.testkit.AdminCalls.Delete;
import dev.lease.testkit.AdminCalls.Pause;
import dev.lease.testkit.AdminCalls.Purge;
import dev.lease.testkit.AdminCalls.Requeue;
import dev.lease.testkit.AdminCalls.ResetExpired;
import dev.lease.testkit.JobCalls.Checkpoint;
import dev.lease.testkit.JobCalls.Claim;
import dev.lease.testkit.JobCalls.Deadline;
import dev.lease.testkit.JobCalls.Draft;
import dev.lease.testkit.JobCalls.Enqueue;
import dev.lease.testkit.JobCalls.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The states in which a call may meet a job, each made by the calls that lead there. Beside the job
 * there are a neighbour in its queue, and in another queue a job with the same id and dedup key.
 */
final class JobStates {

  static final String ID = "a";
  static final String KEY = "k";
  static final String NEIGHBOUR = "b";
  static final ModelQueue QUEUE = ModelQueue.MAIN;
  static final String STEP = "one";

  private static final String TEXT = "before";

  /**
   * A state of the job.
   *
   * @param grants how often the job was claimed
   */
  record State(String name, int grants, List<ModelCall<JobSubject>> calls) {

    static State made(String name, ModelCall<JobSubject> first) {
      return new State(name, 0, List.of(first));
    }

    State then(String next, ModelCall<JobSubject> call) {
      List<ModelCall<JobSubject>> more = new ArrayList<>(calls);
      more.add(call);
      return new State(next, grants, more);
    }

    /** The job is claimed, and perhaps its neighbour too. */
    State claimed(String next, int limit) {
      return new State(next, grants + 1, then(next, new Claim(QUEUE, limit, 1)).calls());
    }

    boolean movesTime() {
      return calls.stream().anyMatch(Advance.class::isInstance);
    }

    /** The latest lease of the job, and the first if that is another. */
    List<GivenLease> leases() {
      List<GivenLease> leases = new ArrayList<>();
      if (grants > 0) {
        leases.add(lease(grants - 1));
      }
      if (grants > 1) {
        leases.add(lease(0));
      }
      return leases;
    }
  }

  static final State DUE = enqueued("due", 5, 0, 3);
  static final State LATER = enqueued("not due yet", 5, 2, 3);
  static final State HELD = held(DUE, "held");
  static final State EXPIRED = HELD.then("expired", new Advance<>(2, 0));
  static final State FAILED = HELD.then("failed", settle(SettlementKind.FAILED, 0));

  private static final State LAST_ATTEMPT =
      held(enqueued("due for one attempt", 5, 0, 1), "held once");

  private static final State WITH_DEADLINE =
      State.made("due with a deadline", jobs(5, 0, 3, new Deadline(1, false)));

  private static final State OVERDUE = WITH_DEADLINE.then("overdue", new Advance<>(2, 0));

  /** Those that calls of workers lead to. */
  static final List<State> OF_WORKERS =
      List.of(
          State.made("not there", new Enqueue(List.of(draft(QUEUE, NEIGHBOUR, 5, 0, 3, null)))),
          DUE,
          LATER,
          HELD,
          EXPIRED,
          LAST_ATTEMPT.then("expired on its last attempt", new Advance<>(2, 0)),
          EXPIRED.claimed("claimed again", 1),
          leftBehind(),
          HELD.then("due again after a retry", settle(SettlementKind.RETRY, 0)),
          HELD.then("waiting for its retry", settle(SettlementKind.RETRY, 2)),
          HELD.then("released", settle(SettlementKind.RELEASED, 0)),
          HELD.then("released until later", settle(SettlementKind.RELEASED, 2)),
          HELD.then("retried", settle(SettlementKind.RETRY, 0)).claimed("in a second try", 2),
          HELD.then("done", settle(SettlementKind.DONE, 0)),
          FAILED,
          HELD.then("cancelled by its holder", settle(SettlementKind.CANCELLED, 0)),
          LAST_ATTEMPT.then("failed on its last attempt", settle(SettlementKind.RETRY, 0)),
          OVERDUE,
          held(WITH_DEADLINE, "held with a deadline")
              .then("expired and overdue", new Advance<>(2, 0)));

  /** Those that need calls of operators. */
  static final List<State> OF_OPERATORS = ofOperators();

  private JobStates() {}

  private static List<State> ofOperators() {
    State requested = HELD.then("held and to be cancelled", new Cancel(QUEUE, ID));
    State requeued = FAILED.then("requeued", new Requeue(QUEUE, ID, Requeueing.now()));
    List<State> states = new ArrayList<>();
    states.add(DUE.then("cancelled", new Cancel(QUEUE, ID)));
    states.add(requested);
    states.add(requested.then("expired and to be cancelled", new Advance<>(2, 0)));
    states.add(requested.then("cancelled when released", settle(SettlementKind.RELEASED, 0)));
    states.add(EXPIRED.then("reset", new ResetExpired(QUEUE)));
    states.add(requeued);
    states.add(requeued.claimed("requeued and held", 2));
    states.add(
        requested
            .then("cancelled when held", settle(SettlementKind.RETRY, 0))
            .then("requeued after a cancellation", new Requeue(QUEUE, ID, Requeueing.now())));
    states.add(
        FAILED.then(
            "failed, and its dedup key is taken",
            new Enqueue(List.of(draft(QUEUE, "c", 5, 0, 3, KEY)))));
    states.add(HELD.then("deleted", new Delete(QUEUE, ID)));
    states.add(HELD.then("deleted", new Delete(QUEUE, ID)).then("made anew", jobs(5, 0, 3)));
    states.add(FAILED.then("purged", new Purge(QUEUE, 0)));
    states.add(
        DUE.then(
            "due later by a change",
            new Change(QUEUE, ID, JobChange.builder().due(Due.after(Duration.ofDays(2))).build())));
    states.add(
        HELD.then("retried", settle(SettlementKind.RETRY, 0))
            .then(
                "changed in its last attempt",
                new Change(
                    QUEUE,
                    ID,
                    JobChange.builder().priority(9).crashesLeft(1).failuresLeft(1).build())));
    for (State state :
        List.of(
            DUE,
            HELD,
            EXPIRED,
            HELD.then("due again", settle(SettlementKind.RETRY, 0)),
            requeued,
            OVERDUE)) {
      states.add(state.then(state.name() + " in a paused queue", new Pause(QUEUE)));
    }
    return List.copyOf(states);
  }

  private static State enqueued(String name, int priority, int days, int maxCrashes) {
    return State.made(name, jobs(priority, days, maxCrashes));
  }

  private static Enqueue jobs(int priority, int days, int maxCrashes) {
    return jobs(priority, days, maxCrashes, null);
  }

  private static Enqueue jobs(int priority, int days, int maxCrashes, @Nullable Deadline deadline) {
    return new Enqueue(
        List.of(
            draft(QUEUE, ID, priority, days, maxCrashes, KEY, deadline),
            draft(QUEUE, NEIGHBOUR, 5, 0, 3, null),
            draft(ModelQueue.ASIDE, ID, 5, 0, 3, KEY)));
  }

  private static Draft draft(
      ModelQueue queue,
      String id,
      int priority,
      int days,
      int maxCrashes,
      @Nullable String dedupKey) {
    return draft(queue, id, priority, days, maxCrashes, dedupKey, null);
  }

  private static Draft draft(
      ModelQueue queue,
      String id,
      int priority,
      int days,
      int maxCrashes,
      @Nullable String dedupKey,
      @Nullable Deadline deadline) {
    // The same number of each, so that a last attempt is one in both ways.
    return new Draft(
        queue, id, TEXT, priority, days, maxCrashes, dedupKey, 1, TEXT, maxCrashes, null, deadline);
  }

  private static GivenLease lease(int grant) {
    return new GivenLease(new JobKey(QUEUE, ID), grant, GivenLease.Forgery.NONE);
  }

  private static State held(State due, String name) {
    GivenLease lease = lease(0);
    return due.claimed("claimed", 1)
        .then("with progress", new Report(lease, 10))
        .then(name, new Checkpoint(lease, STEP, TEXT));
  }

  /** A claim with another one's limit has looked at the job, and has not taken it. */
  private static State leftBehind() {
    return enqueued("due", 4, 0, 3)
        .claimed("held like its neighbour", 2)
        .then("expired", new Advance<>(2, 0))
        .then("expired, and left by a claim", new Claim(QUEUE, 1, 1));
  }

  private static ModelCall<JobSubject> settle(SettlementKind kind, int days) {
    return new JobCalls.Settle(List.of(new JobCalls.PlannedSettlement(lease(0), kind, days, TEXT)));
  }
}
