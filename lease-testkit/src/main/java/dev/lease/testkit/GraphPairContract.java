package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartState;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.testkit.PairOfCalls.Call;
import dev.lease.testkit.PairOfCalls.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Races, by a rule: each pair of calls on the jobs of one graph answers and ends as if one call had
 * come after the other. So no job is let go early or twice, and none waits for ever.
 */
@Since(3)
abstract class GraphPairContract extends GraphModelContract {

  private static final List<String> PARTS = List.of("a", "b", "c", "d");
  private static final List<String> JOBS = List.of("a0", "a1", "b", "c", "d");

  /** A claim that finds nothing may only have come at the same time as another one [Q74]. */
  private static final int EMPTY_CLAIMS = 2;

  /**
   * A queue with a graph: after two jobs, which may have ended, comes one that is cancelled if they
   * fail, and one that runs then; after the former comes another one that runs then.
   *
   * @param leases of the jobs that are held
   */
  private record OneGraph(String queue, List<JobLease> leases) {}

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q73 Q74 two calls at once on a part of which two jobs are held end in an order")
  void pairsOnTwoHeldJobs() throws Exception {
    takeLongLeases();
    pairs()
        .race(
            List.of(settle(SettlementKind.DONE), settle(SettlementKind.FAILED)),
            List.of(
                settle(SettlementKind.DONE),
                settle(SettlementKind.FAILED),
                settle(SettlementKind.RETRY),
                look(),
                cancel("a1"),
                cancel("b"),
                delete("a0"),
                delete("a1"),
                delete("b"),
                purge()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q73 Q74 the end of the last job of a part at once with another call ends in order")
  void pairsOnTheLastJob() throws Exception {
    takeLongLeases();
    pairs(SettlementKind.DONE)
        .race(
            List.of(settle(SettlementKind.DONE), settle(SettlementKind.FAILED), delete("a1")),
            List.of(look(), resetAll(), cancel("a1"), cancel("b"), delete("b"), purge()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q73 Q77 a claim that lets jobs go at once with another call ends in an order")
  void pairsWithAClaim() throws Exception {
    takeLongLeases();
    pairs(SettlementKind.DONE, SettlementKind.DONE)
        .race(
            List.of(look()),
            List.of(look(), cancel("b"), delete("b"), delete("a0"), cancel("c"), purge()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q75 Q76 two calls at once on a part that has failed end in an order")
  void pairsOnAFailedPart() throws Exception {
    takeLongLeases();
    pairs(SettlementKind.FAILED, SettlementKind.DONE)
        .race(
            List.of(look(), requeue("a0")),
            List.of(
                look(),
                requeue("a0"),
                requeue("b"),
                cancel("b"),
                cancel("d"),
                delete("b"),
                delete("a0"),
                purge()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q72 Q78 two calls at once on a graph that is not complete end in an order")
  void pairsOnAnOpenGraph() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(this::openGraphs, this::left)
        .race(
            List.of(
                add("the first piece again", GraphPairContract::first),
                add("another piece", GraphPairContract::second),
                add("the last piece", GraphPairContract::last),
                add("all in one piece", GraphPairContract::whole),
                discardAll(),
                delete("a0"),
                look()));
  }

  private PairOfCalls<OneGraph> pairs(SettlementKind... ended) {
    return new PairOfCalls<>(count -> graphs(count, List.of(ended)), this::left);
  }

  private List<OneGraph> openGraphs(int count) {
    List<OneGraph> made =
        Stream.generate(() -> new OneGraph(Names.unique("graph"), List.of())).limit(count).toList();
    made.forEach(one -> bare.one.jobGraphs().add(first(one.queue()).build()));
    return made;
  }

  private List<OneGraph> graphs(int count, List<SettlementKind> ended) {
    List<OneGraph> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = Names.unique("graph");
      bare.one.jobGraphs().add(whole(name).build());
      List<JobLease> leases = claim(bare.one, name).stream().map(ClaimedJob::lease).toList();
      List<Settlement> settlements = new ArrayList<>();
      for (int job = 0; job < ended.size(); job++) {
        settlements.add(ended.get(job).of(leases.get(job)));
      }
      if (!settlements.isEmpty()) {
        bare.one.jobQueue().settle(settlements);
      }
      made.add(new OneGraph(name, leases.subList(ended.size(), leases.size())));
    }
    return made;
  }

  private static GraphPiece.Builder first(String queue) {
    return GraphPiece.builder(queue, GRAPH)
        .part(part("a"))
        .job("a", job(queue, "a0"))
        .job("a", job(queue, "a1"))
        .part(part("b", "a"));
  }

  private static GraphPiece.Builder second(String queue) {
    return GraphPiece.builder(queue, GRAPH).job("b", job(queue, "b"));
  }

  private static GraphPiece.Builder last(String queue) {
    return rest(GraphPiece.builder(queue, GRAPH), queue).last(PARTS.size(), JOBS.size());
  }

  private static GraphPiece.Builder whole(String queue) {
    return rest(first(queue).job("b", job(queue, "b")), queue).last(PARTS.size(), JOBS.size());
  }

  private static GraphPiece.Builder rest(GraphPiece.Builder piece, String queue) {
    return piece
        .part(GraphPart.of("c").after("b", OnFailure.RUN))
        .job("c", job(queue, "c"))
        .part(GraphPart.of("d").after("a", OnFailure.RUN))
        .job("d", job(queue, "d"));
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "kit", "").build();
  }

  private Backend backend(Side<OneGraph> side) {
    return side.isFirst() ? bare.one : bare.two;
  }

  private JobAdmin admin(Side<OneGraph> side) {
    return backend(side).jobAdmin();
  }

  private List<ClaimedJob> claim(Backend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "worker", 10, term)).jobs();
  }

  /** Each side ends its own job, if two are held. */
  private Call<OneGraph> settle(SettlementKind kind) {
    return new Call<>(
        "settle as " + kind,
        side -> {
          List<JobLease> leases = side.on().leases();
          JobLease lease = leases.get(side.isFirst() ? 0 : leases.size() - 1);
          Settlement.Result result =
              backend(side).jobQueue().settle(List.of(kind.of(lease))).get(0);
          return result == Settlement.Result.BUSY ? PairOfCalls.PASSED_BY : result.toString();
        });
  }

  /**
   * A claim that does not say what it got: what is let go, requeued or finished at the same time
   * may come with this claim or with the next one [Q74].
   */
  private Call<OneGraph> look() {
    return new Call<>(
        "look",
        side -> {
          claim(backend(side), side.on().queue());
          return "";
        });
  }

  private Call<OneGraph> cancel(String id) {
    return new Call<>("cancel of " + id, side -> "" + admin(side).cancel(side.on().queue(), id));
  }

  private Call<OneGraph> delete(String id) {
    return new Call<>("delete of " + id, side -> "" + admin(side).delete(side.on().queue(), id));
  }

  private Call<OneGraph> requeue(String id) {
    return new Call<>(
        "requeue of " + id,
        side -> "" + admin(side).requeue(side.on().queue(), id, Requeueing.now()));
  }

  private Call<OneGraph> resetAll() {
    return new Call<>(
        "reset", side -> "" + admin(side).resetExpired(side.on().queue(), 10).count());
  }

  private Call<OneGraph> purge() {
    return new Call<>("purge", side -> "" + admin(side).purge(side.on().queue(), Duration.ZERO, 9));
  }

  private interface Made {
    GraphPiece.Builder in(String queue);
  }

  private Call<OneGraph> add(String what, Made piece) {
    return new Call<>(
        what,
        side -> "" + backend(side).jobGraphs().add(piece.in(side.on().queue()).build()).kind());
  }

  private Call<OneGraph> discardAll() {
    return new Call<>(
        "discard", side -> "" + backend(side).jobGraphs().discard(side.on().queue(), GRAPH, 100));
  }

  /** What comes next, and the states of all jobs, until nothing is left to do. */
  private String left(OneGraph one) {
    JobQueue queue = bare.two.jobQueue();
    var text = new StringBuilder();
    for (int empty = 0; empty < EMPTY_CLAIMS; ) {
      List<ClaimedJob> claimed = claim(bare.two, one.queue());
      List<Settlement> held =
          states(one)
              .flatMap(job -> Optional.ofNullable(job.lease()).stream())
              .<Settlement>map(Settlement::done)
              .toList();
      empty = held.isEmpty() ? empty + 1 : 0;
      if (!held.isEmpty()) {
        text.append(states(one).map(GraphPairContract::shown).toList()).append(", then ");
        queue.settle(held);
      }
      assertThat(held).as("jobs that are held").hasSizeGreaterThanOrEqualTo(claimed.size());
    }
    assertNoneWaits(one);
    return text.append(states(one).map(GraphPairContract::shown).toList())
        .append(parts(one))
        .toString();
  }

  /** All that could be claimed has ended, so each part has, once the graph is complete. */
  private void assertNoneWaits(OneGraph one) {
    JobGraphs graphs = bare.two.jobGraphs();
    boolean complete =
        graphs.find(one.queue(), GRAPH).filter(graph -> graph.complete()).isPresent();
    assertThat(states(one).filter(Job::waitsForParts).map(Job::id))
        .as("jobs that wait, of a graph that is %s", complete ? "complete" : "not complete")
        .matches(waiting -> !complete || waiting.isEmpty());
  }

  private List<PartState> parts(OneGraph one) {
    return bare.two.jobGraphs().parts(one.queue(), GRAPH, null, 10).parts();
  }

  private Stream<Job> states(OneGraph one) {
    return JOBS.stream().flatMap(id -> bare.two.jobQueue().find(one.queue(), id).stream());
  }

  private static String shown(Job job) {
    return job.id()
        + " "
        + job.state()
        + (job.attempts() > 1 ? ", attempts " + job.attempts() : "")
        + (job.waitsForParts() ? ", waits" : "")
        + (job.cancelRequested() ? ", to be cancelled" : "");
  }
}
