package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong beside ids that are remembered with others, and what they cost. */
class RememberedIdsFaultsTest extends RememberedIdsFixture {

  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  @DisplayName("Q57 a checkpoint for whose commit the settlement waited goes with its job")
  void checkpointMeanwhile(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection caller = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("q", id(1)), job("q", id(2))));
      List<JobLease> leases = claim(backend, "q");
      backend.jobQueue().checkpoint(leases.get(1), "step", "stays");
      caller.setAutoCommit(false);
      backend.checkpoint(caller, leases.get(0), "step", "goes");

      CompletableFuture<List<Settlement.Result>> settling =
          CompletableFuture.supplyAsync(
              () -> backend.jobQueue().settle(List.of(Settlement.done(leases.get(0)))));
      kind.awaitBlocked(url);
      caller.commit();

      if (settling.get(1, TimeUnit.MINUTES).get(0) == Settlement.Result.BUSY) {
        settle(backend, leases.subList(0, 1));
      }
      assertThat(number(url, "select count(*) from lease_remembered")).isEqualTo(1);
      assertThat(TestDatabase.answer(url, "select max(value) from lease_checkpoint"))
          .isEqualTo("stays");
      assertThat(number(url, "select count(*) from lease_checkpoint")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 Q08 where the store cannot ask for the ids, nothing stays in the transaction")
  void noConnection(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend =
            JdbcBackend.open(
                TestDatabase.config(url)
                    .withPoolSize(1)
                    .withRetention(Duration.ZERO, Duration.ZERO));
        Connection caller = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("q", id(1))));
      settle(backend, claim(backend, "q"));
      if (kind != TestDatabase.SQLITE) {
        caller.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      }
      caller.setAutoCommit(false);

      backend.database.read(
          "take the connection",
          session -> {
            // Who is interrupted does not wait for another.
            Thread.currentThread().interrupt();
            assertThatThrownBy(
                    () ->
                        backend.enqueue(
                            caller, List.of(job("q", id(1)), job("q", "mine"), job("q", id(2)))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("could not enqueue");
            assertThat(Thread.interrupted()).isTrue();
            return true;
          });
      caller.commit();

      assertThat(number(url, "select count(*) from lease_job")).isEqualTo(0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SQLITE", "MARIADB"})
  @DisplayName("Q02 Q08 of a batch that fails half-way nothing stays in the transaction")
  void halfWay(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection caller = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("q", id(1))));
      settle(backend, claim(backend, "q"));
      TestDatabase.execute(
          url,
          "create trigger refuse before insert on lease_job for each row "
              + (kind == TestDatabase.SQLITE
                  ? "when new.id = 'bad' begin select raise(abort, 'bad'); end"
                  : "if new.id = 'bad' then signal sqlstate '45000'; end if"));
      caller.setAutoCommit(false);
      backend.enqueue(caller, List.of(job("q", "before")));
      // MariaDB gets the next job with a statement of its own.
      NewJob large = NewJob.builder("q", id(1), "t", "p".repeat(200_000)).build();

      assertThatThrownBy(() -> backend.enqueue(caller, List.of(large, job("q", "bad"))))
          .isInstanceOf(StoreException.class);
      backend.enqueue(caller, List.of(job("q", "behind")));
      caller.commit();

      assertThat(claim(backend, "q"))
          .extracting(JobLease::jobId)
          .containsExactly("before", "behind");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  @DisplayName("Q02 Q08 of a batch during which the store is closed nothing stays either")
  void closed(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection other = DriverManager.getConnection(url);
        Connection caller = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("q", id(1))));
      settle(backend, claim(backend, "q"));
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(job("q", id(2))));
      caller.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      caller.setAutoCommit(false);

      CompletableFuture<List<Enqueued>> enqueueing =
          CompletableFuture.supplyAsync(
              () -> backend.enqueue(caller, List.of(job("q", id(1)), job("q", id(2)))));
      kind.awaitBlocked(url);
      CompletableFuture.runAsync(backend::close).get(1, TimeUnit.MINUTES);
      other.rollback();

      assertThatThrownBy(() -> enqueueing.get(1, TimeUnit.MINUTES))
          .hasCauseInstanceOf(StoreClosedException.class);
      caller.commit();
      assertThat(number(url, "select count(*) from lease_job")).isEqualTo(0);
    }
  }

  @Test
  @DisplayName("Q02 PostgreSQL's driver has to send an insert and its question as one transaction")
  void simpleProtocol() {
    String url = TestDatabase.POSTGRESQL.newUrl();
    String simple = url + (url.contains("?") ? "&" : "?") + "preferQueryMode=simple";

    assertThatThrownBy(() -> JdbcBackend.open(TestDatabase.config(simple)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("preferQueryMode")
        .hasMessageContaining("prepareThreshold=0");
  }

  @Test
  @DisplayName("Q02 on MariaDB an enqueue waits for no row of another queue's ids")
  void otherQueue() throws Exception {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = open(url);
        Connection other = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("b", id(1))));
      settle(backend, claim(backend, "b"));
      other.setAutoCommit(false);
      try (var statement = other.createStatement()) {
        statement.execute("delete from lease_remembered where queue = 'b'");
      }

      String waits =
          "select variable_value from information_schema.global_status"
              + " where variable_name = 'Innodb_row_lock_waits'";
      String before = TestDatabase.answer(url, waits);
      assertThat(backend.jobQueue().enqueue(List.of(job("a", id(1)))))
          .containsExactly(Enqueued.of(id(1), true));

      assertThat(TestDatabase.answer(url, waits)).isEqualTo(before);
      other.rollback();
    }
  }

  @Test
  @DisplayName("Q02 on MariaDB a time limit that ends an insert behind its commit leaves it stored")
  void limitBehindCommit() throws Exception {
    String url = TestDatabase.MARIADB.newUrl();
    String limit = "signal sqlstate '70100' set mysql_errno = 1969";
    try (var backend = open(url);
        Connection connection = DriverManager.getConnection(url)) {
      assertThat(insertAlone(backend, connection, "commit; " + limit)).isTrue();
      assertThatThrownBy(() -> insertAlone(backend, connection, limit + "; commit"))
          .as("this connection made the job before")
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> insertAlone(backend, connection, "commit; " + limit))
          .as("this connection made the job before, and now commits nothing")
          .isInstanceOf(SQLException.class);

      TestDatabase.execute(url, "delete from lease_job");
      assertThatThrownBy(() -> insertAlone(backend, connection, limit + "; commit"))
          .isInstanceOf(SQLException.class);
      assertThat(number(url, "select count(*) from lease_job")).isZero();
    }
  }

  /** Enqueues with something else in the place of the commit. */
  private static boolean insertAlone(JdbcBackend backend, Connection connection, String commit)
      throws SQLException {
    try (var session =
        session(backend, connection, text -> text.replace("commit; end", commit + "; end"))) {
      return backend.operations.insertAlone(session, job("q", id(1)), LockWait.SHORT);
    }
  }

  private static Session session(
      JdbcBackend backend, Connection connection, UnaryOperator<String> spelling) {
    return new Session(connection, backend.database.catalog(), spelling, null, false);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 a batch asks for its ids in few statements, whether they are known or near")
  void fewStatements(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection connection = DriverManager.getConnection(url)) {
      for (int begin = 0; begin < 3; begin++) {
        backend.jobQueue().enqueue(jobs(begin, 3));
        settle(backend, claim(backend, "q"));
      }
      Set<RowBatch.Name> asked = new HashSet<>();
      jobs(0, 1).forEach(job -> asked.add(new RowBatch.Name(job.queue(), job.id())));
      var statements = new AtomicInteger();
      try (var session =
          session(
              backend,
              connection,
              text -> {
                statements.incrementAndGet();
                return text;
              })) {

        Set<RowBatch.Name> found =
            backend.database.statements().remembered(session, List.copyOf(asked)).orElseThrow();

        assertThat(found).hasSize(900);
        assertThat(statements).hasValueLessThanOrEqualTo(2);
      }
      assertThat(number(url, "select max(length(ids)) from lease_remembered"))
          .isLessThanOrEqualTo(RememberedIds.MOST * 36L);
    }
  }

  /** Jobs with every third id of 900 from a number on, or with each of a thousand. */
  private static List<NewJob> jobs(int begin, int step) {
    return IntStream.iterate(
            begin, number -> number < (step == 1 ? 1_000 : 900), number -> number + step)
        .mapToObj(number -> job("q", id(number)))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 the database and the store agree on which ids can be in a row with others")
  void sameForm(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    String good = id(10);
    for (String id :
        List.of(
            good,
            "",
            "mine",
            good + "0",
            good.substring(1),
            good.replace("-7", "-4"),
            good.replace("0199", "01-9"),
            good.replace("0199", "019\u00e9"),
            good.replace("0199", "\u00e9-99"),
            good.replace("0199", "01\u20ac-"),
            good.replace("0199", "01\ud83d\ude00"),
            good.replace("0199e", "-\ud83d\ude00--"),
            good.replace("-7", "_7"),
            good.replace("0199", "____"),
            good.toUpperCase(Locale.ROOT))) {
      String answer =
          TestDatabase.answer(
              url,
              "select case when "
                  + SqlCatalog.TIME_ORDERED
                  + " then 1 else 0 end from (select '"
                  + id
                  + "' as id) given");
      assertThat(answer).as(id).isEqualTo(RememberedIds.isTimeOrdered(id) ? "1" : "0");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
  @DisplayName("Q02 a session of the store that has another isolation after all enqueues nothing")
  void otherIsolation(int isolation) throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = open(url);
        Connection connection = DriverManager.getConnection(url);
        var session = session(backend, connection, UnaryOperator.identity())) {
      connection.setTransactionIsolation(isolation);

      assertThat(backend.operations.insertAlone(session, job("q", id(1)), LockWait.SHORT))
          .isFalse();
      assertThat(number(url, "select count(*) from lease_job")).isZero();

      backend.jobQueue().enqueue(List.of(job("q", id(2))));
      assertThat(backend.operations.insertAlone(session, job("q", id(2)), LockWait.SHORT))
          .isFalse();
      assertThat(number(url, "select count(*) from lease_job")).as("jobs of before").isOne();

      connection.setAutoCommit(false);
      assertThatThrownBy(
              () -> backend.operations.enqueue(session, List.of(job("q", id(1))), LockWait.SHORT))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("a session of the store is above READ COMMITTED");
    }
  }

  @Test
  @DisplayName("L29 a pool with an isolation is refused where no session is the store's own")
  void isolation() {
    var config = new HikariConfig();
    config.setJdbcUrl(TestDatabase.POSTGRESQL.newUrl());
    config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
    try (var pool = new HikariDataSource(config)) {
      assertThatThrownBy(
              () -> JdbcBackend.over(pool, TestDatabase.config().withTransactionPooling(true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("default_transaction_isolation was set to repeatable read")
          .hasMessageContaining("let the DataSource not set it");
    }
  }
}
