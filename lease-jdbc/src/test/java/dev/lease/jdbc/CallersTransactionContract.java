package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

abstract class CallersTransactionContract {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final TestDatabase kind;

  private String url;
  private JdbcBackend backend;
  private Connection connection;

  CallersTransactionContract(TestDatabase kind) {
    this.kind = kind;
  }

  @BeforeEach
  void open() throws SQLException {
    url = kind.newUrl();
    backend = JdbcBackend.open(JdbcConfig.of(url));
    connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table orders (id varchar(20) primary key)");
    }
    connection.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    backend.close();
  }

  @Test
  @DisplayName("Q08 a job enqueued in the caller's transaction is invisible before the commit")
  void commit() throws SQLException {
    assertThat(backend.enqueue(connection, List.of(job("1"))))
        .containsExactly(new Enqueued("1", true));

    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    connection.commit();
    assertThat(backend.jobQueue().find("q", "1")).isPresent();
  }

  @Test
  @DisplayName("Q08 a job enqueued in the caller's transaction is gone after a rollback")
  void rollback() throws SQLException {
    backend.enqueue(connection, List.of(job("1")));
    connection.rollback();

    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    assertThat(backend.jobQueue().enqueue(List.of(job("1"))))
        .containsExactly(new Enqueued("1", true));
  }

  @Test
  @DisplayName("Q08 a duplicate does not abort the caller's transaction")
  void duplicate() throws SQLException {
    backend.jobQueue().enqueue(List.of(keyed("1")));

    List<Enqueued> enqueued = backend.enqueue(connection, List.of(keyed("2"), job("1"), job("3")));
    insertOrder("o1");
    connection.commit();

    assertThat(enqueued)
        .containsExactly(
            new Enqueued("1", false), new Enqueued("1", false), new Enqueued("3", true));
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q08 a concurrent enqueue of the key ends with one job when the transaction commits")
  void concurrentCommit() throws Exception {
    backend.enqueue(connection, List.of(keyed("1")));
    CompletableFuture<List<Enqueued>> other =
        CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(keyed("2"))));
    awaitBlocked();
    connection.commit();

    assertThat(other.get(30, TimeUnit.SECONDS)).containsExactly(new Enqueued("1", false));
    assertThat(backend.jobQueue().find("q", "2")).isEmpty();
  }

  @Test
  @DisplayName(
      "Q08 a concurrent enqueue of the key ends with one job when the transaction rolls back")
  void concurrentRollback() throws Exception {
    backend.enqueue(connection, List.of(keyed("1")));
    CompletableFuture<List<Enqueued>> other =
        CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(keyed("2"))));
    awaitBlocked();
    connection.rollback();

    assertThat(other.get(30, TimeUnit.SECONDS)).containsExactly(new Enqueued("2", true));
    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
  }

  @Test
  @DisplayName("Q31 an effect and the settlement in one transaction commit together")
  void settleCommit() throws SQLException {
    ClaimedJob job = claim("1");
    insertOrder("o1");
    backend.settle(connection, new Settlement.Done(job.lease(), "placed"));
    connection.commit();

    assertThat(state("1")).isEqualTo(JobState.DONE);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q31 an effect and the settlement in one transaction roll back together")
  void settleRollback() throws SQLException {
    ClaimedJob job = claim("1");
    insertOrder("o1");
    backend.settle(connection, new Settlement.Done(job.lease(), "placed"));
    connection.rollback();

    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
    assertThat(orders()).isZero();
    assertThat(backend.jobQueue().settle(List.of(new Settlement.Done(job.lease(), null))))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  @Test
  @DisplayName("Q31 a lost lease throws in the caller's transaction, so that it rolls back")
  void settleLost() throws SQLException {
    ClaimedJob job = claim("1");
    backend.jobQueue().settle(List.of(new Settlement.Released(job.lease(), Duration.ZERO)));
    ClaimedJob again = backend.jobQueue().claim("q", "other", 1, LEASE).get(0);

    insertOrder("o1");
    assertThatThrownBy(() -> backend.settle(connection, new Settlement.Done(job.lease(), null)))
        .isInstanceOf(LeaseLostException.class)
        .hasMessageContaining("job 1 of queue q")
        .hasMessageContaining(Long.toString(job.lease().token()));
    connection.rollback();

    assertThat(orders()).isZero();
    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
    assertThat(again.lease().token()).isGreaterThan(job.lease().token());
  }

  @Test
  @DisplayName("Q26 a checkpoint in the caller's transaction commits or rolls back with it")
  void checkpoint() throws SQLException {
    ClaimedJob job = claim("1");
    assertThat(backend.checkpoint(connection, job.lease(), "charge", "a")).isEqualTo("a");
    connection.rollback();
    assertThat(backend.checkpoint(connection, job.lease(), "charge", "b")).isEqualTo("b");
    connection.commit();

    assertThat(backend.jobQueue().checkpoints(job.lease()).orElseThrow())
        .containsExactly(java.util.Map.entry("charge", "b"));
  }

  @Test
  @DisplayName("a connection in auto-commit mode is refused where the answer could not be undone")
  void autoCommit() throws SQLException {
    ClaimedJob job = claim("1");
    connection.setAutoCommit(true);

    assertThatThrownBy(() -> backend.settle(connection, new Settlement.Done(job.lease(), null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("auto-commit");
    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static NewJob keyed(String id) {
    return NewJob.builder("q", id, "t", "p").dedupKey("key").build();
  }

  private ClaimedJob claim(String id) {
    backend.jobQueue().enqueue(List.of(job(id)));
    return backend.jobQueue().claim("q", "w", 1, LEASE).get(0);
  }

  private JobState state(String id) {
    return backend.jobQueue().find("q", id).map(Job::state).orElseThrow();
  }

  private void insertOrder(String id) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into orders values ('" + id + "')");
    }
  }

  private int orders() throws SQLException {
    try (Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from orders")) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * Where the database shows who waits for whom, waits until somebody does; SQLite's writers just
   * queue.
   */
  private void awaitBlocked() throws Exception {
    if (kind != TestDatabase.SQLITE) {
      kind.awaitBlocked(url);
    }
  }
}
