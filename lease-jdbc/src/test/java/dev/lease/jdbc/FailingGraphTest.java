package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailingGraphTest {

  /** As many claims let the good graphs go, but for one time in 2^40. */
  private static final int MOST_CLAIMS = 40;

  @Test
  @DisplayName("Q74 a graph that cannot be let go keeps neither other graphs nor jobs with a key")
  void failing() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        var logs = new Logs(GraphEnds.class.getName())) {
      add(backend, "bad");
      add(backend, "good");
      assertThat(done(backend, 2)).containsExactlyInAnyOrder("bad/a", "good/a");
      TestDatabase.execute(
          url,
          "create trigger broken before update on lease_part when new.graph = 'bad'"
              + " begin select raise(abort, 'broken on purpose'); end");
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "keyed", "t", "{}").key("k").build()));

      assertThat(done(backend, 2)).containsExactlyInAnyOrder("good/b", "keyed");
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .contains("graph bad of queue q", "broken on purpose");

      TestDatabase.execute(url, "drop trigger broken");
      assertThat(done(backend, 1)).containsExactly("bad/b");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q74 Q79 a graph with more ends than a claim notes keeps no other, also if nobody may note them")
  void failingWithManyEnds(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      add(backend, "bad");
      assertThat(done(backend, 1)).containsExactly("bad/a");
      for (int rows = 1; rows <= 2 * GraphEnds.MOST; rows *= 2) {
        TestDatabase.execute(
            url,
            "insert into lease_ended (queue, graph, part, jobs)"
                + " select queue, graph, part, 0 from lease_ended");
      }
      add(backend, "good");
      try (Connection other = DriverManager.getConnection(url)) {
        if (kind == TestDatabase.SQLITE) {
          TestDatabase.execute(
              url,
              "create trigger broken before update on lease_part when new.graph = 'bad'"
                  + " begin select raise(abort, 'broken on purpose'); end");
        } else {
          other.setAutoCommit(false);
          try (Statement statement = other.createStatement()) {
            var unused =
                statement.executeQuery(
                    "select 1 from lease_graph where queue = 'q' and id = 'bad' for update");
          }
        }
        assertThat(done(backend, 2)).containsExactly("good/a", "good/b");
      }
    }
  }

  private static void add(JdbcBackend backend, String graph) {
    var unused =
        backend
            .jobGraphs()
            .add(
                GraphPiece.builder("q", graph)
                    .part(GraphPart.of("a"))
                    .part(GraphPart.of("b").after("a", OnFailure.CANCEL))
                    .job("a", NewJob.builder("q", graph + "/a", "t", "{}").build())
                    .job("b", NewJob.builder("q", graph + "/b", "t", "{}").build())
                    .last(2, 2)
                    .build());
  }

  /** Claims and settles jobs until there were some. */
  private static List<String> done(JdbcBackend backend, int jobs) {
    List<String> ids = new ArrayList<>();
    for (int claims = 0; ids.size() < jobs && claims < MOST_CLAIMS; claims++) {
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, Duration.ofMinutes(1))).jobs();
      claimed.forEach(job -> ids.add(job.lease().jobId()));
      backend
          .jobQueue()
          .settle(claimed.stream().<Settlement>map(job -> Settlement.done(job.lease())).toList());
    }
    return ids;
  }
}
