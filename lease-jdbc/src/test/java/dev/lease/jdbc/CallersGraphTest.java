package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallersGraphTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q08 Q72 a graph in the caller's transaction begins after the commit, and wakes")
  void commit(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = transaction(url)) {
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      for (GraphPiece piece : List.of(first(), last())) {
        assertThat(backend.enqueue(connection, piece)).isEqualTo(GraphAnswer.stored());
      }
      if (kind != TestDatabase.SQLITE) {
        assertThat(claim(backend)).isEmpty();
      }
      assertThat(backend.jobGraphs().find("q", "g")).isEmpty();
      hints.drainPermits();
      connection.commit();

      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      assertThat(ids(claim(backend))).containsExactly("a", "b");
      assertThat(backend.enqueue(connection, first())).isEqualTo(GraphAnswer.complete());
      connection.commit();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q08 Q72 a graph in the caller's transaction is gone after a rollback")
  void rollback(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = transaction(url)) {
      backend.enqueue(connection, first());
      backend.enqueue(connection, last());
      connection.rollback();

      assertThat(backend.jobGraphs().find("q", "g")).isEmpty();
      assertThat(backend.jobQueue().find("q", "a")).isEmpty();
      assertThat(backend.jobGraphs().add(first())).isEqualTo(GraphAnswer.stored());
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q72 a piece that is refused leaves nothing in the caller's transaction")
  void refused(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = transaction(url)) {
      backend.jobQueue().enqueue(List.of(job("b")));

      assertThat(backend.enqueue(connection, first())).isEqualTo(GraphAnswer.taken("b"));
      backend.enqueue(connection, List.of(job("c")));
      connection.commit();

      assertThat(backend.jobGraphs().find("q", "g")).isEmpty();
      assertThat(backend.jobQueue().find("q", "a")).isEmpty();
      assertThat(backend.jobQueue().find("q", "c")).isPresent();
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 Q74 transactions that end the jobs of a part do not wait for one another")
  void ends(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobGraphs().add(first());
      backend.jobGraphs().add(last());
      List<ClaimedJob> parents = claim(backend);
      List<Connection> open = new ArrayList<>();
      for (ClaimedJob parent : parents) {
        Connection connection = transaction(url);
        open.add(connection);
        backend.settle(connection, Settlement.done(parent.lease()));
        if (kind == TestDatabase.SQLITE) {
          // It has one writer.
          connection.commit();
        } else {
          assertThat(claim(backend)).isEmpty();
        }
      }
      for (Connection connection : open) {
        connection.commit();
        connection.close();
      }
      assertThat(awaited(backend)).containsExactly("sum");
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 Q74 a part waits for a job whose end was rolled back")
  void endRolledBack(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = transaction(url)) {
      backend.jobGraphs().add(first());
      backend.jobGraphs().add(last());
      List<ClaimedJob> parents = claim(backend);
      backend.settle(connection, Settlement.done(parents.get(0).lease()));
      connection.rollback();
      backend.jobQueue().settle(List.of(Settlement.done(parents.get(1).lease())));

      assertThat(claim(backend)).isEmpty();
      assertThat(backend.jobQueue().find("q", "sum").map(Job::waitsForParts)).contains(true);

      backend.settle(connection, Settlement.done(parents.get(0).lease()));
      connection.commit();
      assertThat(awaited(backend)).containsExactly("sum");
    }
  }

  private static GraphPiece first() {
    return GraphPiece.builder("q", "g")
        .part(GraphPart.of("part"))
        .job("part", job("a"))
        .job("part", job("b"))
        .build();
  }

  private static GraphPiece last() {
    return GraphPiece.builder("q", "g")
        .part(GraphPart.of("sum").after("part", OnFailure.CANCEL))
        .job("sum", job("sum"))
        .last(2, 3)
        .build();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static Connection transaction(String url) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setAutoCommit(false);
    return connection;
  }

  private static List<ClaimedJob> claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs();
  }

  private static List<String> ids(List<ClaimedJob> jobs) {
    return jobs.stream().map(job -> job.lease().jobId()).toList();
  }

  /** What the first claim that finds something gets: it may have to wait for a full look. */
  private static List<String> awaited(JdbcBackend backend) throws Exception {
    List<String> found = new ArrayList<>();
    Await.until(() -> found.addAll(ids(claim(backend))));
    return found;
  }
}
