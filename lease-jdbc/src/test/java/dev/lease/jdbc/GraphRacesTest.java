package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What operators do to jobs of a graph while a claim works on it. */
class GraphRacesTest {

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q76 a claim lets no job go that was requeued after another one that it waits for")
  void requeuedMeanwhile(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection other = DriverManager.getConnection(url)) {
      Object unused =
          backend
              .jobGraphs()
              .add(
                  GraphPiece.builder("q", "g")
                      .part(GraphPart.of("a"))
                      .job("a", NewJob.builder("q", "a", "t", "{}").build())
                      .part(GraphPart.of("b").after("a", OnFailure.CANCEL))
                      .job("b", NewJob.builder("q", "b", "t", "{}").build())
                      .last(2, 2)
                      .build());
      backend
          .jobQueue()
          .settle(List.of(Settlement.failed(claim(backend).get(0).lease(), "on purpose")));
      assertThat(claim(backend)).as("after a has failed").isEmpty();
      backend.jobAdmin().requeue("q", "b");
      backend.jobAdmin().cancel("q", "b");
      // The claim has read the events, and waits before it goes on.
      other.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      other.setAutoCommit(false);
      try (Statement statement = other.createStatement()) {
        unused = statement.execute("select seq from lease_ended for update");
      }
      var claimed = CompletableFuture.supplyAsync(() -> claim(backend));
      kind.awaitBlocked(url);
      backend.jobAdmin().requeue("q", "a");
      backend.jobAdmin().requeue("q", "b");
      other.rollback();

      assertThat(claimed.get(1, TimeUnit.MINUTES)).as("by the first claim").isEmpty();
      List<ClaimedJob> next = next(backend);
      assertThat(next).extracting(job -> job.lease().jobId()).containsExactly("a");
      backend.jobQueue().settle(List.of(Settlement.done(next.get(0).lease())));
      assertThat(next(backend)).extracting(job -> job.lease().jobId()).containsExactly("b");
    }
  }

  /** What the next claims find that find something. */
  private static List<ClaimedJob> next(JdbcBackend backend) throws Exception {
    List<ClaimedJob> found = new ArrayList<>();
    Await.until(
        () -> {
          found.addAll(claim(backend));
          return !found.isEmpty();
        });
    return found;
  }

  private static List<ClaimedJob> claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, Duration.ofMinutes(1))).jobs();
  }
}
