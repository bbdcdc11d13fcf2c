package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.OnFailure;
import dev.lease.PartState.Stage;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What operators do with jobs of graphs, and what else ends them. */
@Since(3)
abstract class GraphOperatorContract extends GraphPartContract {

  /** More parts than a store may tell at once that one before them goes on. */
  private static final int MANY = 150;

  private static final String LAST = "part " + MANY;

  private JobAdmin.Requeue requeue(String id) {
    return admin.requeue(queue, id, Requeueing.now());
  }

  @Test
  @DisplayName("Q75 a job that is cancelled counts as one that failed")
  void cancel() {
    stored(part("a"), part("b", "a"));

    assertThat(otherAdmin.cancel(queue, "a")).isEqualTo(JobAdmin.Cancellation.CANCELLED);

    assertThat(claimByOthers(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "a", "b");
    assertEnded(0, 0, 2);
  }

  @Test
  @DisplayName("Q75 a cancellation that was requested counts when the job ends")
  void cancelHeld() {
    stored(part("a"), part("b", "a"));
    JobLease lease = claimed().lease();
    admin.cancel(queue, "a");
    assertThat(claim(10)).as("claimed").isEmpty();
    assertThat(find("b").waitsForParts()).as("whether the next waits").isTrue();

    settled(lease, SettlementKind.RETRY);

    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "a", "b");
  }

  @Test
  @DisplayName("Q75 a job that waits and is cancelled cancels what comes after it, in its turn")
  void cancelWaiting() {
    stored(part("a"), part("b", "a"), part("c", "b"));

    assertThat(admin.cancel(queue, "b")).isEqualTo(JobAdmin.Cancellation.CANCELLED);

    assertThat(run()).as("claimed").containsExactly("a");
    assertThat(claim(10)).as("claimed after it").isEmpty();
    assertStates(JobState.CANCELLED, "b", "c");
    assertEnded(1, 0, 2);
  }

  @Test
  @DisplayName(
      "Q77 a job that is deleted counts as cancelled, whether it waits, is held or has failed")
  void delete() {
    stored(
        with(piece(), part("part"), 3)
            .part(GraphPart.of("sum").after("part", OnFailure.RUN))
            .job("sum", job("sum").build())
            .last(2, 4));
    List<ClaimedJob> claimed = claim(2);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    for (int i = 0; i < 3; i++) {
      assertThat(claimByOthers(0)).isEmpty();
      assertThat(admin.delete(queue, "part" + i)).as("delete").isTrue();
      assertThat(admin.delete(queue, "part" + i)).as("delete again").isFalse();
    }

    assertThat(claimedIds()).as("claimed").containsExactly("sum");
    assertThat(parents("sum")).as("parents").isEmpty();
    assertEnded(0, 1, 2);
  }

