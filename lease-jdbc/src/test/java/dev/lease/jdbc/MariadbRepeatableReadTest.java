package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Transactions of the caller's under REPEATABLE READ, the default, whose snapshot is older than
 * what they meet. With innodb_snapshot_isolation, the default from 11.6.2 on, the server rolls a
 * transaction back that changes what its snapshot does not know.
 */
class MariadbRepeatableReadTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private String url;
  private JdbcBackend backend;
  private Connection connection;
  private ClaimedJob job;

  @BeforeEach
  void open() throws SQLException {
    url = TestDatabase.MARIADB.newUrl();
    backend = JdbcBackend.open(TestDatabase.config(url));
    TestDatabase.execute(url, "create table orders (id int primary key)");
    backend.jobQueue().enqueue(List.of(job("1").build()));
    job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
    connection = DriverManager.getConnection(url);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("select count(*) from lease_job");
      statement.execute("insert into orders values (1)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    backend.close();
  }

  @Test
  @DisplayName("Q31 a lease that was extended meanwhile is settled together with the effect")
  void settle() throws SQLException {
    assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
        .singleElement()
        .isInstanceOf(Extension.Held.class);

    backend.settle(connection, Settlement.done(job.lease(), "placed"));
    connection.commit();

    assertThat(backend.jobQueue().find("q", "1").map(Job::state)).contains(JobState.DONE);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q08 a duplicate that came meanwhile is named, and does not abort the transaction")
  void duplicate() throws SQLException {
    backend.jobQueue().enqueue(List.of(job("2").dedupKey("key").build()));

    assertThat(
            backend.enqueue(
                connection, List.of(job("3").dedupKey("key").build(), job("2").build())))
        .containsExactly(Enqueued.of("2", false), Enqueued.of("2", false));
    connection.commit();

    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q26 a checkpoint that was kept meanwhile wins, and does not abort the transaction")
  void checkpoint() throws SQLException {
    backend.jobQueue().checkpoint(job.lease(), "charge", "first");

    assertThat(backend.checkpoint(connection, job.lease(), "charge", "second")).isEqualTo("first");
    connection.commit();

    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q22 a running job that an open transaction enqueues once more keeps its lease")
  void duplicateOfARunningJob() throws SQLException {
    assertThat(backend.enqueue(connection, List.of(job("1").build())))
        .containsExactly(Enqueued.of("1", false));

    assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
        .singleElement()
        .isInstanceOf(Extension.Held.class);
    connection.commit();
  }

  @Test
  @DisplayName("Q26 a step whose value was kept meanwhile is not run")
  void step() throws Exception {
    backend.jobQueue().checkpoint(job.lease(), "charge", "first");

    assertThat(backend.step(connection, job.lease(), "charge", () -> "second")).isEqualTo("first");
    connection.commit();
  }

  @Test
  @DisplayName("Q26 a step is in the way of no other job's steps")
  void stepsOfOthers() throws Exception {
    List<JobLease> leases = new ArrayList<>();
    for (String id : new String[] {"0", "2"}) {
      backend.jobQueue().enqueue(List.of(job(id).build()));
      leases.add(
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease());
    }

    String value =
        backend.step(
            connection,
            job.lease(),
            "charge",
            () -> {
              for (JobLease other : leases) {
                backend.jobQueue().checkpoint(other, "charge", "other");
              }
              return "value";
            });
    for (JobLease other : leases) {
      backend.jobQueue().checkpoint(other, "refund", "other");
    }
    connection.commit();

    assertThat(value).isEqualTo("value");
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q31 the work of a step may change what others change while it runs")
  void noSnapshot() throws Exception {
    connection.rollback();

    backend.step(
        connection,
        job.lease(),
        "charge",
        () -> {
          TestDatabase.execute(url, "insert into orders values (7)");
          try (Statement statement = connection.createStatement()) {
            statement.execute("update orders set id = 8 where id = 7");
          }
          return "value";
        });
    connection.commit();

    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("L05 a fence that was raised meanwhile refuses a smaller token")
  void fence() throws SQLException {
    try (Connection other = DriverManager.getConnection(url)) {
      other.setAutoCommit(false);
      backend.fence(other, lease(7), "resource");
      other.commit();
    }

    assertThatThrownBy(() -> backend.fence(connection, lease(6), "resource"))
        .isInstanceOf(LeaseLostException.class);
    backend.fence(connection, lease(8), "resource");
    connection.commit();
  }

  private static Lease lease(long token) {
    return Lease.of("name", "me", token, Instant.EPOCH, Instant.EPOCH);
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "p");
  }

  private int orders() throws SQLException {
    try (Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from orders")) {
      row.next();
      return row.getInt(1);
    }
  }
}
