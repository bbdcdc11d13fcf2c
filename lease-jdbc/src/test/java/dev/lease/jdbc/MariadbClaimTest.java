package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jdbi.v3.core.statement.SqlStatements;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a claim must keep whatever the planner, other transactions and the rest of the table do. */
@Tag("slow")
class MariadbClaimTest {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Watermarks.Levels START = Watermarks.start();

  private final StyleStatements statements = new LockingReadsStyle(new MariadbDialect());
  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    url = TestServers.mariadb().newDatabase();
    backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName("Q12 a claim stays within its limit, also over several priorities")
  void limit() {
    enqueue("low", 500, 0);
    enqueue("high", 50, 9);
    for (int limit : new int[] {1, 5, 17, 100}) {
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", limit, LEASE)).jobs())
          .hasSize(limit);
    }
  }

  @Test
  @DisplayName("Q81 a job past its deadline is CANCELLED though the clock steps back in the claim")
  void clockStepsBack() throws SQLException {
    enqueue("job", 1, 5);
    TestDatabase.execute(
        url,
        "update lease_job set due_at = 1, not_after = 5, owner = 'w', token = 1, expires_at = 9",
        "create trigger back after insert on lease_attempt for each row set @now = 2");
    var config = TestDatabase.config(url).withOrderSlack(Duration.ZERO);
    try (var store = JdbcBackend.open(config, clock -> "cast(coalesce(@now, 10) as integer)")) {
      store.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE));
    }

    assertThat(backend.jobQueue().find("q", "job0"))
        .hasValueSatisfying(job -> assertThat(job.state()).isEqualTo(JobState.CANCELLED));
  }

  @Test
  @DisplayName("Q16 a claim under way hides no job from another but those that it takes")
  void underWay() throws SQLException {
    enqueue("high", 3, 9);
    enqueue("low", 7, 5);
    inTransaction(
        session -> {
          assertThat(ids(claim(session, 5)))
              .containsExactlyInAnyOrder("high0", "high1", "high2", "low0", "low1");

          assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs())
              .extracting(job -> job.lease().jobId())
              .containsExactly("low2", "low3", "low4", "low5", "low6");
          return session;
        });
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 9, LEASE)).jobs())
        .extracting(job -> job.lease().jobId())
        .containsExactly("high0", "high1", "high2", "low0", "low1");
  }

  @Test
  @DisplayName("Q16 of two stores that empty a queue, none comes back short before it is empty")
  void together() throws Exception {
    enqueue("", 1_000, 5);
    try (var second = JdbcBackend.open(TestDatabase.config(url))) {
      var one = CompletableFuture.supplyAsync(() -> drain(backend));
      var two = CompletableFuture.supplyAsync(() -> drain(second));
      List<Integer> sizes = new ArrayList<>(one.get(2, TimeUnit.MINUTES));
      sizes.addAll(two.get(2, TimeUnit.MINUTES));

      assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1_000);
      assertThat(sizes).filteredOn(size -> size < 7).as("the last of each").hasSizeLessThan(3);
    }
  }

  private static List<Integer> drain(JdbcBackend backend) {
    var sizes = new ArrayList<Integer>();
    while (sizes.isEmpty() || sizes.get(sizes.size() - 1) == 7) {
      sizes.add(backend.jobQueue().claim(ClaimRequest.of("q", "w", 7, LEASE)).jobs().size());
    }
    return sizes;
  }

  @Test
  @DisplayName("Q22 leases are extended while claims walk over their rows")
  void extendDuringClaims() throws Exception {
    enqueue("", 200, 5);
    List<JobLease> leases =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs().stream()
            .map(ClaimedJob::lease)
            .toList();
    var claims =
        CompletableFuture.supplyAsync(
            () ->
                IntStream.range(0, 100)
                    .map(
                        i ->
                            backend
                                .jobQueue()
                                .claim(ClaimRequest.of("q", "w", 1, LEASE))
                                .jobs()
                                .size())
                    .sum());
    do {
      assertThat(backend.jobQueue().extend(leases, LEASE))
          .hasOnlyElementsOfType(Extension.Held.class);
    } while (!claims.isDone());
    assertThat(claims.get()).isEqualTo(100);
  }

  @Test
  @DisplayName(
      "Q16 Q50 the index gives the order: a claim sorts nothing, which would lock all that is")
  void order() throws SQLException {
    enqueue("", 300, 5);
    List<String> texts = backend.database.catalog().texts(Sql.JOB_CLAIM);
    String first = texts.get(0).replace("{range}", "0");
    String reset = backend.database.catalog().texts(Sql.JOB_RESET_EXPIRED).get(0);
    for (String setting :
        new String[] {"do 0", "analyze table lease_job", "delete from lease_job limit 299"}) {
      inTransaction(
          session -> {
            session.handle().execute(setting);
            for (String sql : new String[] {first, texts.get(2), reset}) {
              session
                  .handle()
                  .createQuery("explain " + sql)
                  .bindMap(
                      Map.of(
                          "queue",
                          "q",
                          "priority",
                          5,
                          "due",
                          1,
                          "seq",
                          1,
                          "priority0",
                          5,
                          "due0",
                          1,
                          "seq0",
                          1,
                          "limit",
                          100,
                          "slice",
                          1_000,
                          "spentOnly",
                          false))
                  .configure(SqlStatements.class, config -> config.setUnusedBindingAllowed(true))
                  .map(
                      (row, context) -> {
                        if ("lease_job".equals(row.getString("table"))) {
                          assertThat(row.getString("extra")).doesNotContain("filesort");
                          assertThat(row.getString("type")).isEqualTo("range");
                          assertThat(row.getString("key")).isEqualTo("lease_job_ready");
                        }
                        return row.getString("table");
                      })
                  .list();
            }
            return session;
          });
    }
  }

  @Test
  @DisplayName(
      "Q50 a claim of 1 among 100,000 finished, 100,000 future and 10,000 held jobs stays on its index")
  void cost() throws SQLException {
    fill(
        "finished",
        100_000,
        "due_at, finished_at, outcome, kept_until",
        "1, 1, 3, 6000000000000000");
    fill("future", 100_000, "due_at", "6000000000000000");
    fill(
        "held",
        10_000,
        "due_at, expires_at, token, attempts, owner",
        "1, 6000000000000000, 1, 1, 'w'");
    TestDatabase.execute(url, "analyze table lease_job");
    enqueue("", 200, 5);
    ClaimedJob first = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
    var marks = new Watermarks(Duration.ofHours(1), Duration.ofMinutes(1), true);
    var place = new QueuePosition(5, Micros.of(first.dueAt()), Long.MIN_VALUE);
    marks.seen(
        "q",
        marks.of("q"),
        new ClaimLook(0, List.of(new ClaimedRow(place, null, null, null, 0)), false),
        true,
        System.nanoTime(),
        0,
        true);

    assertThat(rowsOfAClaim(marks.of("q"))).as("with a hint: O(batch)").isLessThan(100);
    assertThat(rowsOfAClaim(START))
        .as("without: the jobs held now as well, not those that are finished or in the future")
        .isBetween(10_000L, 10_100L);
  }

  @Test
  @DisplayName("Q50 after a full look 10,000 held jobs cost a claim no walk over them")
  void heldWithinSlack() throws SQLException {
    fill(
        "held",
        10_000,
        "due_at, expires_at, token, attempts, owner",
        "1, 6000000000000000, 1, 1, 'w'");

    assertThat(rowsOfAClaim(levelsAfter(claiming(8), false, 0))).isLessThan(100);
  }

  @Test
  @DisplayName("Q50 jobs drained under an old snapshot cost claims of another priority no walk")
  void drainedUnderASnapshot() throws Exception {
    try (Connection old = DriverManager.getConnection(url)) {
      drainedUnder(old);
      enqueue("below", 3, 4);
      enqueue("above", 3, 6);
      ClaimLook.Request claiming = claiming(10);
      Watermarks.Levels after = levelsAfter(claiming, false, Long.MAX_VALUE / 20);

      // A full look passes over the drained ones without locks. It visits their rows only while a
      // transaction is under way.
      Await.until(() -> pages(() -> claim(claiming, START, 6)) < 2_000);
      // A look at the priorities that have jobs.
      Await.until(() -> pages(() -> claim(claiming, after, 6)) < 1_000);
    }
  }

  @Test
  @DisplayName("Q50 a look that finds all that it wants tells which lower priorities are empty")
  void drainedAndFull() throws SQLException {
    try (Connection old = DriverManager.getConnection(url)) {
      drainedUnder(old);
      enqueue("above", 3, 6);
      ClaimLook.Request claiming = claiming(1);
      Watermarks.Levels after = levelsAfter(claiming, true, Long.MAX_VALUE / 20);

      long all = pages(() -> claim(claiming, START, 1));
      assertThat(pages(() -> claim(claiming, after, 1)))
          .as("of %d pages of a full look, those of a look at the priority that has jobs", all)
          .isLessThan(all / 4);
    }
  }

  /** Finishes many jobs, which the server cannot purge while an old snapshot is held. */
  private void drainedUnder(Connection old) throws SQLException {
    old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    old.setAutoCommit(false);
    try (Statement snapshot = old.createStatement()) {
      snapshot.executeQuery("select count(*) from lease_job").close();
    }
    fill("drained", 10_000, "due_at", "1600000000000000 + seq");
    TestDatabase.execute(
        url, "update lease_job set finished_at = 1, outcome = 3, kept_until = 6000000000000000");
  }

  /**
   * Where looks begin after one that asked for everything.
   *
   * @param full whether it found all that it wanted
   */
  private Watermarks.Levels levelsAfter(ClaimLook.Request claiming, boolean full, long took)
      throws SQLException {
    var marks = new Watermarks(Duration.ofHours(1), Duration.ofMinutes(1), true);
    Watermarks.Levels start = marks.of("q");
    ClaimLook look = inTransaction(session -> statements.claim(session, claiming, start));
    marks.seen("q", start, look, full, System.nanoTime(), took, true);
    return marks.of("q");
  }

  private static ClaimLook.Request claiming(int limit) {
    return new ClaimLook.Request("q", "w", limit, 4 << 20, true, Micros.of(LEASE), 1);
  }

  private void claim(ClaimLook.Request claiming, Watermarks.Levels levels, int expected)
      throws SQLException {
    assertThat(inTransaction(session -> statements.claim(session, claiming, levels)).met())
        .hasSize(expected);
  }

  private interface Work {
    void run() throws SQLException;
  }

  /**
   * How many pages the server looks at for a work that changes nothing: the least of several times,
   * since it counts those of its own work meanwhile too, such as the purge of old rows.
   */
  private long pages(Work work) throws SQLException {
    String query =
        "select variable_value from information_schema.global_status"
            + " where variable_name = 'innodb_buffer_pool_read_requests'";
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long before = Long.parseLong(TestDatabase.answer(url, query));
      work.run();
      least = Math.min(least, Long.parseLong(TestDatabase.answer(url, query)) - before);
    }
    return least;
  }

  @Test
  @DisplayName(
      "Q50 a claim that met an exhausted job ends others without a walk over all that live")
  void exhausted() throws SQLException {
    fill("live", 50_000, "due_at, expires_at", "1, 0");
    var resetting =
        new ResetSlice.Request("q", 1, true, 1_000, 1_000, new QueuePosition(5, 1, 40_000));
    long rows =
        inTransaction(
            session -> {
              long before = rowsRead(session);
              ResetSlice slice = statements.reset(session, resetting);
              assertThat(slice.changed()).isZero();
              assertThat(slice.next()).isNotNull();
              return rowsRead(session) - before;
            });

    assertThat(rows).isBetween(1_000L, 10_000L);
  }

  @Test
  @DisplayName("Q50 an idle poll reads few rows, whatever is finished or in the future")
  void idle() throws SQLException {
    fill(
        "finished",
        100_000,
        "due_at, finished_at, outcome, kept_until",
        "1, 1, 3, 6000000000000000");
    fill("future", 100_000, "due_at", "6000000000000000");

    assertThat(rowsOfAClaim(START)).isLessThan(100);
  }

  @Test
  @DisplayName("Q50 a purge by age skips ids that are remembered, and locks none of them")
  void purgeBesideRememberedIds() throws SQLException {
    fill("remembered", 100_000, "due_at, finished_at, kept_until", "1, 1, 6000000000000000");
    fill("done", 200, "due_at, finished_at, outcome, kept_until", "1, 2, 3, 6000000000000000");
    fill("failed", 200, "due_at, finished_at, outcome, kept_until", "1, 1, 4, 6000000000000000");
    TestDatabase.execute(url, "analyze table lease_job");

    assertThat(rowsOfAPurge(100)).isLessThan(200);
    assertThat(rowsOfAPurge(300)).isLessThan(600);
  }

  private long rowsOfAPurge(int limit) throws SQLException {
    return inTransaction(
        session -> {
          long before = rowsRead(session);
          assertThat(
                  session
                      .statement(backend.database.catalog().texts(Sql.JOB_PURGE_OLDER).get(0))
                      .bind("queue", "q")
                      .bind("age", 0)
                      .bind("limit", limit)
                      .list(row -> row.getString("id")))
              .hasSize(limit)
              .noneMatch(id -> id.startsWith("remembered"));
          return rowsRead(session) - before;
        });
  }

  private void enqueue(String prefix, int jobs, int priority) {
    var batch = new ArrayList<NewJob>();
    IntStream.range(0, jobs)
        .forEach(
            i -> batch.add(NewJob.builder("q", prefix + i, "t", "p").priority(priority).build()));
    backend.jobQueue().enqueue(batch);
  }

  private void fill(String prefix, int jobs, String columns, String values) throws SQLException {
    TestDatabase.execute(
        url,
        ("insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, %s)"
                + " select 'q', concat('%s-', seq), 't', 'p', '', 5, 3, 1, %s from seq_1_to_%d")
            .formatted(columns, prefix, values, jobs));
  }

  private List<ClaimedRow> claim(Session session, int limit) throws SQLException {
    var claiming = new ClaimLook.Request("q", "w", limit, 4 << 20, true, Micros.of(LEASE), 1);
    return statements.claim(session, claiming, START).met();
  }

  private static List<String> ids(List<ClaimedRow> claimed) {
    return claimed.stream().map(row -> Objects.requireNonNull(row.job()).lease().jobId()).toList();
  }

  private long rowsOfAClaim(Watermarks.Levels levels) throws SQLException {
    return inTransaction(
        session -> {
          long before = rowsRead(session);
          statements.claim(
              session,
              new ClaimLook.Request("q", "w", 1, 4 << 20, true, Micros.of(LEASE), 1),
              levels);
          return rowsRead(session) - before;
        });
  }

  /** What the server counts for this connection. */
  private static long rowsRead(Session session) {
    return session
        .handle()
        .createQuery(
            "select sum(variable_value) from information_schema.session_status"
                + " where variable_name like 'handler_read%'")
        .mapTo(Long.class)
        .one();
  }

  /** Works in a transaction like the store's, and rolls it back. */
  private <T> T inTransaction(Session.Work<T> work) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        var session =
            new Session(connection, backend.database.catalog(), UnaryOperator.identity())) {
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      connection.setAutoCommit(false);
      T result = work.run(session);
      connection.rollback();
      return result;
    }
  }
}
