package dev.lease.jdbc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs with ids of version 7 that are done and not kept: their ids stay in rows with others. */
class RememberedIdsTest extends RememberedIdsFixture {

  /** Before, between and behind these there are other ids that begin alike. */
  private static final List<String> IDS = List.of(id(10), id(20), id(30));

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 the ids of jobs that are settled together stay in one row, and are found there")
  void together(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      done(backend, IDS);

      assertThat(number(url, "select count(*) from lease_job")).isZero();
      assertThat(number(url, "select count(*) from lease_remembered")).isEqualTo(1);
      for (String id : IDS) {
        assertThat(enqueue(backend, id)).containsExactly(Enqueued.of(id, false));
      }
      assertThat(enqueue(backend, id(20), id(25), id(30), id(20)))
          .containsExactly(
              Enqueued.of(id(20), false),
              Enqueued.of(id(25), true),
              Enqueued.of(id(30), false),
              Enqueued.of(id(20), false));
      for (int number : new int[] {11, 15, 29, 31}) {
        assertThat(enqueue(backend, id(number))).containsExactly(Enqueued.of(id(number), true));
      }
      assertThat(enqueue(backend, "0199e3a1", "0", id(20).substring(1)))
          .allMatch(Enqueued::created);
      assertThat(claim(backend, "q")).hasSize(8);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 ids that begin otherwise, and those of another queue, stay in other rows")
  void apart(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      String later = id(10).replace("0199e3a1", "0199e3a2");
      done(backend, List.of(id(10), later));

      assertThat(number(url, "select count(*) from lease_remembered")).isEqualTo(2);
      assertThat(enqueue(backend, id(10), later)).noneMatch(Enqueued::created);
      assertThat(backend.jobQueue().enqueue(List.of(job("other", later))))
          .containsExactly(Enqueued.of(later, true));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 a delete forgets one id of several; tokens of a new job with that id grow")
  void deleted(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      Map<String, Long> tokens = done(backend, IDS);

      for (int i = 0; i < IDS.size(); i++) {
        assertThat(backend.jobAdmin().delete("q", IDS.get(i))).isFalse();
        assertThat(enqueue(backend, IDS.toArray(String[]::new)))
            .extracting(Enqueued::created)
            .containsExactly(i == 0, i == 1, i == 2);
      }
      assertThat(number(url, "select count(*) from lease_remembered")).isZero();
      assertThat(claim(backend, "q"))
          .hasSize(3)
          .allSatisfy(
              lease ->
                  assertThat(lease.token())
                      .isGreaterThan(requireNonNull(tokens.get(lease.jobId()))));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 ids that were forgotten are remembered anew beside one between them")
  void rememberedAnew(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      // Never claimed, they have no tokens that could tell rows with the same ends apart.
      cancelled(backend, url, IDS);
      List<String> ends = List.of(IDS.get(0), IDS.get(2));
      ends.forEach(id -> backend.jobAdmin().delete("q", id));

      cancelled(backend, url, ends);

      assertThat(enqueue(backend, IDS.toArray(String[]::new))).noneMatch(Enqueued::created);
    }
  }

  /** Cancels jobs that nobody has claimed, and purges them. */
  private static void cancelled(JdbcBackend backend, String url, List<String> ids)
      throws SQLException {
    enqueue(backend, ids.toArray(String[]::new));
    ids.forEach(id -> backend.jobAdmin().cancel("q", id));
    TestDatabase.execute(url, "update lease_job set kept_until = 1");
    assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(ids.size());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 a purge forgets ids that were remembered long enough, and no others")
  void purged(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      Map<String, Long> tokens = done(backend, IDS);
      String later = id(10).replace("0199e3a1", "0199e3a2");
      done(backend, List.of(later));
      assertThat(backend.jobAdmin().purge("q", 10)).isZero();

      TestDatabase.execute(
          url, "update lease_remembered set kept_until = 1 where first_id < '" + later + "'");
      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isZero();
      assertThat(enqueue(backend, IDS.get(0))).noneMatch(Enqueued::created);
      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(1);

      assertThat(enqueue(backend, IDS.toArray(String[]::new))).allMatch(Enqueued::created);
      assertThat(enqueue(backend, later)).noneMatch(Enqueued::created);
      assertThat(claim(backend, "q"))
          .hasSize(3)
          .allSatisfy(
              lease ->
                  assertThat(lease.token())
                      .isGreaterThan(requireNonNull(tokens.get(lease.jobId()))));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 a job that a purge removes before its id may go leaves the id, of either form")
  void keptForShorter(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend =
        JdbcBackend.open(
            TestDatabase.config(url)
                .withOrderSlack(Duration.ZERO)
                .withRetention(Duration.ofMinutes(1), Duration.ofMinutes(1)))) {
      for (String id : List.of(id(10), "mine", id(20))) {
        enqueue(backend, id);
      }
      List<JobLease> leases = claim(backend, "q");
      settle(backend, leases.subList(0, 2));
      assertThat(backend.jobQueue().settle(List.of(Settlement.failed(leases.get(2), "e"))))
          .containsExactly(Settlement.Result.ACCEPTED);
      TestDatabase.execute(url, "update lease_job set kept_until = 1");

      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(3);

      assertThat(number(url, "select count(*) from lease_job")).isEqualTo(1);
      assertThat(number(url, "select count(*) from lease_job_view")).isZero();
      assertThat(number(url, "select count(*) from lease_remembered")).isEqualTo(1);
      assertThat(enqueue(backend, id(10), "mine", id(20))).noneMatch(Enqueued::created);
      assertThat(backend.jobAdmin().purge("q", 10)).isZero();
      assertThat(
              number(
                  url,
                  "select count(*) from lease_job where kept_until = finished_at + 86400000000"))
          .isEqualTo(1);

      TestDatabase.execute(
          url, "update lease_job set kept_until = 1", "update lease_remembered set kept_until = 1");
      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(2);
      assertThat(enqueue(backend, id(10), "mine", id(20))).allMatch(Enqueued::created);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 an id may be forgotten once its job was kept for as long as ids are remembered")
  void window(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend =
        JdbcBackend.open(
            TestDatabase.config(url)
                .withOrderSlack(Duration.ZERO)
                .withRememberedIds(Duration.ZERO))) {
      for (String id : List.of(id(10), "mine")) {
        enqueue(backend, id);
      }
      settle(backend, claim(backend, "q"));
      TestDatabase.execute(url, "update lease_job set finished_at = 1, kept_until = 2");

      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(2);

      assertThat(enqueue(backend, id(10), "mine")).allMatch(Enqueued::created);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q57 with its row a job's steps and failed attempts go, and those of no other job")
  void steps(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      enqueue(backend, IDS.toArray(String[]::new));
      List<Settlement> retries = new ArrayList<>();
      claim(backend, "q")
          .forEach(lease -> retries.add(Settlement.retry(lease, Duration.ZERO, "e")));
      backend.jobQueue().settle(retries);
      List<JobLease> leases = claim(backend, "q");
      leases.forEach(lease -> backend.jobQueue().checkpoint(lease, "step", lease.jobId()));

      settle(backend, List.of(leases.get(0), leases.get(2)));

      assertThat(number(url, "select count(*) from lease_checkpoint")).isEqualTo(1);
      assertThat(number(url, "select count(*) from lease_attempt")).isEqualTo(1);
      assertThat(backend.jobAdmin().steps("q", leases.get(1).jobId())).hasSize(1);
      assertThat(backend.jobAdmin().failedAttempts("q", leases.get(1).jobId())).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q30 a settlement that is sent again after the row has gone is lost")
  void again(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      enqueue(backend, id(10), id(20));
      List<JobLease> leases = claim(backend, "q");
      settle(backend, leases.subList(0, 1));

      assertThat(backend.jobQueue().settle(done(leases)))
          .containsExactly(Settlement.Result.LOST, Settlement.Result.ACCEPTED);
      assertThat(enqueue(backend, id(10), id(20))).noneMatch(Enqueued::created);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q82 a job whose dedup key stays taken keeps its row, for its id and its key")
  void takenKey(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url)) {
      NewJob.Builder job = NewJob.builder("q", id(10), "t", "p").dedupKey("key");
      backend.jobQueue().enqueue(List.of(job.dedupFor(Duration.ofHours(1)).build()));
      settle(backend, claim(backend, "q"));

      assertThat(number(url, "select count(*) from lease_remembered")).isZero();
      NewJob other = NewJob.builder("q", id(20), "t", "p").dedupKey("key").build();
      assertThat(backend.jobQueue().enqueue(List.of(other, job("q", id(10)))))
          .containsExactly(Enqueued.of(id(10), false), Enqueued.of(id(10), false));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q02 Q08 a transaction of the caller's finds the ids, and goes on")
  void inTransaction(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection connection = DriverManager.getConnection(url)) {
      done(backend, IDS);
      connection.setAutoCommit(false);

      assertThat(backend.enqueue(connection, jobs(id(20), id(25))))
          .containsExactly(Enqueued.of(id(20), false), Enqueued.of(id(25), true));
      connection.commit();

      assertThat(claim(backend, "q")).extracting(JobLease::jobId).containsExactly(id(25));
    }
  }

  /** How a job is enqueued while its settlement is under way. */
  private enum Way {
    ALONE,
    IN_A_BATCH,
    READ_COMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE;

    /** That of the caller's transaction; empty where it is the store's. */
    Optional<Integer> isolation() {
      return switch (this) {
        case ALONE, IN_A_BATCH -> Optional.empty();
        case READ_COMMITTED -> Optional.of(Connection.TRANSACTION_READ_COMMITTED);
        case REPEATABLE_READ -> Optional.of(Connection.TRANSACTION_REPEATABLE_READ);
        case SERIALIZABLE -> Optional.of(Connection.TRANSACTION_SERIALIZABLE);
      };
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, ALONE",
    "POSTGRESQL, IN_A_BATCH",
    "POSTGRESQL, READ_COMMITTED",
    "POSTGRESQL, REPEATABLE_READ",
    "POSTGRESQL, SERIALIZABLE",
    "MARIADB, ALONE",
    "MARIADB, IN_A_BATCH",
    "MARIADB, READ_COMMITTED",
    "MARIADB, REPEATABLE_READ"
  })
  @DisplayName("Q02 Q09 an enqueue that has waited for the settlement of its job creates no second")
  void race(TestDatabase kind, Way way) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url);
        Connection stop = DriverManager.getConnection(url);
        Connection caller = DriverManager.getConnection(url)) {
      enqueue(backend, IDS.toArray(String[]::new));
      List<Settlement> settlements = done(claim(backend, "q"));
      if (way.isolation().isPresent()) {
        caller.setTransactionIsolation(way.isolation().get());
        caller.setAutoCommit(false);
        answer(caller, "select count(*) from lease_remembered");
      }
      // Between its settlements and its commit, the call asks which queues are paused.
      stop.setAutoCommit(false);
      answer(stop, "select count(*) from lease_token_floor");
      run(
          stop,
          kind == TestDatabase.POSTGRESQL
              ? "lock table lease_paused_queue in access exclusive mode"
              : "lock tables lease_paused_queue write");
      CompletableFuture<Integer> settling =
          CompletableFuture.supplyAsync(
              () ->
                  backend
                      .jobQueue()
                      .settleAndClaim(settlements, ClaimRequest.of("q", "w", 10, LEASE))
                      .settled()
                      .size());
      Await.until(() -> isStopped(kind, url) || settling.isDone());
      assertThat(settling).isNotDone();

      CompletableFuture<List<Enqueued>> enqueueing =
          CompletableFuture.supplyAsync(() -> enqueue(backend, caller, way));
      // The settlement, too, waits for a lock.
      kind.awaitBlocked(url, 2);
      if (kind == TestDatabase.MARIADB) {
        run(stop, "unlock tables");
      }
      stop.rollback();

      assertThat(settling.get(1, TimeUnit.MINUTES)).isEqualTo(3);
      assertThat(enqueueing.get(1, TimeUnit.MINUTES).get(0)).isEqualTo(Enqueued.of(id(20), false));
      if (!caller.getAutoCommit()) {
        caller.commit();
      }
      assertThat(claim(backend, "q")).extracting(JobLease::jobId).doesNotContain(id(20));
    }
  }

  private static List<Enqueued> enqueue(JdbcBackend backend, Connection caller, Way way) {
    return switch (way) {
      case ALONE -> enqueue(backend, id(20));
      case IN_A_BATCH -> enqueue(backend, id(20), id(90));
      case READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE -> backend.enqueue(caller, jobs(id(20)));
    };
  }

  private static boolean isStopped(TestDatabase kind, String url) throws SQLException {
    return kind == TestDatabase.POSTGRESQL
        ? kind.countBlocked(url) > 0
        : number(
                url,
                "select count(*) from information_schema.processlist where db = database()"
                    + " and state like '%metadata lock%'")
            > 0;
  }

  @Test
  @DisplayName("Q02 an id is in a row with others only if nothing but itself could be found by it")
  void form() {
    assertThat(RememberedIds.isTimeOrdered(id(10))).isTrue();
    assertThat(RememberedIds.isTimeOrdered(id(10).replace("-7", "-4"))).isFalse();
    assertThat(RememberedIds.isTimeOrdered(id(10) + "0")).isFalse();
    assertThat(RememberedIds.isTimeOrdered(id(10).substring(1))).isFalse();
    assertThat(RememberedIds.isTimeOrdered(id(10).replace("0199", "01-9"))).isFalse();
    assertThat(RememberedIds.isTimeOrdered(id(10).replace("0199", "019\u00e9"))).isFalse();
  }

  private static List<NewJob> jobs(String... ids) {
    return List.of(ids).stream().map(id -> job("q", id)).toList();
  }

  private static List<Enqueued> enqueue(JdbcBackend backend, String... ids) {
    return backend.jobQueue().enqueue(jobs(ids));
  }

  /** Runs jobs to their ends; returns their tokens. */
  private static Map<String, Long> done(JdbcBackend backend, List<String> ids) {
    enqueue(backend, ids.toArray(String[]::new));
    List<JobLease> leases = claim(backend, "q");
    settle(backend, leases);
    return leases.stream().collect(Collectors.toMap(JobLease::jobId, JobLease::token));
  }

  private static long answer(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
