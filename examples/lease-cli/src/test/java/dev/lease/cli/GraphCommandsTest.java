package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands for graphs, on each store as far as it has them. */
@Timeout(120)
class GraphCommandsTest {

  private static final Duration LEASE = Duration.ofHours(1);

  @TempDir private Path directory;

  private static NewJob job(String id) {
    return NewJob.builder("reports", id, "count", "{}").build();
  }

  /** load, behind it two of count and one of mail, and sum behind both. */
  private static GraphPiece.Builder report() {
    return GraphPiece.builder("reports", "r7")
        .part(GraphPart.of("load"))
        .part(GraphPart.of("count").after("load", OnFailure.CANCEL))
        .part(GraphPart.of("mail").after("load", OnFailure.RUN))
        .part(GraphPart.of("sum").after("count", OnFailure.CANCEL).after("mail", OnFailure.IGNORE))
        .job("load", job("load"))
        .job("count", job("count1"))
        .job("count", job("count2"))
        .job("mail", job("mail"))
        .job("sum", job("sum"));
  }

  private static JobState state(TestStore store, String id) {
    return store.queue().find("reports", id).map(Job::state).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("a graph is shown as a tree of its parts, or a store says that it has none")
  void tree(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      if (!store.backend().capabilities().contains(Capability.GRAPHS)) {
        store.enqueue("reports", "count", "alone");
        Answer answer = store.run("graph", "r7");
        assertThat(answer.code()).isEqualTo(1);
        assertThat(answer.err()).hasLineCount(1).contains("GRAPHS");
        return;
      }
      JobGraphs graphs = store.backend().jobGraphs();
      graphs.add(report().build());
      assertThat(store.run("graph", "r7").out())
          .contains("Not all of it is stored yet")
          .containsPattern("load +WAITING +1 ");
      graphs.add(report().last(4, 5).build());
      store.settle(Settlement.done(store.claim("reports", "load"), null));
      store.settle(Settlement.failed(store.claim("reports", "count1"), "no shop"));

      assertThat(store.run("graph", "r7").out().lines())
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .isEqualTo(
                          "Graph r7 of queue reports: parts 4, jobs 5, done 1, failed 1,"
                              + " cancelled 0, left 3."),
              line -> assertThat(line).startsWith("PART     STAGE").endsWith("LEFT  AFTER"),
              line -> assertThat(line).matches("load +ENDED +1 +1 +0 +0 +0 +-"),
              line -> assertThat(line).matches("  count +RUNNING +2 +0 +1 +0 +1 +load"),
              line -> assertThat(line).matches("  mail +RUNNING +1 +0 +0 +0 +1 +load \\(RUN\\)"),
              line ->
                  assertThat(line)
                      .matches("    sum +WAITING +1 +0 +0 +0 +1 +count, mail \\(IGNORE\\)"));
      assertThat(store.run("graph", "r7", "--queue", "reports", "--limit", "3").out())
          .contains("  mail ")
          .doesNotContain("  sum ")
          .endsWith("Parts that are not shown: 1. To see them, raise --limit (3).\n");
      assertThat(store.run("graph", "r7", "--json", "--limit", "3").out().lines()).hasSize(4);
      assertThat(store.run("graph", "r7", "--json", "--limit", "4").out().lines())
          .hasSize(5)
          .first()
          .asString()
          .startsWith(
              "{\"queue\":\"reports\",\"id\":\"r7\",\"complete\":true,\"parts\":4,\"jobs\":5,");
      assertThat(store.run("graph", "r8"))
          .isEqualTo(new Answer(1, "Graph r8 is not in any queue.\n", ""));

      assertThat(store.run("show", "sum").out())
          .contains("Graph       r7, part sum, waits for other parts");
      assertThat(store.run("jobs").out()).containsPattern("sum .* waits for other parts");
      assertThat(store.run("queues").out()).containsPattern("reports +- +3 +0 +0 +1 +0");
      store.run("delete", "load", "count1", "count2", "mail", "sum");
    }
  }

  @Test
  @DisplayName("a job is cancelled and tried again with all that comes after it")
  void withChildren() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      store.backend().jobGraphs().add(report().last(4, 5).build());
      assertThat(store.run("cancel", "count1", "--with-children").out())
          .isEqualTo("count1 is cancelled; jobs that come after it and were cancelled: 1.\n");
      assertThat(state(store, "sum")).isEqualTo(JobState.CANCELLED);
      assertThat(state(store, "count2")).isEqualTo(JobState.PENDING);
      assertThat(store.run("cancel", "load", "--with-children").out())
          .isEqualTo("load is cancelled; jobs that come after it and were cancelled: 2.\n");
      assertThat(List.of("load", "count1", "count2", "mail", "sum"))
          .allSatisfy(id -> assertThat(state(store, id)).isEqualTo(JobState.CANCELLED));
      assertThat(store.run("cancel", "load", "--with-children"))
          .isEqualTo(
              new Answer(
                  1,
                  "load has already finished; jobs that come after it and were cancelled: 0.\n",
                  ""));

      assertThat(store.run("retry", "load", "--with-children").out())
          .isEqualTo("load waits again, due now; jobs that come after it and wait: 4.\n");
      assertThat(store.run("retry", "load", "--with-children"))
          .extracting(Answer::code, Answer::out)
          .containsExactly(
              0,
              "load is PENDING: only FAILED and CANCELLED jobs can be retried;"
                  + " jobs that come after it and wait: 4.\n");
      store.settle(Settlement.done(store.claim("reports", "load"), null));
      store.settle(Settlement.done(store.claim("reports", "count1"), null));
      assertThat(store.run("log", "reports", "--job", "sum").out()).contains("REQUEUE", "CANCEL");

      store.enqueue("reports", "count", "alone");
      assertThat(store.run("cancel", "alone", "--with-children").out())
          .isEqualTo("alone is a job of no graph: leave --with-children out.\n");
      assertThat(state(store, "alone")).isEqualTo(JobState.PENDING);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("what is tried again with a job that failed waits for it, and runs after it")
  void retryWithChildren(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.backend().jobGraphs().add(report().last(4, 5).build());
      store.settle(Settlement.failed(store.claim("reports", "load"), "no shop"));
      // Cancels count, and lets mail go, which is left when load is tried again [Q76].
      store.settle(Settlement.failed(store.claim("reports", "mail"), "no shop"));
      assertThat(claimed(store)).isEmpty();
      assertThat(state(store, "count1")).isEqualTo(JobState.CANCELLED);

      assertThat(store.run("retry", "load", "--with-children").out())
          .isEqualTo("load waits again, due now; jobs that come after it and wait: 4.\n");
      assertThat(List.of("count1", "count2", "sum"))
          .allSatisfy(
              id ->
                  assertThat(store.queue().find("reports", id)).get().matches(Job::waitsForParts));
      assertThat(claimed(store)).containsExactlyInAnyOrder("load", "mail");
      assertThat(claimed(store)).containsExactlyInAnyOrder("count1", "count2");
      assertThat(claimed(store)).containsExactly("sum");
      assertThat(store.run("graph", "r7").out()).contains("done 5, failed 0, cancelled 0, left 0");
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("what comes after a job that is tried again at once waits for it too")
  void retryAtOnce(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.backend().jobGraphs().add(report().last(4, 5).build());
      store.settle(Settlement.failed(store.claim("reports", "load"), "no shop"));
      assertThat(store.run("retry", "load", "--with-children").code()).isZero();
      // A store may have let mail go when load failed, or has yet to see that.
      assertThat(claimed(store)).contains("load").doesNotContain("count1", "count2", "sum");
      assertThat(claimed(store)).contains("count1", "count2").doesNotContain("sum");
      assertThat(claimed(store)).containsExactly("sum");
    }
  }

  /** The jobs that can be claimed now; they are done then. */
  private static List<String> claimed(TestStore store) {
    List<JobLease> leases =
        store.queue().claim(ClaimRequest.of("reports", "worker-1", 9, LEASE)).jobs().stream()
            .map(ClaimedJob::lease)
            .toList();
    leases.forEach(lease -> store.settle(Settlement.done(lease, null)));
    return leases.stream().map(JobLease::jobId).toList();
  }

  @Tag("slow")
  @Test
  @DisplayName("a job with many behind it takes them all with it")
  void many() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      GraphPiece.Builder graph =
          GraphPiece.builder("reports", "many")
              .part(GraphPart.of("first"))
              .part(GraphPart.of("all").after("first", OnFailure.RUN))
              .job("first", job("first"));
      IntStream.range(0, 999).forEach(i -> graph.job("all", job("j" + i)));
      store.backend().jobGraphs().add(graph.last(2, 1_000).build());
      assertThat(store.run("cancel", "first", "--with-children").out())
          .isEqualTo("first is cancelled; jobs that come after it and were cancelled: 999.\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "graph",
        "graph r7 --limit 0",
        "cancel --queue reports --with-children",
        "retry --state failed --with-children",
        "delete j1 --with-children",
      })
  void wrongUsageIsSaid(String line) {
    Answer answer = TestStore.runWithout((line + " --store sqlite:x.db").split(" "));
    assertThat(answer.code()).as("%s", answer).isEqualTo(2);
  }
}
