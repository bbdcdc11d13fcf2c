package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Loses each reply of the calls about graphs in turn, and of those that let jobs go. */
abstract class LostGraphReplyContract extends LostKeyReplyContract {

  private static final String GRAPH = "graph";

  /** A store may add a piece in many steps. */
  private static final int REPLIES_TO_ADD = 48;

  /** Skips the test if the store comes without graphs. */
  private void needsGraphs() {
    if (lacks(Capability.GRAPHS)) {
      assertLacks(Capability.GRAPHS, backend::jobGraphs);
    }
  }

  private JobGraphs graphs() {
    return backend.jobGraphs();
  }

  private Optional<GraphState> found(String queue) {
    return two.jobGraphs().find(queue, GRAPH);
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "kit", "payload").build();
  }

  /** Two jobs, of a part that another one waits for. */
  private static GraphPiece.Builder first(String queue) {
    return GraphPiece.builder(queue, GRAPH)
        .part(GraphPart.of("a"))
        .job("a", job(queue, "a0"))
        .job("a", job(queue, "a1"))
        .part(GraphPart.of("b").after("a", OnFailure.CANCEL));
  }

  private static GraphPiece last(GraphPiece.Builder piece, String queue) {
    return piece.job("b", job(queue, "b")).last(2, 3).build();
  }

  /** A graph that is complete, and has begun: the leases of its first jobs. */
  private List<JobLease> begun(String queue) {
    assertThat(two.jobGraphs().add(last(first(queue), queue))).isEqualTo(GraphAnswer.stored());
    List<JobLease> leases = claim(others, queue).stream().map(ClaimedJob::lease).toList();
    assertThat(leases).extracting(JobLease::jobId).containsExactly("a0", "a1");
    return leases;
  }

  private static List<ClaimedJob> claim(JobQueue by, String queue) {
    return by.claim(ClaimRequest.of(queue, "worker", 10, HELD)).jobs();
  }

  private Job find(String queue, String id) {
    return others.find(queue, id).orElseThrow();
  }

  /** Claims until it is so: what a cut connection began may end a moment later. */
  private void claimUntil(String queue, BooleanSupplier done) {
    long begin = System.nanoTime();
    do {
      claim(others, queue);
    } while (!done.getAsBoolean() && System.nanoTime() - begin < endless().toNanos());
    assertThat(done.getAsBoolean()).as("whether the claims came to that").isTrue();
  }

  /** Whether a job is held for the first time, and the only job of the queue that is. */
  private boolean isGivenOnce(String queue, String id) {
    Job job = find(queue, id);
    return job.state() == JobState.PROCESSING && job.attempts() == 1;
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q72 Q78 if the reply to a piece is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfPiece() {
    needsGraphs();
    loseReplies(
        REPLIES_TO_ADD,
        () -> {
          String queue = unique("queue");
          Runnable call =
              () -> assertThat(graphs().add(first(queue).build())).isEqualTo(GraphAnswer.stored());
          return new Attempt(
              call,
              () -> found(queue).isPresent(),
              () -> {
                eventually(call);
                assertThat(found(queue).orElseThrow().jobs()).as("jobs").isEqualTo(2);
                assertThat(claim(others, queue)).as("claimed of a part of a graph").isEmpty();
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q72 Q78 if the reply to the last piece is lost, the outcome is unknown; it can be"
          + " repeated")
  void lostReplyOfLastPiece() {
    needsGraphs();
    loseReplies(
        REPLIES_TO_ADD,
        () -> {
          String queue = unique("queue");
          two.jobGraphs().add(first(queue).build());
          GraphPiece last = last(GraphPiece.builder(queue, GRAPH), queue);
          Runnable call =
              () ->
                  assertThat(graphs().add(last)).isIn(GraphAnswer.stored(), GraphAnswer.complete());
          return new Attempt(
              call,
              () -> found(queue).orElseThrow().complete(),
              () -> {
                eventually(call);
                assertThat(found(queue).orElseThrow().jobs()).as("jobs").isEqualTo(3);
                claimUntil(queue, () -> isGivenOnce(queue, "a1"));
                assertThat(isGivenOnce(queue, "a0")).as("whether the other is given").isTrue();
                assertThat(find(queue, "b").waitsForParts()).as("whether the last waits").isTrue();
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q72 if the reply to discard is lost, the outcome is unknown; repeating it tells the"
          + " truth")
  void lostReplyOfDiscard() {
    needsGraphs();
    loseReplies(
        REPLIES_TO_ADD,
        () -> {
          String queue = unique("queue");
          two.jobGraphs().add(first(queue).build());
          BooleanSupplier done = () -> found(queue).isEmpty();
          return new Attempt(
              () -> assertThat(graphs().discard(queue, GRAPH, 10)).isEqualTo(2),
              done,
              () -> {
                int most = done.getAsBoolean() ? 0 : 2;
                eventually(() -> assertThat(graphs().discard(queue, GRAPH, 10)).isBetween(0, most));
                assertThat(found(queue)).as("the graph").isEmpty();
                assertThat(others.find(queue, "a0")).as("a job of it").isEmpty();
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q74 if the reply to the last settlement of a part is lost, the next part is let go, and"
          + " once")
  void lostReplyOfLastParent() {
    needsGraphs();
    loseReplies(
        () -> {
          String queue = unique("queue");
          List<JobLease> leases = begun(queue);
          others.settle(List.of(Settlement.done(leases.get(0))));
          Settlement done = Settlement.done(leases.get(1));
          return new Attempt(
              () ->
                  assertThat(jobs.settle(List.of(done)))
                      .containsExactly(Settlement.Result.ACCEPTED),
              () -> find(queue, "a1").state() == JobState.DONE,
              () -> {
                settle(done);
                claimUntil(queue, () -> isGivenOnce(queue, "b"));
                settle(done);
                assertThat(claim(others, queue)).as("claimed after it").isEmpty();
                assertThat(found(queue).orElseThrow().done()).as("jobs done").isEqualTo(2);
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q74 if the reply to a claim that lets jobs go is lost, they are let go, and once")
  void lostReplyOfClaimOfGraph() {
    needsGraphs();
    loseReplies(
        REPLIES_TO_ADD,
        () -> {
          String queue = unique("queue");
          begun(queue).forEach(lease -> others.settle(List.of(Settlement.done(lease))));
          BooleanSupplier done = () -> isGivenOnce(queue, "b");
          return new Attempt(
              // If a store could not let it go, it may leave that to the next claim.
              () -> assertThat(claim(jobs, queue)).hasSizeLessThanOrEqualTo(1),
              done,
              () -> {
                claimUntil(queue, done);
                assertThat(found(queue).orElseThrow().done()).as("jobs done").isEqualTo(2);
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName(
      "L22 Q76 if the reply to the requeue of a parent is lost, what comes after it waits, and runs"
          + " once")
  void lostReplyOfRequeuedParent() {
    needsGraphs();
    loseReplies(
        () -> {
          String queue = unique("queue");
          begun(queue).forEach(lease -> others.settle(List.of(Settlement.failed(lease, "why"))));
          claimUntil(queue, () -> find(queue, "b").state() == JobState.CANCELLED);
          assertThat(otherAdmin().requeue(queue, "a0")).isEqualTo(JobAdmin.Requeue.REQUEUED);
          BooleanSupplier done = () -> find(queue, "a1").state() == JobState.PENDING;
          return new Attempt(
              () -> assertThat(admin().requeue(queue, "a1")).isEqualTo(JobAdmin.Requeue.REQUEUED),
              done,
              () -> {
                eventually(
                    () ->
                        assertThat(admin().requeue(queue, "a1"))
                            .isIn(JobAdmin.Requeue.REQUEUED, JobAdmin.Requeue.NOT_FAILED));
                claimUntil(queue, () -> isGivenOnce(queue, "a1"));
                assertThat(find(queue, "b").waitsForParts()).as("whether the last waits").isTrue();
                for (String id : List.of("a0", "a1")) {
                  JobLease lease = Optional.ofNullable(find(queue, id).lease()).orElseThrow();
                  settle(Settlement.done(lease));
                }
                claimUntil(queue, () -> isGivenOnce(queue, "b"));
                assertThat(found(queue).orElseThrow().done()).as("jobs done").isEqualTo(2);
              });
        });
  }

  @Test
  @Since(3)
  @DisplayName("L22 if the reply to a read of a graph is lost, it fails; it leaves nothing out")
  void lostReplyOfReadsOfGraph() {
    needsGraphs();
    String queue = unique("queue");
    begun(queue);
    loseRepliesOfRead(() -> assertThat(graphs().find(queue, GRAPH)).isPresent());
    loseRepliesOfRead(() -> assertThat(graphs().parts(queue, GRAPH, null, 10).parts()).hasSize(2));
    loseRepliesOfRead(
        () -> assertThat(graphs().jobs(queue, GRAPH, "a", null, 10).jobs()).hasSize(2));
    loseRepliesOfRead(() -> assertThat(graphs().parents(queue, "b", null, 10).jobs()).hasSize(2));
  }
}
