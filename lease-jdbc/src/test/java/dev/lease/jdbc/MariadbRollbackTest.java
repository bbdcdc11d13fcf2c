package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the server rolls back, or refuses: nothing of it stays, and what can be is done again. */
@Tag("slow")
class MariadbRollbackTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private String url;
  private static final List<NewJob> BATCH =
      List.of(job("1", "p"), NewJob.builder("q", "2", "t", "p").dedupKey("k").build());

  private Connection other;
  private Statement statement;

  @BeforeEach
  void open() throws SQLException {
    url = TestDatabase.MARIADB.newUrl();
    other = DriverManager.getConnection(url);
    statement = other.createStatement();
  }

  @AfterEach
  void close() throws SQLException {
    other.close();
  }

  /** Ends the first and hands the second back, in this order and in one transaction. */
  private static List<Settlement> settlements(JdbcBackend backend) {
    backend.jobQueue().enqueue(List.of(job("1", "p"), job("2", "p")));
    List<ClaimedJob> jobs = backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs();
    return List.of(
        Settlement.done(jobs.get(0).lease(), "result"),
        Settlement.retry(jobs.get(1).lease(), Duration.ZERO, "error"));
  }

  @Test
  @DisplayName("L22 what waits too long for a lock (1205) is rolled back as a whole and done again")
  void lockWaitTimeout() throws Exception {
    try (var backend = open(Duration.ofSeconds(5))) {
      takeKey(backend);
      long waits = status("Innodb_row_lock_waits");
      var enqueued = CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(BATCH));
      Await.until(() -> status("Innodb_row_lock_waits") > waits + 1);
      other.rollback();

      assertThat(enqueued.get(60, TimeUnit.SECONDS))
          .containsExactly(Enqueued.of("1", true), Enqueued.of("2", true));
    }
  }

  @Test
  @DisplayName("L22 a lock that is never free is given up: nothing was done, and it says so")
  void lockNeverFree() throws SQLException {
    // The last of five waits of a second has to end before the call does.
    try (var backend = open(Duration.ofSeconds(5))) {
      takeKey(backend);

      StoreException e =
          catchThrowableOfType(StoreException.class, () -> backend.jobQueue().enqueue(BATCH));

      assertThat(e).hasMessageContaining("Lock wait timeout");
      assertThat(e.isOutcomeUnknown()).isFalse();
      assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    }
  }

  @Test
  @DisplayName("L22 an error during the commit (1180) leaves it unknown what was done")
  void errorDuringCommit() throws SQLException {
    try (var backend = open(Duration.ofSeconds(5))) {
      statement.execute(
          "create trigger fails before insert on lease_job for each row"
              + " signal sqlstate 'HY000' set mysql_errno = 1180, message_text = 'during commit'");

      assertThatThrownBy(() -> backend.jobQueue().enqueue(BATCH))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    }
  }

  @Test
  @DisplayName("L31 settlements are not done again because the claim behind them was slow (1969)")
  void slowClaim() throws SQLException {
    try (var backend = open(Duration.ofSeconds(5))) {
      List<Settlement> settlements = settlements(backend);
      // A rollback leaves the rows of such a table.
      statement.execute("create table settled (outcome int) engine = myisam");
      statement.execute(
          "create trigger slow before update on lease_job for each row begin"
              + " if new.outcome = 3 then insert into settled values (new.outcome);"
              + " elseif new.owner = 'slow' then"
              + " signal sqlstate '70100' set mysql_errno = 1969, message_text = 'too slow'; end if; end");

      assertThatThrownBy(
              () ->
                  backend
                      .jobQueue()
                      .settleAndClaim(settlements, ClaimRequest.of("q", "slow", 1, LEASE)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
      assertThat(TestDatabase.answer(url, "select count(*) from settled")).isEqualTo("1");

      statement.execute("drop trigger slow");
      assertThat(backend.jobQueue().settle(settlements)).containsOnly(Settlement.Result.ACCEPTED);
    }
  }

  /** Has the key of the second job of the batch in a transaction that stays open. */
  private void takeKey(JdbcBackend backend) throws SQLException {
    other.setAutoCommit(false);
    backend.enqueue(other, List.of(NewJob.builder("q", "0", "t", "p").dedupKey("k").build()));
  }

  @Test
  @DisplayName("L22 the victim of a deadlock (1213) is done again as a whole")
  void deadlock() throws Exception {
    // Its lock waits are too long to end the deadlock.
    try (var backend = open(Duration.ofMinutes(5))) {
      List<Settlement> settlements = settlements(backend);
      // The server rolls back the one that has changed less.
      statement.execute("create table more (seq int) engine = innodb");
      lock("2");
      statement.execute("insert into more select seq from seq_1_to_1000");
      long deadlocks = status("Innodb_deadlocks");
      var settled = CompletableFuture.supplyAsync(() -> backend.jobQueue().settle(settlements));
      TestDatabase.MARIADB.awaitBlocked(url);
      lock("1");
      assertThat(status("Innodb_deadlocks")).isGreaterThan(deadlocks);
      other.rollback();

      assertSettled(backend, settled);
    }
  }

  private static void assertSettled(
      JdbcBackend backend, CompletableFuture<List<Settlement.Result>> settled) throws Exception {
    assertThat(settled.get(2, TimeUnit.MINUTES))
        .containsExactly(Settlement.Result.ACCEPTED, Settlement.Result.ACCEPTED);
    assertThat(state(backend, "1")).isEqualTo(JobState.DONE);
    assertThat(state(backend, "2")).isEqualTo(JobState.RETRY);
  }

  @Test
  @DisplayName("L22 a server that could not take the largest statement is refused at the start")
  void packet() throws SQLException {
    statement.execute("set @before = @@global.max_allowed_packet");
    try {
      statement.execute("set global max_allowed_packet = (4 << 20) - 1024");
      assertThatThrownBy(() -> open(Duration.ofSeconds(10)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("max_allowed_packet must be 4194304 or more, was 4193280");

      statement.execute("set global max_allowed_packet = 4 << 20");
      try (var backend = open(Duration.ofSeconds(10))) {
        List<NewJob> jobs = new ArrayList<>();
        // What is before the last one is below the limit of a statement by one row.
        for (int i = 0; i < 475; i++) {
          jobs.add(job("n" + i, "\u20ac".repeat(295)));
        }
        String escaped = "'".repeat(Limits.MAX_TEXT_BYTES);
        jobs.add(job("last", escaped));

        assertThat(backend.jobQueue().enqueue(jobs)).allMatch(Enqueued::created);

        assertThat(backend.jobQueue().find("q", "last").orElseThrow().payload()).isEqualTo(escaped);
        ClaimedJob job =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
        assertThat(backend.jobQueue().settle(List.of(Settlement.done(job.lease(), escaped))))
            .containsExactly(Settlement.Result.ACCEPTED);
      }
    } finally {
      statement.execute("set global max_allowed_packet = @before");
    }
  }

  private JdbcBackend open(Duration callTimeout) {
    return JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(callTimeout));
  }

  private static NewJob job(String id, String payload) {
    return NewJob.builder("q", id, "t", payload).build();
  }

  private static JobState state(JdbcBackend backend, String id) {
    return backend.jobQueue().find("q", id).map(Job::state).orElseThrow();
  }

  private void lock(String id) throws SQLException {
    other.setAutoCommit(false);
    statement.execute("select 1 from lease_job where queue = 'q' and id = '" + id + "' for update");
  }

  /** What the server has counted. */
  private long status(String name) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "select variable_value from information_schema.global_status where variable_name = '"
                + name
                + "'")) {
      row.next();
      return row.getLong(1);
    }
  }
}
