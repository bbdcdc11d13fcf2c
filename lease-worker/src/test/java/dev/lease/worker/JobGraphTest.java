package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.BackendView;
import dev.lease.Due;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Graphs as they are described and sent. How they run is in {@link GraphsTest}. */
class JobGraphTest {

  private static final JobType<String> LOAD = JobType.of("reports", "load", String.class);
  private static final JobType<Integer> COUNT = JobType.of("reports", "count", Integer.class);
  private static final GraphAnswer STORED = GraphAnswer.stored();
  private static final GraphAnswer COMPLETE = GraphAnswer.complete();

  private final InMemoryBackend backend = new InMemoryBackend(new ManualClock());
  private final FaultyGraphs graphs = new FaultyGraphs(backend.jobGraphs());
  private final JobClient client = JobClient.of(BackendView.of(backend).withJobGraphs(graphs));

  @AfterEach
  void close() {
    backend.close();
  }

  private JobGraph graph() {
    return client.graph("r7", "reports");
  }

  private JobGraph small() {
    return graph().add("load", LOAD, "monday").add("count", COUNT, 1).after("load");
  }

  /** In three pieces. */
  private JobGraph large() {
    return graph().add("load", LOAD, "monday").addAll("count", COUNT, numbers(2_500)).after("load");
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private Optional<GraphState> stored() {
    return graphs.find("reports", "r7");
  }

  private Job job(String id) {
    return backend.jobQueue().find("reports", id).orElseThrow();
  }

  private void assertNothingIsThere() {
    assertThat(stored()).isEmpty();
    assertThat(backend.jobAdmin().counts().queues()).isEmpty();
  }

  private static StoreException lostReply() {
    return StoreException.outcomeUnknown("the reply was lost", null);
  }

  @Test
  @DisplayName("Q72 the jobs of a graph have ids made of graph, part and number, and wait")
  void ids() {
    JobGraph graph =
        graph()
            .add("load", LOAD, "monday")
            .addAll("count", COUNT, List.of(4, 5))
            .after("load")
            .add("north/south", LOAD.withPriority(9), "x")
            .after("load")
            .onFailure(OnFailure.RUN);

    assertThat(client.enqueue(graph)).isEqualTo(STORED);
    assertThat(graphs.parts("reports", "r7", null, 10).parts())
        .extracting(state -> state.part())
        .containsExactly(
            GraphPart.of("load"),
            GraphPart.of("count").after("load", OnFailure.CANCEL),
            GraphPart.of("north/south").after("load", OnFailure.RUN));
    assertThat(job("r7/load/0").waitsForParts()).isFalse();
    assertThat(job("r7/count/1").payload()).isEqualTo("5");
    assertThat(job("r7/count/1").part()).isEqualTo("count");
    assertThat(job("r7/north%2Fsouth/0").waitsForParts()).isTrue();
    assertThat(job("r7/north%2Fsouth/0").priority()).isEqualTo(9);
    assertThat(graph.jobId("north/south", 0)).isEqualTo("r7/north%2Fsouth/0");
  }

  @Test
  @DisplayName("Q78 W37 a graph that is enqueued again, or described anew, is there already")
  void again() {
    assertThat(client.enqueue(small())).isEqualTo(STORED);
    GraphState before = stored().orElseThrow();
    assertThat(client.enqueue(small())).isEqualTo(COMPLETE);
    assertThat(client.enqueue(large())).isEqualTo(COMPLETE);
    assertThat(stored()).contains(before);
  }

  @Test
  @DisplayName("a large graph is cut where jobs, parts or edges are too many for a piece")
  void pieces() {
    client.enqueue(large());
    assertThat(graphs.pieces)
        .extracting(piece -> piece.allJobs().size())
        .containsExactly(1_000, 1_000, 501);
    assertThat(graphs.pieces)
        .extracting(GraphPiece::total)
        .containsExactly(null, null, new GraphPiece.Total(2, 2_501));
    assertThat(stored().orElseThrow().jobs()).isEqualTo(2_501);

    graphs.pieces.clear();
    JobGraph wide = client.graph("wide", "reports");
    String[] names = new String[1_001];
    for (int i = 0; i < names.length; i++) {
      names[i] = "p" + i;
      wide.addAll(names[i], COUNT, List.of());
    }
    for (int i = 0; i < 10; i++) {
      wide.add("after all " + i, COUNT, i).after(names);
    }
    client.enqueue(wide);
    assertThat(graphs.pieces)
        .extracting(piece -> piece.parts().size())
        .containsExactly(1_000, 10, 1);
    assertThat(graphs.find("reports", "wide").orElseThrow().complete()).isTrue();
  }

  @Test
  @DisplayName(
      "a graph with long payloads is cut before a piece has more than four million characters")
  void longPayloads() {
    client.enqueue(graph().addAll("load", LOAD, Collections.nCopies(10, "x".repeat(1_000_000))));
    assertThat(graphs.pieces)
        .extracting(piece -> piece.allJobs().size())
        .containsExactly(3, 3, 3, 1);
  }

  @Test
  @DisplayName("a part may have jobs with options, and of several types")
  void options() {
    NewJob later = client.job(LOAD, "tuesday", "x").due(Due.after(Duration.ofMinutes(1))).build();
    client.enqueue(graph().add("load", LOAD, "monday").add("load", later).add("load", COUNT, 3));
    assertThat(stored().orElseThrow().parts()).isEqualTo(1);
    assertThat(job("tuesday").part()).isEqualTo("load");
    assertThat(job("r7/load/2").type()).isEqualTo("count");
  }

  @Test
  @DisplayName("Q78 whatever reply is lost, enqueueing it again makes nothing twice")
  void lostReplies() {
    for (int lost = 0; lost < 3; lost++) {
      int piece = lost;
      graphs.pieces.clear();
      graphs.onAdd =
          call -> {
            GraphAnswer answer = call.get();
            if (graphs.pieces.size() - 1 == piece) {
              throw lostReply();
            }
            return answer;
          };
      String id = "lost " + lost;
      JobGraph graph = client.graph(id, "reports").addAll("count", COUNT, numbers(2_500));
      assertThatExceptionOfType(StoreException.class).isThrownBy(() -> client.enqueue(graph));
      assertThat(graphs.find("reports", id).orElseThrow().complete()).isEqualTo(lost == 2);
      assertThat(client.enqueue(graph)).isEqualTo(lost == 2 ? COMPLETE : STORED);
      assertThat(graphs.find("reports", id).orElseThrow().jobs()).isEqualTo(2_500);
    }
  }

  @Test
  @DisplayName("Q72 W37 a graph of which a job's id is taken is refused, and nothing of it is left")
  void taken() {
    client.enqueue(client.job(COUNT, "r7/count/2300", 1).build());
    assertThatExceptionOfType(GraphRefusedException.class)
        .isThrownBy(() -> client.enqueue(large()))
        .withMessageContainingAll("r7", "reports", "job r7/count/2300 is taken", "another one")
        .satisfies(e -> assertThat(e.job()).isEqualTo("r7/count/2300"))
        .satisfies(e -> assertThat(e.graph()).isEqualTo("r7"))
        .satisfies(e -> assertThat(e.queue()).isEqualTo("reports"));
    assertThat(stored()).isEmpty();
    assertThat(backend.jobAdmin().counts().queues())
        .singleElement()
        .satisfies(queue -> assertThat(queue.waitingForParts()).isZero());

    graphs.onDiscard =
        call -> {
          throw lostReply();
        };
    assertThatExceptionOfType(GraphRefusedException.class)
        .isThrownBy(() -> client.enqueue(large()))
        .satisfies(e -> assertThat(e).hasSuppressedException(lostReply()));
  }

  @Test
  @DisplayName("a graph is refused if one with other parts is being stored under its id")
  void differs() {
    graphs.onAdd =
        call -> {
          assertThat(call.get()).isEqualTo(STORED);
          throw lostReply();
        };
    assertThatExceptionOfType(StoreException.class).isThrownBy(() -> client.enqueue(large()));
    graphs.onAdd = call -> call.get();
    JobGraph other = graph().add("load", LOAD, "monday");
    assertThatExceptionOfType(GraphRefusedException.class)
        .isThrownBy(() -> client.enqueue(other))
        .withMessageContainingAll("r7", "another graph is being stored", "repeat the call")
        .satisfies(e -> assertThat(e.job()).isNull());
    assertNothingIsThere();
    assertThat(client.enqueue(other)).isEqualTo(STORED);
  }

  @Test
  @DisplayName("an interceptor sees each job of a graph, and what it changes is stored")
  void interceptors() {
    List<String> seen = new ArrayList<>();
    JobClient tagging =
        client.intercept(
            (jobs, call) -> {
              jobs.forEach(job -> seen.add(job.id()));
              return call.enqueue(
                  jobs.stream()
                      .map(job -> job.toBuilder().headers(Map.of("by", "me")).build())
                      .toList());
            });
    tagging.enqueue(large().addAll("none", COUNT, List.of()).after("count"));
    assertThat(seen).hasSize(2_501).startsWith("r7/load/0", "r7/count/0");
    assertThat(job("r7/count/2499").headers()).containsEntry("by", "me");

    JobClient losing = client.intercept((jobs, call) -> List.of());
    assertThatIllegalStateException()
        .isThrownBy(() -> losing.enqueue(losing.graph("lost", "reports").add("a", COUNT, 1)))
        .withMessageContainingAll("lost", "interceptor", "once");
  }

  @Test
  @DisplayName("a client stores graphs by another call only if it is given one")
  void inATransaction() {
    JobClient jobsOnly = client.in(backend.jobQueue()::enqueue);
    assertThatThrownBy(() -> jobsOnly.enqueue(small()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("graph r7", "in(..)");
    assertNothingIsThere();

    List<GraphPiece> pieces = new ArrayList<>();
    JobClient both =
        client.in(
            backend.jobQueue()::enqueue,
            piece -> {
              pieces.add(piece);
              return graphs.add(piece);
            });
    assertThat(both.enqueue(both.graph("r7", "reports").add("a", COUNT, 1))).isEqualTo(STORED);
    assertThat(pieces).hasSize(1);
  }

  @Test
  @DisplayName("a store without graphs refuses one before it does anything")
  void withoutGraphs() {
    JobClient without = JobClient.of(Parts.of(backend.jobQueue()));
    assertThatThrownBy(() -> without.enqueue(without.graph("r7", "reports").add("a", COUNT, 1)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("GRAPHS", "r7", "let each job enqueue the next one");
    JobClient withoutKeys = JobClient.of(Parts.of(backend.jobQueue()));
    JobType<Integer> keyed = COUNT.withKey(number -> "acme");
    assertThatThrownBy(
            () -> withoutKeys.enqueue(withoutKeys.graph("r7", "reports").add("a", keyed, 1)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("KEYS", "r7/a/0", "acme");
    assertNothingIsThere();
  }

  @Test
  @DisplayName(
      "what a graph cannot have is refused where it is said, with the value and the remedy")
  void refusals() {
    assertRefused(() -> client.graph(" ", "reports"), "graph must not be blank");
    assertRefused(() -> client.graph("g", "q".repeat(201)), "queue must be at most 200 bytes");
    assertRefused(
        () -> client.graph("g".repeat(195), "reports").add("load", LOAD, "x"),
        "was 202",
        "graph, part and number",
        "shorten the id of the graph");
    assertRefused(
        () -> client.graph("schedule:x", "reports").add("load", LOAD, "x"), "schedule:", "prefix");
    assertRefused(
        () -> graph().add("mail", LOAD.in("mails"), "x"),
        "graph r7 is of one queue, reports",
        "type load is of queue mails",
        "type.in(reports)");
    assertRefused(
        () -> graph().add("mail", client.job(LOAD.in("mails"), "m", "x").build()),
        "job m is of queue mails");
    assertRefused(() -> graph().after("load"), "graph r7 has no part yet", "before after(..)");
    assertRefused(
        () -> graph().add("load", LOAD, "x").onFailure(OnFailure.RUN),
        "part load",
        "call after(..) before onFailure(RUN)");
    assertRefused(() -> small().after("laod"), "part count", "was laod", "add that one first");
    assertRefused(() -> small().after("count"), "added before it, was count");
    assertRefused(
        () -> small().add("load", LOAD, "y").after("count"), "added before it, was count");
    assertRefused(() -> small().after("load"), "part count come after part load twice");
    assertRefused(
        () -> small().add("x", client.job(LOAD, "r7/count/0", "x").build()),
        "job r7/count/0",
        "leave one out");
    NewJob.Builder keyed = client.job(LOAD, "x", "x").dedupKey("k");
    NewJob.Builder other = client.job(LOAD, "y", "x").dedupKey("k");
    assertRefused(
        () -> graph().add("x", keyed.build()).add("y", other.build()), "job y", "dedup key");
    assertRefused(() -> client.enqueue(graph()), "graph r7 has no part", "add one");
    assertNothingIsThere();
  }

  private static void assertRefused(Runnable call, String... words) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContainingAll(words);
  }

  @Test
  @DisplayName("a graph has at most 100,000 parts, of which each comes after 10,000 at most")
  void sizes() {
    JobGraph graph = graph();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < GraphPiece.MAX_PARTS; i++) {
      names.add("p" + i);
      graph.addAll(names.get(i), COUNT, List.of());
    }
    assertRefused(
        () -> graph.addAll("one more", COUNT, List.of()),
        "100000 parts",
        "one more",
        "into one part");
    assertRefused(
        () -> graph.after(names.subList(0, 10_001).toArray(String[]::new)),
        "10000 others",
        "was 10001",
        "p99999");
    assertThat(Collections.max(graph.pieces().stream().map(piece -> piece.parts().size()).toList()))
        .isEqualTo(1_000);
  }
}