  @Test
  @DisplayName("Q77 Q82 a job of which only the id was left counts once, also if that is deleted")
  @Since(3)
  void deleteEmptied() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").keep(Duration.ZERO).build())
            .part(part("b", "a"))
            .job("b", job("b").build())
            .last(2, 2));
    run();
    run();
    advance(Duration.ofMinutes(30));
    admin.purge(queue, 100);
    assertThat(others.find(queue, "a")).as("the job that was purged").isEmpty();
    assertEnded(2, 0, 0);

    admin.delete(queue, "a");
    assertThat(claimedIds()).as("claimed").isEmpty();
    assertEnded(2, 0, 0);
  }

  @Test
  @DisplayName("Q76 a job that is kept for longer than its graph can run again")
  @Since(3)
  void keptForLonger() throws Exception {
    stored(piece().part(part("a")).job("a", job("a").keep(Duration.ofDays(90)).build()).last(1, 1));
    fail();
    assertThat(claim(10)).as("claimed").isEmpty();
    advance(Duration.ofDays(30));
    admin.purge(queue, 100);

    requeue("a");
    assertThat(run()).as("claimed after a requeue").containsExactly("a");
  }

  @Test
  @DisplayName("Q77 a job that waits and is deleted counts as cancelled")
  void deleteWaiting() {
    stored(part("a"), part("b", "a"), GraphPart.of("c").after("b", OnFailure.RUN));
    assertThat(admin.delete(queue, "b")).as("delete").isTrue();

    assertThat(run()).as("first").containsExactly("a");
    assertThat(run()).as("last").containsExactly("c");
    assertEnded(2, 0, 1);
  }

  @Test
  @DisplayName(
      "Q78 a job that is deleted before its graph is complete does not come with its piece")
  void deletedWhileOpen() {
    GraphPiece first = with(piece(), part("a"), 2).build();
    assertThat(graphs.add(first)).isEqualTo(GraphAnswer.stored());
    assertThat(admin.delete(queue, "a0")).as("delete").isTrue();

    assertThat(graphs.add(first)).as("the piece again").isEqualTo(GraphAnswer.stored());

    assertThat(others.find(queue, "a0")).as("the job that was deleted").isEmpty();
    enqueued(job("a0"));
    assertThat(otherGraphs.add(first)).as("the piece again").isEqualTo(GraphAnswer.stored());
    assertThat(run()).as("claimed before the graph is complete").containsExactly("a0");
    stored(piece().part(part("b", "a")).job("b", job("b").build()).last(2, 3));
    assertThat(run()).as("claimed").containsExactly("a1");
    assertThat(claim(10)).as("claimed at the end").isEmpty();
    assertStates(JobState.CANCELLED, "b");
    assertEnded(1, 0, 2);
  }

  @Test
  @DisplayName("Q75 a claim that meets the last crash of a job lets what comes after it go")
  void lastCrash() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").maxCrashes(1).build())
            .part(GraphPart.of("b").after("a", OnFailure.RUN))
            .job("b", job("b").build())
            .last(2, 2));
    claimed();
    expireLeases();

    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 10, term));

    assertThat(claim.finished()).as("finished").hasSize(1);
    assertThat(claim.jobs().isEmpty() ? claimedIds() : ids(claim.jobs()))
        .as("given, by this claim or the next")
        .containsExactly("b");
    assertEnded(0, 1, 0);
  }

  @Test
  @DisplayName("Q75 a reset that finishes a job lets what comes after it go")
  void reset() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").maxCrashes(1).build())
            .part(GraphPart.of("b").after("a", OnFailure.RUN))
            .job("b", job("b").build())
            .last(2, 2));
    claimed();
    expireLeases();

    assertThat(admin.resetExpired(queue, 10).finished()).as("finished by a reset").hasSize(1);

    assertThat(claimedIds()).as("given").containsExactly("b");
  }

  @Test
  @DisplayName(
      "Q75 a deadline that passes counts as a failure, and one that passed while it waited")
  void deadline() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").notAfter(Due.after(term)).build())
            .part(GraphPart.of("b").after("a", OnFailure.RUN))
            .job("b", job("b").notAfter(Due.after(term)).build())
            .part(GraphPart.of("c").after("b", OnFailure.RUN))
            .job("c", job("c").build())
            .last(3, 3));
    advance(term.multipliedBy(2));

    List<ClaimedJob> claimed = List.of();
    for (int i = 0; i < 3 && claimed.isEmpty(); i++) {
      claimed = claim(10);
    }

    assertThat(ids(claimed)).as("given").containsExactly("c");
    assertStates(JobState.CANCELLED, "a", "b");
  }

  @Test
  @DisplayName("Q76 a requeue of the job that failed lets what was cancelled for it wait again")
  void requeueParent() {
    stored(
        with(piece(), part("part"), 2)
            .part(part("sum", "part"))
            .job("sum", job("sum").dedupKey("once").build())
            .part(part("mail", "sum"))
            .job("mail", job("mail").build())
            .last(3, 4));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    settled(Settlement.done(claimed.get(1).lease()));
    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "sum", "mail");

    assertThat(requeue("part0")).isEqualTo(JobAdmin.Requeue.REQUEUED);

    List<ClaimedJob> again = claim(10);
    assertThat(ids(again)).as("claimed").containsExactly("part0");
    assertWaiting("sum", "mail");
    assertThat(find("sum").error()).as("error").isNull();
    settled(Settlement.done(again.get(0).lease()));
    assertThat(run()).as("then").containsExactly("sum");
    assertThat(run()).as("last").containsExactly("mail");
    assertEnded(4, 0, 0);
  }

  @Test
  @DisplayName("Q76 what a requeue by a filter takes waits for what it takes before it")
  void requeueByFilter() {
    stored(
        with(piece(), part("part"), 2)
            .part(part("sum", "part"))
            .job("sum", job("sum").build())
            .last(2, 3));
    claim(10).forEach(job -> settled(Settlement.failed(job.lease(), "why")));
    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "sum");

    JobFilter ended = JobFilter.all().inQueue(queue).inState(JobState.FAILED, JobState.CANCELLED);
    AllPages.pieces(10, after -> admin.requeue(ended, Requeueing.now(), after, 10));

    List<ClaimedJob> again = claim(10);
    assertThat(ids(again)).as("claimed").containsExactlyInAnyOrder("part0", "part1");
    assertWaiting("sum");
    again.forEach(job -> settled(Settlement.done(job.lease())));
    assertThat(run()).as("then").containsExactly("sum");
    assertEnded(3, 0, 0);
  }

  @Test
  @DisplayName("Q76 a requeued job that fails again cancels what comes after it again")
  void requeueInVain() {
    stored(part("a"), part("b", "a"));
    fail();
    assertThat(claim(10)).as("claimed").isEmpty();
    requeue("a");

    assertThat(fail()).as("claimed").containsExactly("a");

    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "b");
    assertEnded(0, 1, 1);
  }

  @Test
  @DisplayName("Q76 a job that has begun is left when one before it is requeued")
  void requeueTooLate() {
    stored(part("a"), GraphPart.of("b").after("a", OnFailure.RUN), part("c", "b"));
    fail();
    JobLease lease = claimed().lease();
    assertThat(lease.jobId()).as("claimed").isEqualTo("b");

    requeue("a");

    settled(Settlement.done(lease));
    assertThat(run()).as("claimed").containsExactly("a", "c");
    assertThat(claim(10)).as("claimed at the end").isEmpty();
    assertEnded(3, 0, 0);
  }

  @Test
  @DisplayName("Q76 a job that an operator has cancelled stays so when one before it is requeued")
  void cancelledByAnOperator() {
    stored(part("a"), part("b", "a"), part("c", "b"));
    admin.cancel(queue, "b");
    fail();
    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "b", "c");

    requeue("a");

    assertThat(run()).as("claimed").containsExactly("a");
    assertThat(claim(10)).as("claimed after it").isEmpty();
    assertStates(JobState.CANCELLED, "b", "c");
  }

  @Test
  @DisplayName("Q76 a job that was cancelled for another waits for it if both are requeued at once")
  @Since(3)
  void requeueBoth() {
    stored(part("a"), part("b", "a"), part("c", "b"));
    fail();
    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "b", "c");

    requeue("a");
    requeue("b");

    assertThat(run()).as("claimed").containsExactly("a");
    assertThat(run()).as("then").containsExactly("b");
    assertThat(run()).as("last").containsExactly("c");
    assertEnded(3, 0, 0);
  }

  /** A part "first" of one job. */
  private GraphPiece.Builder first() {
    return piece().part(part("first")).job("first", job("first").priority(9).build());
  }

  /** Adds many parts of one job each, behind a part that is called so, or one after the other. */
  private GraphPiece.Builder withMany(GraphPiece.Builder piece, String first, boolean isChain) {
    String before = first;
    for (int i = 1; i <= MANY; i++) {
      String name = "part " + i;
      piece.part(part(name, before)).job(name, job(name).build());
      before = isChain ? name : first;
    }
    return piece;
  }

  /** Lets the job "first" fail, and with it all that comes after it. */
  private void failFirst(JobLease first) {
    settled(Settlement.failed(first, "why"));
    assertThat(claim(10)).as("claimed after a failure").isEmpty();
    assertStates(JobState.CANCELLED, "part 1", LAST);
  }

  private List<String> runAll() {
    List<String> all = new ArrayList<>();
    for (List<String> some = run(); !some.isEmpty(); some = run()) {
      all.addAll(some);
      assertThat(all).as("claimed in all").doesNotHaveDuplicates();
    }
    return all;
  }

  @Test
  @DisplayName("Q76 one of very many jobs behind another waits for it if both are requeued at once")
  @Since(3)
  void requeueOneOfMany() {
    stored(withMany(first(), "first", false).last(MANY + 1, MANY + 1));
    failFirst(claimed().lease());

    requeue("first");
    requeue(LAST);
    requeue("part 1");

    assertThat(run()).as("claimed").containsExactly("first");
    assertThat(runAll()).as("then").hasSize(MANY).contains("part 1", LAST);
    assertEnded(MANY + 1, 0, 0);
  }

  @Test
  @DisplayName("Q76 the last job of a long chain waits if it is requeued at once with the first")
  @Since(3)
  void requeueEndsOfChain() {
    stored(withMany(first(), "first", true).last(MANY + 1, MANY + 1));
    failFirst(claimed().lease());

    requeue("first");
    requeue(LAST);

    assertThat(run()).as("claimed").containsExactly("first");
    for (int i = 1; i <= MANY; i++) {
      assertThat(run()).as("then").containsExactly("part " + i);
    }
    assertEnded(MANY + 1, 0, 0);
  }

  @Test
  @DisplayName("Q76 a part waits for what is behind a job that is requeued, whoever ends meanwhile")
  @Since(3)
  void requeueBesideAnEnd() {
    stored(
        withMany(first(), "first", false)
            .part(part("slow"))
            .job("slow", job("slow").build())
            .part(part("sum", "slow").after(LAST, OnFailure.RUN))
            .job("sum", job("sum").build())
            .last(MANY + 3, MANY + 3));
    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly("first", "slow");
    failFirst(claimed.get(0).lease());

    requeue("first");
    settled(Settlement.done(claimed.get(1).lease()));

    assertThat(run()).as("claimed after a requeue").containsExactly("first");
    List<String> then = runAll();
    assertThat(then).as("then").hasSize(MANY + 1);
    assertThat(then.indexOf("sum")).as("place of the sum").isGreaterThan(then.indexOf(LAST));
    assertEnded(MANY + 3, 0, 0);
  }

  @Test
  @DisplayName("Q76 a requeued job waits as long as its part does, and else runs")
  void requeueWaiting() {
    stored(part("a"), part("b", "a"), part("c", "b"));
    admin.cancel(queue, "b");

    assertThat(requeue("b")).isEqualTo(JobAdmin.Requeue.REQUEUED);

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly("a");
    assertThat(find("b").waitsForParts()).as("whether it waits").isTrue();
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "b", "c");
    assertThat(stage("b")).as("stage").isEqualTo(Stage.CANCELLED);

    requeue("b");

    assertThat(run()).as("claimed after a requeue of what was cancelled").containsExactly("b");
  }

  @Test
  @DisplayName("Q77 the jobs of a graph stay until it has ended, however long they are to be kept")
  void keep() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").keep(Duration.ZERO).build())
            .part(part("b", "a"))
            .job("b", job("b").keep(Duration.ZERO).build())
            .last(2, 2));
    run(lease -> Settlement.done(lease, "result"));
    advance(InMemoryJob.KEEP_AT_LEAST.multipliedBy(2));
    admin.purge(queue, 100);
    admin.purge(queue, Duration.ZERO, 100);

    assertThat(parents("b"))
        .extracting(dev.lease.Job::result)
        .as("results after a purge")
        .containsExactly("result");
    assertThat(run()).as("claimed").containsExactly("b");
    assertThat(claim(10)).as("claimed at the end").isEmpty();
    assertThat(admin.purge(queue, Duration.ZERO, 100)).as("purged at the end").isEqualTo(2);
  }

  @Test
  @DisplayName("Q73 a job that waits can be changed, and keeps waiting")
  void change() throws Exception {
    stored(part("a"), part("b", "a"));

    admin.change(queue, "b", JobChange.builder().priority(9).payload("new").due(Due.now()).build());

    assertThat(find("b").waitsForParts()).as("whether it waits").isTrue();
    assertThat(find("b").priority()).as("priority").isEqualTo(9);
    assertThat(run()).as("first").containsExactly("a");
    assertThat(claimed().payload()).as("payload").isEqualTo("new");
  }

  @Test
  @DisplayName("Q72 Q74 a graph goes on across a pause of its queue")
  void pause() {
    admin.pause(queue);
    stored(part("a"), part("b", "a"));
    assertThat(claim(10)).as("claimed from a paused queue").isEmpty();
    admin.resume(queue);
    JobLease lease = claimed().lease();
    admin.pause(queue);
    settled(Settlement.done(lease));
    assertThat(claim(10)).as("claimed from a paused queue").isEmpty();

    admin.resume(queue);

    assertThat(claimedIds()).as("claimed").containsExactly("b");
  }

  @Test
  @DisplayName("Q62 Q73 jobs of a graph that have keys get slots when they are let go")
  void keys() {
    if (lacks(Capability.KEYS)) {
      assertThat(org.assertj.core.api.Assertions.catchThrowable(this::storeKeyed))
          .as("a graph with keys, in a store without them")
          .isInstanceOf(UnsupportedOperationException.class);
      reportAsLacking(Capability.KEYS);
    }
    one.admission().limit(queue, null, KeyLimit.of(1));
    storeKeyed();
    assertThat(run()).as("first").containsExactly("a");
    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("then").containsExactly("part0");
    assertThat(find("part1").heldBack()).as("held back").isTrue();
    settled(Settlement.done(claimed.get(0).lease()));
    assertThat(run()).as("then").containsExactly("part1");
    assertThat(run()).as("last").containsExactly("sum");
  }

  private void storeKeyed() {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").build())
            .part(part("part", "a"))
            .job("part", job("part0").key("k").build())
            .job("part", job("part1").key("k").build())
            .part(part("sum", "part"))
            .job("sum", job("sum").key("k").build())
            .last(3, 4));
  }
}
