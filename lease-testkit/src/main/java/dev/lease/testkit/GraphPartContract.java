package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartState;
import dev.lease.PartState.Stage;
import dev.lease.Settlement;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a graph is stored, and when its parts run. */
@Since(3)
abstract class GraphPartContract extends GraphContract {

  /** In how many claims 2,500 jobs are let go, also by a claim that does so in parts. */
  private static final int MOST_CLAIMS = 100;

  @Test
  @DisplayName("Q73 in a chain each job runs after the one before it, and once")
  void chain() {
    stored(part("a"), part("b", "a"), part("c", "b"));

    assertWaiting("b", "c");
    assertThat(run()).as("first").containsExactly("a");
    assertThat(run()).as("second").containsExactly("b");
    assertThat(run()).as("third").containsExactly("c");
    assertThat(run()).as("at the end").isEmpty();
    assertEnded(3, 0, 0);
  }

  @Test
  @DisplayName("Q73 many jobs wait for one, and one waits for many")
  void fan() {
    stored(
        with(piece().part(part("load")), part("part", "load"), 5)
            .job("load", job("load").build())
            .part(part("sum", "part"))
            .job("sum", job("sum").build())
            .last(3, 7));

    assertThat(run()).as("first").containsExactly("load");
    List<ClaimedJob> parts = claim(10);
    assertThat(ids(parts))
        .as("second")
        .containsExactly("part0", "part1", "part2", "part3", "part4");
    for (ClaimedJob each : parts) {
      assertThat(claim(10)).as("claimed before all have ended").isEmpty();
      settled(Settlement.done(each.lease()));
    }
    assertThat(run()).as("last").containsExactly("sum");
  }

  @Test
  @DisplayName("Q73 a job waits for each of several parts")
  void diamond() {
    stored(part("a"), part("b", "a"), part("c", "a"), part("d", "b", "c"));

    run();
    List<ClaimedJob> middle = claim(10);
    assertThat(ids(middle)).as("in the middle").containsExactly("b", "c");
    settled(Settlement.done(middle.get(1).lease()));
    assertThat(claim(10)).as("claimed after one of two").isEmpty();
    settled(Settlement.done(middle.get(0).lease()));
    assertThat(run()).as("last").containsExactly("d");
  }

  @Test
  @DisplayName("Q72 nothing of a graph runs before its last piece is stored")
  void pieces() {
    stored(with(piece(), part("part"), 2));
    assertThat(claim(10)).as("claimed after the first piece").isEmpty();
    assertWaiting("part0", "part1");
    assertThat(graph().complete()).as("complete").isFalse();

    stored(piece().job("part", job("part2").build()));
    assertThat(claim(10)).as("claimed after the second piece").isEmpty();

    stored(piece().part(part("sum", "part")).job("sum", job("sum").build()).last(2, 4));
    assertThat(graph().complete()).as("complete").isTrue();
    assertThat(run()).as("first").containsExactly("part0", "part1", "part2");
    assertThat(run()).as("last").containsExactly("sum");
  }

  @Test
  @DisplayName(
      "Q72 a graph without a piece for an hour goes with all its jobs, and frees its names")
  void leftOpen() throws Exception {
    stored(with(piece(), part("part"), 2).job("part", job("keyed").dedupKey("once").build()));
    advance(InMemoryGraphs.OPEN_FOR);

    for (int i = 0; i < 3; i++) {
      admin.purge(queue, 100);
    }

    assertThat(otherGraphs.find(queue, GRAPH)).as("the graph").isEmpty();
    assertThat(others.find(queue, "part0")).as("a job of it").isEmpty();
    enqueued(job("part0").dedupKey("once"));
  }

