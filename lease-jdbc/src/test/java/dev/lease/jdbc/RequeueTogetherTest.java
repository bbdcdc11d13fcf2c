package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A requeue by a filter, which changes many jobs in one transaction. */
class RequeueTogetherTest {

  /** More than are changed together. */
  private static final int MANY = ArraysStyle.REQUEUED_TOGETHER + 20;

  private static final JobFilter FAILED = JobFilter.all().inState(JobState.FAILED);

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q58 beside many jobs, one with a key, one of a graph and one in conflict are told")
  void amongMany(TestDatabase kind) throws Exception {
    try (var backend = open(kind.newUrl())) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      enqueue(backend, IntStream.range(0, MANY).mapToObj(i -> job("job-" + i)).toList());
      enqueue(backend, List.of(job("keyed").key("k"), job("deduplicated").dedupKey("d")));
      Object unused =
          backend
              .jobGraphs()
              .add(
                  GraphPiece.builder("q", "g")
                      .part(GraphPart.of("a"))
                      .job("a", job("a").build())
                      .part(GraphPart.of("b").after("a", OnFailure.CANCEL))
                      .job("b", job("b").build())
                      .last(2, 2)
                      .build());
      fail(backend, MANY + 3);
      enqueue(backend, List.of(job("holds").key("k")));
      ClaimedJob holds = claim(backend, 1).get(0);
      enqueue(backend, List.of(job("rival").dedupKey("d").due(Due.after(Duration.ofDays(1)))));

      JobPiece piece =
          backend
              .jobAdmin()
              .by(Operator.of("anna", "the bank is open"))
              .requeue(FAILED, Requeueing.now(), null, 1_000);

      assertThat(piece.changed()).isEqualTo(MANY + 2);
      assertThat(piece.next()).isNull();
      assertThat(backend.jobAdmin().actions(ActionQuery.all()).actions())
          .singleElement()
          .extracting(OperatorAction::changed)
          .isEqualTo(MANY + 2);
      assertThat(backend.jobQueue().find("q", "deduplicated").orElseThrow().state())
          .isEqualTo(JobState.FAILED);
      List<ClaimedJob> claimed = claim(backend, MANY + 1);
      assertThat(ids(claimed))
          .as("without the one that waits for the slot of its key")
          .doesNotContain("keyed")
          .contains("job-0", "job-" + (MANY - 1), "a");
      settleAll(backend, claimed);
      assertThat(ids(claim(backend, 1))).as("after a").containsExactly("b");
      settleAll(backend, List.of(holds));
      assertThat(ids(claim(backend, 1))).containsExactly("keyed");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q58 a job that a transaction keeps locked keeps none of those before it")
  void besideALockedRow(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection other = DriverManager.getConnection(url)) {
      enqueue(backend, List.of(job("1"), job("2"), job("3")));
      fail(backend, 3);
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        Object unused =
            statement.execute(
                "select seq from lease_job where queue = 'q' and id = '2' for update");
      }

      var requeued =
          CompletableFuture.supplyAsync(
              () -> backend.jobAdmin().requeue(FAILED, Requeueing.now(), null, 10));
      assertThat(ids(claim(backend, 1))).containsExactly("1");
      other.rollback();

      int changed = requeued.get(1, TimeUnit.MINUTES).changed();
      int others = backend.jobAdmin().requeue(FAILED, Requeueing.now(), null, 10).changed();
      assertThat(changed + others).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q58 a requeue by a filter reads of a job no more than its name")
  void unreadableHeaders(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      enqueue(backend, List.of(job("1"), job("2"), job("3")));
      fail(backend, 3);
      TestDatabase.execute(url, "update lease_job set headers = '%'");

      assertThat(backend.jobAdmin().requeue(FAILED, Requeueing.now(), null, 10).changed())
          .isEqualTo(3);
    }
  }

  private static JdbcBackend open(String url) {
    return JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "{}");
  }

  private static void enqueue(JdbcBackend backend, List<NewJob.Builder> jobs) {
    assertThat(backend.jobQueue().enqueue(jobs.stream().map(NewJob.Builder::build).toList()))
        .hasSize(jobs.size());
  }

  private static void fail(JdbcBackend backend, int jobs) throws Exception {
    List<Settlement> settlements = new ArrayList<>();
    for (ClaimedJob job : claim(backend, jobs)) {
      settlements.add(Settlement.failed(job.lease(), "the bank is closed"));
    }
    assertThat(backend.jobQueue().settle(settlements)).containsOnly(Settlement.Result.ACCEPTED);
  }

  private static void settleAll(JdbcBackend backend, List<ClaimedJob> jobs) {
    assertThat(
            backend
                .jobQueue()
                .settle(
                    jobs.stream().<Settlement>map(job -> Settlement.done(job.lease())).toList()))
        .containsOnly(Settlement.Result.ACCEPTED);
  }

  /** Claims so many jobs, which may take more than one claim. */
  private static List<ClaimedJob> claim(JdbcBackend backend, int jobs) throws Exception {
    List<ClaimedJob> claimed = new ArrayList<>();
    Await.until(
        () -> {
          claimed.addAll(
              backend
                  .jobQueue()
                  .claim(
                      ClaimRequest.of("q", "w", jobs + 1 - claimed.size(), Duration.ofMinutes(10)))
                  .jobs());
          return claimed.size() >= jobs;
        });
    assertThat(claimed).hasSize(jobs);
    return claimed;
  }

  private static List<String> ids(List<ClaimedJob> jobs) {
    return jobs.stream().map(job -> job.lease().jobId()).toList();
  }
}
