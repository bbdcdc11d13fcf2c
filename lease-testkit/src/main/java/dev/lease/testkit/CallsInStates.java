package dev.lease.testkit;

import dev.lease.Due;
import dev.lease.JobChange;
import dev.lease.Requeueing;
import dev.lease.testkit.AdminCalls.Cancel;
import dev.lease.testkit.AdminCalls.Change;
import dev.lease.testkit.AdminCalls.Delete;
import dev.lease.testkit.AdminCalls.Pause;
import dev.lease.testkit.AdminCalls.Purge;
import dev.lease.testkit.AdminCalls.PurgeKept;
import dev.lease.testkit.AdminCalls.Requeue;
import dev.lease.testkit.AdminCalls.ResetExpired;
import dev.lease.testkit.AdminCalls.Resume;
import dev.lease.testkit.JobCalls.Checkpoint;
import dev.lease.testkit.JobCalls.Checkpoints;
import dev.lease.testkit.JobCalls.Claim;
import dev.lease.testkit.JobCalls.Draft;
import dev.lease.testkit.JobCalls.Enqueue;
import dev.lease.testkit.JobCalls.Extend;
import dev.lease.testkit.JobCalls.PlannedSettlement;
import dev.lease.testkit.JobCalls.Report;
import dev.lease.testkit.JobCalls.Settle;
import dev.lease.testkit.JobCalls.SettleAndClaim;
import dev.lease.testkit.JobStates.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes each call on a job in each state. The answer, and all that the store shows afterwards and
 * after one more claim, are to be those of the reference.
 */
final class CallsInStates {

  private static final String TEXT = "after";

  /** Calls that can be made in a state, with a name for each. */
  private record Call(String name, ModelCall<JobSubject> call) {}

  private final JobModel model;

  CallsInStates(JobModel model) {
    this.model = model;
  }

  void enqueueId(List<State> states) throws Exception {
    forEach(states, it -> List.of(enqueue("enqueue of its id", JobStates.ID, null)));
  }

  void enqueueKey(List<State> states) throws Exception {
    forEach(states, it -> List.of(enqueue("enqueue of its dedup key", "d", JobStates.KEY)));
  }

  void claim(List<State> states) throws Exception {
    forEach(
        states,
        it -> Stream.of(1, 10).map(limit -> new Call("claim of " + limit, claim(limit))).toList());
  }

  void extend(List<State> states) throws Exception {
    forEachLease(states, lease -> Stream.of(new Call("extend", new Extend(List.of(lease), 3))));
  }

  void progress(List<State> states) throws Exception {
    forEachLease(states, lease -> Stream.of(new Call("progress", new Report(lease, 50))));
  }

  void checkpoint(List<State> states) throws Exception {
    forEachLease(
        states,
        lease ->
            Stream.of(
                new Call("checkpoint of a step", new Checkpoint(lease, JobStates.STEP, TEXT)),
                new Call("checkpoint of another step", new Checkpoint(lease, "two", TEXT)),
                new Call("checkpoints", new Checkpoints(lease))));
  }

  void settle(SettlementKind kind, List<State> states) throws Exception {
    forEachLease(
        states,
        lease ->
            Stream.of(
                new Call("settle as " + kind, settle(lease, kind, kind.hasDelay() ? 2 : 0)),
                new Call(
                    "settle as " + kind + " and claim none",
                    new SettleAndClaim(settle(lease, kind, 0), claim(0))),
                new Call(
                    "settle as " + kind + " and claim",
                    new SettleAndClaim(settle(lease, kind, 0), claim(10)))));
  }

  void cancelAndDelete(List<State> states) throws Exception {
    forEach(
        states,
        it ->
            List.of(
                new Call("cancel", new Cancel(JobStates.QUEUE, JobStates.ID)),
                new Call("delete", new Delete(JobStates.QUEUE, JobStates.ID))));
  }

  void requeue(List<State> states) throws Exception {
    forEach(
        states,
        it ->
            List.of(
                requeue("requeue", Requeueing.now()),
                requeue("requeue over two days", Requeueing.spreadOver(Duration.ofDays(2)))));
  }

  private static Call requeue(String name, Requeueing how) {
    return new Call(name, new Requeue(JobStates.QUEUE, JobStates.ID, how));
  }

  void reset(List<State> states) throws Exception {
    forEach(states, it -> List.of(new Call("reset", new ResetExpired(JobStates.QUEUE))));
  }

  void purge(List<State> states) throws Exception {
    forEach(
        states,
        it ->
            List.of(
                new Call("purge by age", new Purge(JobStates.QUEUE, 0)),
                new Call("purge by a longer age", new Purge(JobStates.QUEUE, 1)),
                new Call("purge", new PurgeKept(JobStates.QUEUE))));
  }

  void pause(List<State> states) throws Exception {
    forEach(
        states,
        it ->
            List.of(
                new Call("pause", new Pause(JobStates.QUEUE)),
                new Call("resume", new Resume(JobStates.QUEUE))));
  }

  void change(List<State> states) throws Exception {
    forEach(
        states,
        it ->
            List.of(
                change("priority", JobChange.builder().priority(9)),
                change("due time", JobChange.builder().due(Due.after(Duration.ofDays(1)))),
                change("crashes left", JobChange.builder().crashesLeft(1)),
                change("failures left", JobChange.builder().failuresLeft(1)),
                change("deadline", JobChange.builder().notAfter(Due.after(Duration.ofDays(1)))),
                change("payload", JobChange.builder().payload(TEXT))));
  }

  private static Call change(String what, JobChange.Builder change) {
    return new Call(
        "change of the " + what, new Change(JobStates.QUEUE, JobStates.ID, change.build()));
  }

  private static Call enqueue(String name, String id, @Nullable String dedupKey) {
    return new Call(
        name,
        new Enqueue(
            List.of(
                new Draft(JobStates.QUEUE, id, TEXT, 9, 0, 1, dedupKey, 2, TEXT, 1, null, null))));
  }

  private static Claim claim(int limit) {
    return new Claim(JobStates.QUEUE, limit, 1);
  }

  private static Settle settle(GivenLease lease, SettlementKind kind, int days) {
    return new Settle(List.of(new PlannedSettlement(lease, kind, days, TEXT)));
  }

  private void forEachLease(List<State> states, Function<GivenLease, Stream<Call>> calls)
      throws Exception {
    forEach(
        states,
        state ->
            state.leases().stream()
                .flatMap(
                    lease ->
                        calls
                            .apply(lease)
                            .map(
                                call ->
                                    new Call(
                                        call.name() + " under grant " + (lease.grant() + 1),
                                        call.call())))
                .toList());
  }

  private void forEach(List<State> states, Function<State, List<Call>> calls) throws Exception {
    for (State state : states) {
      if (state.movesTime() && !model.canMoveTime()) {
        continue;
      }
      for (Call call : calls.apply(state)) {
        List<ModelCall<JobSubject>> made = new ArrayList<>(state.calls());
        made.add(call.call());
        made.add(claim(10));
        model.run(call.name() + ", of a job that is " + state.name(), made);
      }
    }
  }
}