  @Test
  @DisplayName("Q72 a graph of which jobs were discarded takes no piece until all of it is gone")
  @Since(3)
  void discardInPart() {
    stored(with(piece(), part("part"), 3));
    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("discarded").isEqualTo(2);

    GraphPiece again = with(piece(), part("part"), 3).build();
    GraphPiece last =
        piece().part(part("end", "part")).job("end", job("end").build()).last(2, 4).build();
    assertThat(graphs.add(last)).as("to the last piece").isEqualTo(GraphAnswer.differs());
    assertThat(graphs.add(again)).as("to the first piece").isEqualTo(GraphAnswer.differs());

    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("discarded").isEqualTo(1);
    assertThat(graphs.add(again)).as("to the first piece").isEqualTo(GraphAnswer.stored());
    assertThat(graphs.add(last)).as("to the last piece").isEqualTo(GraphAnswer.stored());
    assertThat(claimedIds()).as("claimed").containsExactly("part0", "part1", "part2");
  }

  @Test
  @DisplayName("Q72 a graph that is not complete can be discarded, in pieces, and not another one")
  void discard() {
    stored(with(piece(), part("part"), 3));

    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("discarded").isEqualTo(2);
    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("discarded").isEqualTo(1);
    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("discarded").isZero();
    assertThat(graphs.find(queue, GRAPH)).as("the graph").isEmpty();

    stored(part("part"));
    assertThat(otherGraphs.discard(queue, GRAPH, 2)).as("of a complete graph").isZero();
    assertThat(claimedIds()).as("claimed").containsExactly("part");
  }

  @Test
  @DisplayName(
      "Q72 a graph of which an id or a dedup key is taken is refused, and nothing is stored")
  void taken() {
    String other = enqueued(job("other").dedupKey("key"));
    NewJob id = job("other").build();
    NewJob key = job("new").dedupKey("key").build();
    for (NewJob job : List.of(id, key)) {
      GraphPiece.Builder piece =
          piece().part(part("a")).job("a", job("a").build()).part(part("b", "a"));
      assertThat(graphs.add(piece.job("b", job).last(2, 2).build()))
          .as("answer")
          .isEqualTo(GraphAnswer.taken(job.id()));
      assertThat(otherGraphs.find(queue, GRAPH)).as("the graph").isEmpty();
      assertThat(others.find(queue, "a")).as("another job of it").isEmpty();
    }
    assertThat(claimedIds()).as("claimed").containsExactly(other);
  }

  @Test
  @DisplayName("Q78 a piece that is sent again changes nothing, also once the graph has run")
  void sentAgain() {
    GraphPiece first = with(piece(), part("part"), 2).build();
    GraphPiece last =
        piece().part(part("sum", "part")).job("sum", job("sum").build()).last(2, 3).build();
    for (int i = 0; i < 2; i++) {
      assertThat(graphs.add(first)).as("the first piece").isEqualTo(GraphAnswer.stored());
    }
    assertThat(graphs.add(last)).as("the last piece").isEqualTo(GraphAnswer.stored());
    GraphState before = graph();

    for (GraphPiece piece : List.of(first, last)) {
      assertThat(otherGraphs.add(piece)).as("a piece again").isEqualTo(GraphAnswer.complete());
    }

    assertThat(graph().jobs()).as("jobs").isEqualTo(before.jobs()).isEqualTo(3);
    assertThat(run()).as("first").containsExactly("part0", "part1");
    assertThat(graphs.add(last)).as("the last piece").isEqualTo(GraphAnswer.complete());
    assertThat(run()).as("last").containsExactly("sum");
    assertThat(graphs.add(first))
        .as("a piece of a graph that ended")
        .isEqualTo(GraphAnswer.complete());
    assertThat(claim(10)).as("claimed at the end").isEmpty();
    assertEnded(3, 0, 0);
  }

  @Test
  @DisplayName("Q72 a piece that does not fit to what is stored is refused, and nothing is stored")
  void differs() {
    stored(with(piece().part(part("other")), part("part"), 2));
    NewJob more = job("more").build();
    List<GraphPiece.Builder> pieces =
        List.of(
            piece().part(part("new", "missing")).job("new", more),
            piece().job("missing", more),
            piece().part(part("part", "other")).job("part", more),
            piece().part(part("sum", "part")).job("sum", more).last(4, 3),
            piece().part(part("sum", "part")).job("sum", more).last(3, 4),
            piece().part(part("after", "behind")).part(part("behind")).job("after", more));
    for (GraphPiece.Builder piece : pieces) {
      assertThat(graphs.add(piece.build()))
          .as("%s", piece.build())
          .isEqualTo(GraphAnswer.differs());
      assertThat(others.find(queue, "more")).as("a job of it").isEmpty();
    }
    assertThat(parts()).extracting(state -> state.part().name()).containsExactly("other", "part");
  }

