package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.JobLease;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a claim must keep whatever the planner, other transactions and the rest of the table do. */
@Tag("slow")
class PostgresqlClaimTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** Of a job that waits, with its entries in indexes. */
  private static final long MOST_BYTES = 530;

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    url = TestServers.postgresql().newDatabase();
    backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName("Q12 a claim stays within its limit under a planner that is driven to nested loops")
  void limit() throws SQLException {
    enqueue(1_000);
    String options = "-c%20enable_material=off%20-c%20enable_hashagg=off%20-c%20enable_sort=off";
    try (var hostile =
        JdbcBackend.open(
            TestDatabase.config(url + "&options=" + options).withOrderSlack(Duration.ZERO))) {
      for (int limit : new int[] {1, 5, 17, 100}) {
        assertThat(hostile.jobQueue().claim(ClaimRequest.of("q", "w", limit, LEASE)).jobs())
            .hasSize(limit);
      }
    }
  }

  @Test
  @DisplayName("claims and extensions are heap-only updates, which write no index")
  void heapOnly() throws Exception {
    enqueue(200);
    for (int i = 0; i < 10; i++) {
      List<JobLease> held =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 20, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      assertThat(backend.jobQueue().extend(held, LEASE)).hasSize(20);
    }
    // Sessions tell what they did when they end.
    backend.close();

    String updates =
        "select n_tup_upd || ' ' || n_tup_hot_upd from pg_stat_user_tables where relname = 'lease_job'";
    Await.until(() -> TestDatabase.answer(url, updates).startsWith("400 "));
    assertThat(TestDatabase.answer(url, updates)).isEqualTo("400 400");
  }

  @Test
  @DisplayName("a job that waits takes no more room than the README says")
  void room() throws SQLException {
    List<NewJob> jobs = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String id = "0196f2c4-7a01-7e5b-8c11-%012d".formatted(i);
      jobs.add(
          NewJob.builder("orders", id, "job", "{\"id\":" + i + ",\"t\":1764460000000}").build());
    }
    String size = "select pg_relation_size('lease_job') + pg_indexes_size('lease_job')";
    long empty = Long.parseLong(TestDatabase.answer(url, size));
    backend.jobQueue().enqueue(jobs);

    assertThat((Long.parseLong(TestDatabase.answer(url, size)) - empty) / jobs.size())
        .isLessThan(MOST_BYTES);
  }

  @Test
  @DisplayName("Q12 a claim stays within its limit with statistics of an empty table")
  void statistics() throws SQLException {
    enqueue(1_000);
    TestDatabase.execute(
        url, "update pg_class set reltuples = 1, relpages = 1 where relname = 'lease_job'");

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs()).hasSize(5);
  }

  @Test
  @DisplayName(
      "Q50 a claim of 1 among 100,000 finished, 100,000 future and 10,000 held jobs stays on its index")
  void cost() throws SQLException {
    TestDatabase.execute(
        url,
        fill(
            "finished",
            100_000,
            "due_at, finished_at, outcome, kept_until",
            "1, 1, 3, 6000000000000000"),
        fill("future", 100_000, "due_at", "6000000000000000"),
        fill(
            "held",
            10_000,
            "due_at, expires_at, token, attempts, owner",
            "1, 6000000000000000, 1, 1, 'w'"),
        "analyze lease_job");
    enqueue(200);
    ClaimedJob first = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
    var marks = new Watermarks(Duration.ofHours(1), Duration.ofMinutes(1), false);
    var place = new QueuePosition(5, Micros.of(first.dueAt()), Long.MIN_VALUE);
    marks.seen(
        "q",
        marks.of("q"),
        new ClaimLook(0, List.of(new ClaimedRow(place, null, null, null, 0)), false),
        true,
        System.nanoTime(),
        0,
        true);

    assertThat(blocksOfAClaim(marks.of("q"))).as("with a hint: O(batch)").isLessThan(100);
    assertThat(blocksOfAClaim(Watermarks.start()))
        .as("without: the jobs held now as well, not those that are finished or in the future")
        .isLessThan(15_000);
  }

  @Test
  @DisplayName("Q50 an idle poll touches few blocks, whatever is finished or in the future")
  void idle() throws SQLException {
    TestDatabase.execute(
        url,
        fill(
            "finished",
            100_000,
            "due_at, finished_at, outcome, kept_until",
            "1, 1, 3, 6000000000000000"),
        fill("future", 100_000, "due_at", "6000000000000000"),
        "analyze lease_job");

    assertThat(blocksOfAClaim(Watermarks.start())).isLessThan(100);
  }

  @Test
  @DisplayName("Q11 a claim that misses a job, since it was changed meanwhile, looks again for it")
  void changedMeanwhile() throws Exception {
    // Found before the server's own: the walk of a claim, which has its snapshot then, waits in it.
    TestDatabase.execute(
        url,
        "create function public.date_part(what text, at timestamptz) returns double precision"
            + " language plpgsql stable as $$ begin"
            + " perform pg_advisory_lock_shared(1);"
            + " perform pg_advisory_unlock_shared(1);"
            + " return pg_catalog.date_part(what, at); end $$");
    enqueue(1);
    String options = "-c%20search_path=public,pg_catalog";
    try (var slow =
            JdbcBackend.open(
                TestDatabase.config(url + "&options=" + options).withOrderSlack(Duration.ZERO));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      statement.execute("select pg_advisory_lock(1)");
      var claim =
          CompletableFuture.supplyAsync(
              () -> slow.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)));
      Await.until(() -> isWaitedFor(statement));
      statement.execute("update lease_job set progress_percent = 1");
      statement.execute("select pg_advisory_unlock(1)");

      assertThat(claim.get(1, TimeUnit.MINUTES).jobs()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName(
      "Q57 Q28 a lease that a claim only met has no failed attempt, and the true one stays")
  void metAndLeft(boolean settles) throws Exception {
    JobLease a = claimed("q", "a");
    var done = Settlement.done(claimed("other", "b"));
    TestDatabase.execute(url, "update lease_job set expires_at = 1 where id = 'a'");
    ClaimRequest request = ClaimRequest.of("q", "w", 1, LEASE);

    CompletableFuture<List<ClaimedJob>> claiming;
    try (Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table lease_attempt in share mode");
      claiming =
          CompletableFuture.supplyAsync(
              () ->
                  settles
                      ? backend.jobQueue().settleAndClaim(List.of(done), request).claim().jobs()
                      : backend.jobQueue().claim(request).jobs());
      TestDatabase.POSTGRESQL.awaitBlocked(url);
      backend
          .jobQueue()
          .enqueue(List.of(NewJob.builder("q", "urgent", "t", "p").priority(9).build()));
      other.rollback();
    }
    assertThat(claiming.get(1, TimeUnit.MINUTES))
        .extracting(job -> job.lease().jobId())
        .containsExactly("urgent");

    assertThat(backend.jobAdmin().failedAttempts("q", "a")).isEmpty();
    assertThat(backend.jobQueue().settle(List.of(Settlement.failed(a, "the real error"))))
        .containsExactly(Settlement.Result.ACCEPTED);
    assertThat(backend.jobAdmin().failedAttempts("q", "a"))
        .extracting(FailedAttempt::error)
        .containsExactly("the real error");
  }

  private JobLease claimed(String queue, String id) {
    backend.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").build()));
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
  }

  private static boolean isWaitedFor(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
                + " where d.datname = current_database() and locktype = 'advisory' and not granted")) {
      return row.next() && row.getInt(1) > 0;
    }
  }

  private void enqueue(int jobs) {
    var batch = new ArrayList<NewJob>();
    IntStream.range(0, jobs)
        .forEach(i -> batch.add(NewJob.builder("q", Integer.toString(i), "t", "p").build()));
    backend.jobQueue().enqueue(batch);
  }

  private static String fill(String prefix, int jobs, String columns, String values) {
    return ("insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, %s)"
            + " select 'q', '%s-' || i, 't', 'p', '', 5, 3, 1, %s from generate_series(1, %d) i")
        .formatted(columns, prefix, values, jobs);
  }

  /** The blocks that the server counts for the claim statement, which it runs. */
  private int blocksOfAClaim(Watermarks.Levels levels) {
    String claim = backend.database.catalog().text(Sql.JOB_CLAIM);
    List<String> plan =
        backend.database.run(
            "explain",
            session ->
                new ArraysStyle(new PostgresqlDialect())
                    .claimStatement(
                        session,
                        "explain (analyze, buffers) " + claim,
                        new ClaimLook.Request("q", "w", 1, 4 << 20, true, 60_000_000, 1),
                        levels,
                        false)
                    .list(row -> row.getString(1)));
    // The first line about buffers is that of the whole statement.
    String buffers =
        plan.stream().filter(line -> line.contains("Buffers:")).findFirst().orElseThrow();
    int blocks = 0;
    Matcher counts = Pattern.compile("(?:hit|read)=(\\d+)").matcher(buffers);
    while (counts.find()) {
      blocks += Integer.parseInt(counts.group(1));
    }
    assertThat(blocks).as(buffers).isPositive();
    return blocks;
  }
}
