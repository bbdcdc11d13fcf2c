package dev.lease.testkit;

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
import dev.lease.JobPage;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartState;
import dev.lease.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** What all contracts of graphs share. The jobs of a part are called as the part, and numbered. */
abstract class GraphContract extends JobContract {

  static final String GRAPH = "graph";

  /** The graphs, through one backend object of the store under test. */
  protected JobGraphs graphs;

  /** The same graphs, through another backend object on the same data. */
  protected JobGraphs otherGraphs;

  /** The jobs for operators, through the first object. */
  protected JobAdmin admin;

  /** The same jobs, through the other object. */
  protected JobAdmin otherAdmin;

  @BeforeEach
  void takeGraphs() {
    graphs = part(Capability.GRAPHS, one::jobGraphs);
    otherGraphs = two.jobGraphs();
    admin = part(Capability.ADMIN, one::jobAdmin);
    otherAdmin = two.jobAdmin();
  }

  GraphPiece.Builder piece() {
    return GraphPiece.builder(queue, GRAPH);
  }

  /** A part that waits for others, and is cancelled if one of them fails. */
  static GraphPart part(String name, String... after) {
    GraphPart part = GraphPart.of(name);
    for (String parent : after) {
      part = part.after(parent, OnFailure.CANCEL);
    }
    return part;
  }

  /** A graph that is stored in one piece, with one job in each part. */
  void stored(GraphPart... parts) {
    GraphPiece.Builder piece = piece();
    for (GraphPart part : parts) {
      piece.part(part).job(part.name(), job(part.name()).build());
    }
    stored(piece.last(parts.length, parts.length));
  }

  void stored(GraphPiece.Builder piece) {
    assertThat(graphs.add(piece.build()))
        .as("answer to a new piece")
        .isEqualTo(GraphAnswer.stored());
  }

  /** Adds a part with so many jobs. */
  GraphPiece.Builder with(GraphPiece.Builder piece, GraphPart part, int jobs) {
    piece.part(part);
    for (int i = 0; i < jobs; i++) {
      piece.job(part.name(), job(part.name() + i).build());
    }
    return piece;
  }

  /** Claims as many as there are, and returns their ids. */
  List<String> claimedIds() {
    return ids(claim(100));
  }

  List<ClaimedJob> claimByOthers(int limit) {
    return others.claim(ClaimRequest.of(queue, "other", limit, term)).jobs();
  }

  /** Claims all that there is and settles it, once. Returns the ids. */
  List<String> run(Function<JobLease, Settlement> settlement) {
    List<ClaimedJob> claimed = claim(100);
    claimed.forEach(job -> settled(settlement.apply(job.lease())));
    return ids(claimed);
  }

  List<String> run() {
    return run(Settlement::done);
  }

  List<String> fail() {
    return run(lease -> Settlement.failed(lease, "why"));
  }

  void assertWaiting(String... ids) {
    for (String id : ids) {
      Job job = find(id);
      assertThat(job.state()).as("state of job %s, which waits", id).isEqualTo(JobState.PENDING);
      assertThat(job.waitsForParts()).as("whether job %s waits", id).isTrue();
    }
    assertThat(admin.counts().queue(queue).orElseThrow().waitingForParts())
        .as("waiting, as counts tell")
        .isEqualTo(ids.length);
  }

  void assertStates(JobState state, String... ids) {
    for (String id : ids) {
      assertThat(stateOf(id)).as("state of job %s", id).isEqualTo(state);
    }
  }

  GraphState graph() {
    return otherGraphs.find(queue, GRAPH).orElseThrow(() -> new AssertionError("no such graph"));
  }

  void assertEnded(int done, int failed, int cancelled) {
    GraphState state = graph();
    assertThat(List.of(state.done(), state.failed(), state.cancelled()))
        .as("how many jobs of the graph are done, failed and cancelled")
        .containsExactly(done, failed, cancelled);
  }

  List<PartState> parts() {
    List<PartState> all = new ArrayList<>();
    String after = null;
    do {
      var page = otherGraphs.parts(queue, GRAPH, after, 2);
      all.addAll(page.parts());
      after = page.next();
    } while (after != null);
    return all;
  }

  PartState.Stage stage(String part) {
    return parts().stream()
        .filter(state -> state.part().name().equals(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no part " + part))
        .stage();
  }

  List<Job> parents(String id) {
    return pages(after -> graphs.parents(queue, id, after, 2));
  }

  static List<String> idsOf(List<Job> jobs) {
    return jobs.stream().map(Job::id).toList();
  }

  static List<Job> pages(Function<@Nullable String, JobPage> page) {
    List<Job> all = new ArrayList<>();
    String after = null;
    do {
      JobPage next = page.apply(after);
      all.addAll(next.jobs());
      after = next.next();
    } while (after != null);
    return all;
  }

  GraphAnswer taken(NewJob job) {
    return GraphAnswer.taken(job.id());
  }
}
