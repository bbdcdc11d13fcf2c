package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NameRange;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the store's calls read where the planner believes something else of the table: that nothing
 * is held, or that there is nothing at all.
 */
@Tag("slow")
class PostgresqlPlansTest {

  private static final Duration LEASE = Duration.ofMinutes(30);
  private static final int HELD = 10_000;
  private static final Pattern REMOVED = Pattern.compile("Rows Removed by .*: (\\d+)");

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() throws SQLException {
    url = TestServers.postgresql().newDatabase();
    backend = JdbcBackend.open(JdbcConfig.of(url).withOrderSlack(Duration.ZERO).withPoolSize(1));
    TestDatabase.execute(url, "alter table lease_job set (autovacuum_enabled = off)");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  @DisplayName(
      "Q50 10,000 held jobs in a table that was analysed when idle: extending and settling some of them reads no others")
  void analysedWhenIdle() throws SQLException {
    settle(holdAll(1_000), lease -> Settlement.done(lease));
    TestDatabase.execute(url, "vacuum analyze lease_job");
    List<JobLease> leases = holdAll(HELD);

    assertThat(
            blocks(
                session ->
                    assertThat(backend.operations.enqueue(session, jobs(10), LockWait.LONG))
                        .hasSize(10)))
        .as("enqueue 10")
        .isLessThan(500);
    assertThat(blocks(session -> extend(session, leases.subList(0, 10))))
        .as("extend 10")
        .isLessThan(500);
    assertThat(blocks(session -> settle(session, leases.subList(0, 10), this::done)))
        .as("end 10")
        .isLessThan(800);
    assertThat(blocks(session -> settle(session, leases.subList(10, 20), this::released)))
        .as("hand 10 back")
        .isLessThan(800);
    // Rows that are joined in vain are no blocks, but each costs some time.
    List<JobLease> many = leases.subList(1_000, 2_000);
    for (Sql sql : List.of(Sql.JOB_EXTEND, Sql.JOB_FINISH, Sql.JOB_RETURN)) {
      assertThat(rowsInVain(sql, many)).as(sql.name()).isLessThan(2 * HELD);
    }
    List<JobLease> all = leases.subList(2_000, HELD);
    for (int i = 0; i < all.size(); i += 1_000) {
      assertThat(backend.jobQueue().extend(all.subList(i, i + 1_000), LEASE))
          .hasOnlyElementsOfType(Extension.Held.class);
    }
    settle(all, this::done);
    assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.DONE))
        .isEqualTo(1_000 + 10 + many.size() + all.size());
  }

  @Test
  @DisplayName("Q50 a claim whose plan was made when the table was empty stays on its index")
  void plannedWhenEmpty() throws SQLException {
    TestDatabase.execute(url, "vacuum analyze lease_job");
    for (int i = 0; i < 30; i++) {
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).isEmpty();
    }
    fill(200_000, "expires_at", "0");

    assertThat(blocks(session -> assertThat(look(session, Watermarks.start()).met()).hasSize(10)))
        .isLessThan(500);
  }

  @Test
  @DisplayName("Q50 after a full look 10,000 held jobs cost a claim no walk over them")
  void heldWithinSlack() throws SQLException {
    fill(HELD, "expires_at, token, attempts, owner", "6000000000000000, 1, 1, 'w'");
    var marks = new Watermarks(Duration.ofHours(1), Duration.ofMinutes(1), false);
    var looks = new ArrayList<ClaimLook>();
    Watermarks.Levels start = marks.of("q");
    assertThat(blocks(session -> looks.add(look(session, start)))).isGreaterThan(100);
    marks.seen("q", start, looks.get(0), false, System.nanoTime(), 0, true);

    assertThat(blocks(session -> looks.add(look(session, marks.of("q"))))).isLessThan(100);
  }

  @Test
  @DisplayName(
      "Q50 a claim that met an exhausted job ends others without a walk over all that live")
  void exhausted() throws SQLException {
    fill(100_000, "expires_at", "0");
    var resetting =
        new ResetSlice.Request("q", 1, true, 1_000, 1_000, new QueuePosition(5, 1, 50_000));
    var slices = new ArrayList<ResetSlice>();

    assertThat(blocks(session -> slices.add(reset(session, resetting)))).isLessThan(1_500);

    assertThat(slices.get(0).changed()).isZero();
    assertThat(slices.get(0).next()).isEqualTo(new QueuePosition(5, 1, 51_000));
  }

  @Test
  @DisplayName("Q50 a list of a small queue costs no walk over the jobs of a large one")
  void listOfASmallQueue() throws SQLException {
    fill(100_000, "expires_at", "0");
    backend.jobQueue().enqueue(List.of(NewJob.builder("small", "a", "t", "p").build()));
    TestDatabase.execute(url, "vacuum analyze lease_job");

    JobFilter small = JobFilter.all().inQueue("small");
    for (int i = 0; i < 10; i++) {
      assertThat(
              blocks(session -> assertThat(page(session, small, JobOrder.OLDEST_FIRST)).hasSize(1)))
          .isLessThan(500);
    }
  }

  @Test
  @DisplayName("Q50 a page of many jobs that failed reads no jobs behind it")
  void pageOfManyFailed() throws SQLException {
    fill(
        10_000,
        "finished_at, outcome, kept_until, error",
        "i, 4, 6000000000000000, repeat('e', 1000)");
    TestDatabase.execute(url, "vacuum analyze lease_job");

    JobFilter failed = JobFilter.all().inState(JobState.FAILED).withErrorText("e");
    for (JobFilter filter : List.of(failed, failed.inQueue("q"))) {
      assertRead(100, filter, JobOrder.OLDEST_FIRST, 1_000);
    }
  }

  @Test
  @DisplayName("Q50 a page of the jobs of many queues or states reads only those that come next")
  void pageOfManyParts() throws SQLException {
    fill(
        8_000,
        "finished_at, outcome, kept_until, error",
        "nullif(i % 2, 0), case when i % 2 = 1 then 4 end, 6000000000000000, repeat('e', 1000)");
    TestDatabase.execute(
        url, "update lease_job set queue = 'q' || id::int % 40", "vacuum analyze lease_job");

    JobFilter all = JobFilter.all().withErrorText("e");
    for (JobFilter filter : List.of(all, all.inState(JobState.FAILED))) {
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        assertRead(100, filter, order, 1_500);
      }
    }
  }

  @Test
  @DisplayName("Q50 a requeue whose plan was made before any job had failed finds jobs by id")
  void requeuedBeforeAnalysis() throws SQLException {
    fill(5_000, "finished_at, outcome, kept_until", "1, 3, 6000000000000000");
    TestDatabase.execute(url, "vacuum analyze lease_job");
    TestDatabase.execute(url, "update lease_job set outcome = 4");

    List<JobLease> failed =
        IntStream.rangeClosed(1, 100)
            .mapToObj(i -> JobLease.of("q", "" + i, "w", 1, Instant.EPOCH))
            .toList();
    assertThat(rowsInVain(Sql.JOB_REQUEUE, failed)).isLessThan(1_000);
    assertThat(rowsInVain(Sql.JOB_REQUEUE, failed.subList(0, 1))).isLessThan(100);
  }

  @Test
  @DisplayName(
      "Q50 100,000 ids that are remembered cost lists, counts, claims and purges no walk over them")
  void rememberedIds() throws SQLException {
    fill(100_000, "finished_at, kept_until", "1, 6000000000000000");
    TestDatabase.execute(url, "vacuum analyze lease_job");
    settle(holdAll(1_000), this::done);
    TestDatabase.execute(url, "vacuum lease_job");

    assertPassedOver("analysed when there was nothing else");
    TestDatabase.execute(url, "analyze lease_job");
    assertPassedOver("analysed");
  }

  @Test
  @DisplayName(
      "Q50, Q85 lists of held jobs, of jobs that failed, and of an unknown queue read no jobs that are done")
  void finished() throws SQLException {
    TestDatabase.execute(url, "vacuum analyze lease_job");
    // They finish after those that fail below.
    fill(100_000, "finished_at, outcome, kept_until", "5000000000000000 + i, 3, 6000000000000000");
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, 20)
                .mapToObj(i -> NewJob.builder("q", "late-" + i, "t", "p").build())
                .toList());
    List<JobLease> held =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs().stream()
            .map(ClaimedJob::lease)
            .toList();
    assertThat(
            backend
                .jobQueue()
                .settle(
                    held.subList(0, 5).stream()
                        .<Settlement>map(lease -> Settlement.failed(lease, "e"))
                        .toList()))
        .containsOnly(Settlement.Result.ACCEPTED);

    for (String statistics : new String[] {"select 1", "analyze lease_job"}) {
      TestDatabase.execute(url, statistics);
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        JobFilter all = JobFilter.all();
        assertRead(5, all.inQueue("q").inState(JobState.PROCESSING), order, 500);
        assertRead(10, all.inQueue("q").inState(JobState.PENDING), order, 500);
        assertRead(5, all.inQueue("q").inState(JobState.FAILED), order, 500);
        assertRead(0, all.inQueue("q").inState(JobState.CANCELLED), order, 500);
        assertRead(100, all.inQueue("q").inState(JobState.DONE), order, 1_000);
        assertRead(100, all.inQueue("q"), order, 1_000);
        assertRead(0, all.inQueue("unknown"), order, 100);
        assertRead(5, all.inState(JobState.FAILED), order, 500);
        assertRead(100, all, order, 1_000);
      }
      for (JobFilter in : List.of(JobFilter.all().inQueue("q"), JobFilter.all())) {
        JobOrder last = JobOrder.LAST_FINISHED_FIRST;
        assertRead(5, in.inState(JobState.FAILED), last, 100);
        assertRead(5, in.inState(JobState.FAILED).withErrorText("e"), last, 100);
        assertRead(0, in.inState(JobState.CANCELLED), last, 100);
        assertRead(100, in, last, 500);
        assertThat(
                blocks(
                    session ->
                        assertThat(
                                admin()
                                    .pages
                                    .count(session.handle(), in.inState(JobState.FAILED), 10))
                            .isEqualTo(5)))
            .as("count of %s", in)
            .isLessThan(500);
      }
    }
  }

  @Test
  @DisplayName("Q50 Q85 100,000 jobs that failed cost a list and a purge of those done no walk")
  void behindFailed() throws SQLException {
    TestDatabase.execute(url, "vacuum analyze lease_job");
    fill(100_000, "finished_at, outcome, kept_until", "2 + i, 4, 6000000000000000");
    TestDatabase.execute(
        url,
        "update lease_job set outcome = 3, finished_at = 1 where seq in (select seq from lease_job limit 10)");
    for (String statistics : new String[] {"select 1", "analyze lease_job"}) {
      TestDatabase.execute(url, statistics);
      JobFilter done = JobFilter.all().inState(JobState.DONE);
      assertRead(10, done, JobOrder.LAST_FINISHED_FIRST, 100);
      assertRead(10, done.inQueue("q"), JobOrder.LAST_FINISHED_FIRST, 100);
    }
    assertThat(
            blocks(
                session ->
                    assertThat(
                            session
                                .statement(Sql.JOB_PURGE_OLDER)
                                .bind("queue", "q")
                                .bind("age", Micros.of(Duration.ofDays(30_000)))
                                .bind("limit", 100)
                                .list(row -> row.getString("id")))
                        .hasSize(0)))
        .as("a purge that finds nothing old enough")
        .isLessThan(100);
  }

  @Test
  @DisplayName("L33 a page of leases reads no names outside of its range")
  void leases() throws SQLException {
    TestDatabase.execute(
        url,
        "insert into lease_lease (name, owner, token, expires_at)"
            + " select 'name-' || i, 'o', 1, 6000000000000000 from generate_series(1, 20000) i");
    for (String statistics : new String[] {"select 1", "analyze lease_lease"}) {
      TestDatabase.execute(url, statistics);
      assertRead(11, NameRange.of("name-777", null));
      assertRead(100, NameRange.of("", "name-5"));
      assertRead(0, NameRange.of("name-%", null));
    }
  }

  private void assertRead(int leases, NameRange range) {
    assertThat(
            blocks(session -> assertThat(JdbcLeaseStore.page(session, range, 100)).hasSize(leases)))
        .as("from %s", range.from())
        .isLessThan(250);
  }

  private void assertRead(int jobs, JobFilter filter, JobOrder order, int blocks) {
    assertThat(blocks(session -> assertThat(page(session, filter, order)).hasSize(jobs)))
        .as("%s, %s", filter, order)
        .isLessThan(blocks);
  }

  private void assertPassedOver(String when) {
    JobFilter all = JobFilter.all();
    for (JobFilter filter :
        List.of(
            all,
            all.inQueue("q"),
            all.inQueue("q").inState(JobState.DONE),
            all.inQueue("q").inState(JobState.PENDING),
            all.inQueue("q").withIdPrefix("1000"))) {
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        assertThat(blocks(session -> page(session, filter, order)))
            .as("%s, %s, %s", when, filter, order)
            .isLessThan(2_000);
      }
    }
    assertThat(blocks(session -> look(session, Watermarks.start()))).as(when).isLessThan(100);
    for (Sql sql : List.of(Sql.JOB_COUNTS, Sql.JOB_PURGE_KEPT, Sql.JOB_PURGE_OLDER)) {
      assertThat(blocks(session -> rows(session, sql))).as("%s, %s", when, sql).isLessThan(1_500);
    }
  }

  private JdbcJobAdmin admin() {
    return (JdbcJobAdmin) backend.jobAdmin();
  }

  private List<JobPages.Listed<Job>> page(Session session, JobFilter filter, JobOrder order) {
    return Pages.read(backend, session, JobQuery.of(filter).order(order)).jobs();
  }

  private List<?> rows(Session session, Sql sql) throws SQLException {
    return new SqlScript(session, sql)
        .bind("queue", "q")
        .bind("age", 0L)
        .bind("limit", 10)
        .list(row -> row.getString(1));
  }

  private ClaimLook look(Session session, Watermarks.Levels levels) throws SQLException {
    return backend
        .database
        .statements()
        .claim(
            session,
            new ClaimLook.Request("q", "w", 10, 4 << 20, true, Micros.of(LEASE), 1),
            levels);
  }

  private ResetSlice reset(Session session, ResetSlice.Request resetting) throws SQLException {
    return backend.database.statements().reset(session, resetting);
  }

  private void fill(int jobs, String columns, String values) throws SQLException {
    TestDatabase.execute(
        url,
        ("insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at, %s)"
                + " select 'q', i::text, 't', 'p', '', 5, 3, 1, 1, %s from generate_series(1, %d) i")
            .formatted(columns, values, jobs));
  }

  private Settlement done(JobLease lease) {
    return Settlement.done(lease);
  }

  private Settlement released(JobLease lease) {
    return Settlement.released(lease, Duration.ZERO);
  }

  private List<Extension> extend(Session session, List<JobLease> leases) throws SQLException {
    List<Extension> extensions =
        backend.database.statements().extend(session, leases, Micros.of(LEASE));
    assertThat(extensions).hasSize(leases.size()).hasOnlyElementsOfType(Extension.Held.class);
    return extensions;
  }

  private List<Settlement.Result> settle(
      Session session, List<JobLease> leases, Function<JobLease, Settlement> settlement)
      throws SQLException {
    List<Settlement.Result> results =
        backend.operations.settle(
            session, leases.stream().map(settlement).toList(), LockWait.SHORT, true);
    assertThat(results).hasSize(leases.size()).containsOnly(Settlement.Result.ACCEPTED);
    return results;
  }

  private void settle(List<JobLease> leases, Function<JobLease, Settlement> settlement) {
    for (int i = 0; i < leases.size(); i += 1_000) {
      backend.jobQueue().settle(leases.subList(i, i + 1_000).stream().map(settlement).toList());
    }
  }

  private static List<NewJob> jobs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> NewJob.builder("q", "new-" + i, "t", "p").build())
        .toList();
  }

  private List<JobLease> holdAll(int jobs) {
    String payload = "p".repeat(1_000);
    var leases = new ArrayList<JobLease>();
    for (int i = 0; i < jobs; i += 1_000) {
      int first = i;
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(0, 1_000)
                  .mapToObj(j -> NewJob.builder("q", jobs + "-" + (first + j), "t", payload))
                  .map(NewJob.Builder::build)
                  .toList());
      backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs().stream()
          .map(ClaimedJob::lease)
          .forEach(leases::add);
    }
    assertThat(leases).hasSize(jobs);
    return leases;
  }

  /** The rows that a statement for some leases looks at and throws away. */
  private long rowsInVain(Sql sql, List<JobLease> leases) {
    var all =
        new RowBatch(
            leases.size(),
            RowBatch.text("queue"),
            RowBatch.text("id"),
            RowBatch.number("token"),
            RowBatch.number("outcome"),
            RowBatch.number("givenBack"),
            RowBatch.number("delay"),
            RowBatch.number("keep"),
            RowBatch.number("forgets"),
            RowBatch.text("result"),
            RowBatch.text("error"));
    leases.forEach(
        lease ->
            all.add(lease.queue(), lease.jobId(), lease.token(), 3L, 0L, 0L, 1L, 1L, null, null));
    return backend.database.transact(
        "explain",
        session -> {
          String text = "explain (analyze) " + backend.database.catalog().texts(sql).get(0);
          NamedStatement statement =
              session.statement(text).bind(Map.of("duration", 1L, "simple", 1L));
          for (int i = 0; i < all.columns().size(); i++) {
            String name = all.columns().get(i).name();
            if (ParsedSql.of(text).has(name)) {
              String type = all.columns().get(i).type() == Long.class ? "int8" : "text";
              statement.bindArray(name, type, all.column(i));
            }
          }
          long inVain = 0;
          for (String line : statement.list(row -> row.getString(1))) {
            Matcher removed = REMOVED.matcher(line);
            if (removed.find()) {
              inVain += Long.parseLong(removed.group(1));
            }
          }
          return inVain;
        });
  }

  /** The blocks of tables and indexes that some calls ask for, on a connection of the store's. */
  private long blocks(Session.Work<?> calls) {
    return backend.database.transact(
        "count blocks",
        session -> {
          long before = blocksSoFar(session);
          calls.run(session);
          long blocks = blocksSoFar(session) - before;
          assertThat(blocks).isPositive();
          return blocks;
        });
  }

  private static long blocksSoFar(Session session) {
    return session
        .handle()
        .createQuery(
            "select sum(pg_stat_get_xact_blocks_fetched(oid)) from pg_class where relname like 'lease_%'")
        .mapTo(Long.class)
        .one();
  }
}