  @Test
  @DisplayName("Q73 a part without jobs has ended when those before it have")
  void noJobs() {
    stored(
        with(piece().part(part("none")), part("a", "none"), 1)
            .part(part("nobody", "a"))
            .part(part("b", "nobody"))
            .job("b", job("b").build())
            .last(4, 2));

    assertThat(run()).as("first").containsExactly("a0");
    assertThat(run()).as("second").containsExactly("b");
  }

  @Test
  @DisplayName("Q73 a job that is let go is due at its own time, and not before")
  void due() throws Exception {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").build())
            .part(part("b", "a"))
            .job("b", job("b").due(Due.after(term.multipliedBy(2))).build())
            .last(2, 2));
    run();
    assertThat(claim(10)).as("claimed before it is due").isEmpty();
    assertThat(find("b").waitsForParts()).as("whether it waits for others").isFalse();

    advance(term.multipliedBy(2));

    assertThat(claimedIds()).as("claimed").containsExactly("b");
  }

  @Test
  @DisplayName("Q73 reads show the graph and the part of a job, and claims give it as any other")
  void fields() {
    NewJob full =
        job("b")
            .priority(9)
            .dedupKey("once")
            .maxCrashes(7)
            .headers(java.util.Map.of("h", "v"))
            .build();
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").build())
            .part(part("b", "a"))
            .job("b", full)
            .last(2, 2));

    Job waiting = find("b");
    assertThat(waiting.graph()).as("graph").isEqualTo(GRAPH);
    assertThat(waiting.part()).as("part").isEqualTo("b");
    assertThat(waiting.priority()).as("priority").isEqualTo(9);
    assertThat(find("a").part()).as("part of the first").isEqualTo("a");
    assertThat(jobs.enqueue(List.of(job("other").dedupKey("once").build())))
        .as("an enqueue with the dedup key of a job that waits")
        .allMatch(answer -> !answer.created() && answer.id().equals("b"));
    run();
    ClaimedJob claimed = claimed();
    assertThat(claimed.lease().jobId()).as("claimed").isEqualTo("b");
    assertThat(claimed.priority()).as("priority").isEqualTo(9);
    assertThat(claimed.maxCrashes()).as("maxCrashes").isEqualTo(7);
    assertThat(claimed.headers()).as("headers").containsEntry("h", "v");
  }

  @Test
  @DisplayName("Q73 Q76 a job that is tried again has not ended")
  void retry() throws Exception {
    stored(part("a"), part("b", "a"));
    JobLease lease = claimed().lease();
    settled(Settlement.retry(lease, java.time.Duration.ZERO, "again"));
    assertThat(find("b").waitsForParts()).as("whether the next waits").isTrue();
    lease = claimed().lease();
    settled(Settlement.released(lease, java.time.Duration.ZERO));
    lease = claimed().lease();
    expireLeases();
    ClaimedJob again = claimed();
    assertThat(again.lease().jobId()).as("claimed after the expiry").isEqualTo("a");
    assertThat(jobs.settle(List.of(Settlement.done(lease))))
        .as("a settlement by the one that lost it")
        .containsExactly(Settlement.Result.LOST);
    assertThat(claim(10)).as("claimed before it has ended").isEmpty();

    settled(Settlement.done(again.lease()));

    assertThat(run()).as("last").containsExactly("b");
  }

  @Test
  @DisplayName("Q74 Q78 a settlement that is sent again lets nothing go before its time")
  void settledAgain() {
    stored(
        with(piece(), part("part"), 2)
            .part(part("sum", "part"))
            .job("sum", job("sum").build())
            .last(2, 3));
    List<ClaimedJob> claimed = claim(10);
    Settlement done = Settlement.done(claimed.get(0).lease(), "result");

    jobs.settle(List.of(done));
    others.settle(List.of(done));
    jobs.settle(List.of(done, done));

    assertThat(claim(10)).as("claimed").isEmpty();
    settled(Settlement.done(claimed.get(1).lease()));
    assertThat(claimedIds()).as("claimed after the other").containsExactly("sum");
  }

  @Test
  @DisplayName("Q75 what comes after a part that failed is cancelled, and what comes after that")
  void cancelOnFailure() {
    stored(
        with(piece(), part("part"), 2)
            .part(part("sum", "part"))
            .job("sum", job("sum").build())
            .part(part("mail", "sum"))
            .job("mail", job("mail").build())
            .last(3, 4));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    assertThat(claim(10)).as("claimed before the part has ended").isEmpty();
    settled(Settlement.done(claimed.get(1).lease()));

    assertThat(claim(10)).as("claimed").isEmpty();
    assertStates(JobState.CANCELLED, "sum", "mail");
    assertThat(find("sum").error()).as("error").contains("part");
    assertThat(find("mail").error()).as("error").contains("sum");
    assertThat(stage("mail")).as("stage").isEqualTo(Stage.CANCELLED);
    assertEnded(1, 1, 2);
  }

  @Test
  @DisplayName("Q75 a part that is to run after a failure does, and sees what failed")
  void runOnFailure() {
    stored(
        with(piece(), part("part"), 3)
            .part(GraphPart.of("sum").after("part", OnFailure.RUN))
            .job("sum", job("sum").build())
            .last(2, 4));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    settled(Settlement.done(claimed.get(1).lease(), "1"));
    settled(Settlement.done(claimed.get(2).lease(), "2"));

    assertThat(claimedIds()).as("claimed").containsExactly("sum");
    assertThat(parents("sum"))
        .extracting(Job::id, Job::state, Job::result, Job::error)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("part0", JobState.FAILED, null, "why"),
            org.assertj.core.groups.Tuple.tuple("part1", JobState.DONE, "1", null),
            org.assertj.core.groups.Tuple.tuple("part2", JobState.DONE, "2", null));
  }

  @Test
  @DisplayName("Q75 a part that is to ignore failures runs, and sees only what is done")
  void ignoreFailure() {
    stored(
        with(piece(), part("part"), 2)
            .part(GraphPart.of("sum").after("part", OnFailure.IGNORE))
            .job("sum", job("sum").build())
            .last(2, 3));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    settled(Settlement.done(claimed.get(1).lease()));

    assertThat(claimedIds()).as("claimed").containsExactly("sum");
    assertThat(idsOf(parents("sum"))).as("parents").containsExactly("part1");
  }

  @Test
  @DisplayName("Q75 one part before it that failed is enough to cancel a part")
  void mixedPolicies() {
    stored(
        piece()
            .part(part("a"))
            .job("a", job("a").build())
            .part(part("b"))
            .job("b", job("b").build())
            .part(GraphPart.of("c").after("a", OnFailure.RUN).after("b", OnFailure.CANCEL))
            .job("c", job("c").build())
            .part(GraphPart.of("d").after("a", OnFailure.CANCEL).after("b", OnFailure.RUN))
            .job("d", job("d").build())
            .last(4, 4));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.failed(claimed.get(0).lease(), "why"));
    settled(Settlement.done(claimed.get(1).lease()));

    assertThat(claimedIds()).as("claimed").containsExactly("c");
    assertStates(JobState.CANCELLED, "d");
  }

  @Test
  @DisplayName("Q77 a job finds the jobs of all parts before it, in pages, and their results")
  void parentsInPages() {
    stored(
        with(with(piece(), part("x"), 3), part("y"), 2)
            .part(part("sum", "y", "x"))
            .job("sum", job("sum").build())
            .last(3, 6));

    run(lease -> Settlement.done(lease, lease.jobId()));

    assertThat(parents("sum"))
        .extracting(Job::result)
        .containsExactly("y0", "y1", "x0", "x1", "x2");
    assertThat(parents("x0")).as("parents of one that waited for none").isEmpty();
    assertThat(idsOf(pages(after -> graphs.jobs(queue, GRAPH, "x", after, 2))))
        .as("jobs of a part")
        .containsExactly("x0", "x1", "x2");
    assertThat(graphs.jobs(queue, GRAPH, "none", null, 2).jobs()).as("jobs of no part").isEmpty();
    String alone = enqueued(job());
    assertThat(parents(alone)).as("parents of a job of no graph").isEmpty();
  }

  @Test
  @DisplayName(
      "Q79 however many wait for a job, no call lets more than 1,000 go, and the next claims go on")
  void manyWait() {
    int wait = 0;
    stored(piece().part(part("a")).job("a", job("a").build()).part(part("many", "a")));
    for (int some : new int[] {1_000, 1_000, 500}) {
      GraphPiece.Builder piece = piece();
      for (int i = 0; i < some; i++) {
        piece.job("many", job("many" + wait++).build());
      }
      stored(wait < 2_500 ? piece : piece.last(2, 1 + wait));
    }
    JobLease lease = claimed().lease();

    settled(Settlement.done(lease));
    for (int calls = 0; wait > 0; calls++) {
      int left = (int) admin.counts().queue(queue).orElseThrow().waitingForParts();
      assertThat(wait - left).as("let go by one call").isLessThanOrEqualTo(1_000);
      wait = left;
      assertThat(calls).as("claims while %s wait", wait).isLessThan(MOST_CLAIMS);
      jobs.claim(ClaimRequest.of(queue, "worker", 1, term));
    }
  }

  @Test
  @DisplayName("Q74 Q75 all of very many parts are cancelled, a claim after the other")
  @Since(3)
  void manyParts() {
    int parts = 2_400;
    stored(piece().part(part("first")).job("first", job("first").build()));
    for (int from = 0; from < parts; from += 800) {
      GraphPiece.Builder piece = piece();
      for (int i = from; i < from + 800; i++) {
        piece.part(part("part " + i, "first")).job("part " + i, job("job " + i).build());
      }
      stored(from + 800 == parts ? piece.last(parts + 1, parts + 1) : piece);
    }
    fail();

    for (int calls = 0; graph().left() > 0; calls++) {
      assertThat(calls).as("claims while %s are left", graph().left()).isLessThan(MOST_CLAIMS);
      assertThat(claim(1)).as("claimed").isEmpty();
    }
    assertEnded(0, 1, parts);
  }

  @Test
  @DisplayName("Q73 find and parts tell how far a graph is")
  void progress() {
    assertThat(graphs.find(queue, GRAPH)).as("no graph").isEmpty();
    assertThat(graphs.parts(queue, GRAPH, null, 10).parts()).as("parts of no graph").isEmpty();
    stored(
        with(piece(), part("part"), 3)
            .part(part("sum", "part"))
            .job("sum", job("sum").build())
            .last(2, 4));
    List<ClaimedJob> claimed = claim(10);
    settled(Settlement.done(claimed.get(0).lease()));
    settled(Settlement.failed(claimed.get(1).lease(), "why"));

    GraphState state = graph();
    assertThat(state.parts()).as("parts").isEqualTo(2);
    assertThat(state.jobs()).as("jobs").isEqualTo(4);
    assertThat(state.left()).as("left").isEqualTo(2);
    assertEnded(1, 1, 0);
    assertThat(parts())
        .containsExactly(
            PartState.of(part("part"), Stage.RUNNING, 3, 1, 1, 0),
            PartState.of(part("sum", "part"), Stage.WAITING, 1, 0, 0, 0));
    settled(Settlement.done(claimed.get(2).lease()));
    assertThat(parts().get(0)).isEqualTo(PartState.of(part("part"), Stage.ENDED, 3, 2, 1, 0));
  }

  @Test
  @DisplayName("Q73 a graph goes on where its jobs end in another backend object")
  void otherObjects() throws Exception {
    stored(part("a"), part("b", "a"));

    List<ClaimedJob> claimed = claimByOthers(10);
    assertThat(ids(claimed)).as("claimed by others").containsExactly("a");
    others.settle(List.of(Settlement.done(claimed.get(0).lease())));

    assertThat(ids(claimByOthers(10))).as("then").containsExactly("b");
  }
}
