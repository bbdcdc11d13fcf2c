package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.KeyLimit;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What calls for jobs with keys read where very many are held back. */
@Tag("slow")
class PostgresqlKeyPlansTest {

  private static final Duration LEASE = Duration.ofMinutes(30);

  private String url;
  private JdbcBackend backend;

  @BeforeEach
  void open() throws SQLException {
    url = TestServers.postgresql().newDatabase();
    backend = JdbcBackend.open(JdbcConfig.of(url).withOrderSlack(Duration.ZERO).withPoolSize(1));
    TestDatabase.execute(url, "alter table lease_job set (autovacuum_enabled = off)");
    backend.admission().limit("q", null, KeyLimit.of(1));
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /**
   * On one connection, and so with the plans that it made when the table was empty, or had few jobs
   * that were not finished. "never": nobody has analysed the table.
   */
  @ParameterizedTest
  @ValueSource(strings = {"never", "empty", "few", "full"})
  @DisplayName(
      "Q70 100,000 jobs of a full key, and 10,000 full keys, cost claims and others no walk over them")
  void heldBack(String analysed) throws SQLException {
    if (analysed.equals("few")) {
      TestDatabase.execute(
          url,
          fill("'done-' || i", "'done ' || i / 2", "5", 40_000),
          "update lease_job set finished_at = 1, outcome = 3, kept_until = 6000000000000000 where seq > 10");
    }
    if (!analysed.equals("never")) {
      TestDatabase.execute(url, "vacuum analyze lease_job");
    }
    for (int i = 0; i < 10; i++) {
      life("warm " + i);
    }
    TestDatabase.execute(
        url,
        fill("'hot-' || i", "'hot'", "case when i = 1 then 5 else 14 end", 100_000),
        fill("'cold-' || i", "'cold ' || i / 2", "case when i % 2 = 0 then 5 else 14 end", 20_000),
        fill("'later-' || i", "'hot'", "44, 6000000000000000", 20_000),
        analysed.equals("full") ? "analyze lease_job" : "select 1");

    List<JobKey> keys = IntStream.range(0, 10).mapToObj(i -> new JobKey("q", "cold " + i)).toList();
    KeySlots slots = slots();
    assertThat(blocks(session -> assertThat(look(session).met()).hasSize(100)))
        .as("a claim of 100")
        .isLessThan(1_000);
    assertThat(blocks(session -> slots.passOn(session, keys))).as("10 full keys").isLessThan(500);
    assertThat(blocks(session -> slots.passOn(session, Set.of(new JobKey("q", "hot")))))
        .as("a full key with 100,000 jobs")
        .isLessThan(100);
    assertThat(blocks(session -> enqueue(session, "hot", "new"))).as("enqueue").isLessThan(300);
    assertThat(
            blocks(
                session ->
                    assertThat(backend.database.statements().slots().news(session, "q", 1_000))
                        .isEmpty()))
        .as("what came")
        .isLessThan(200);
    assertThat(
            blocks(
                session ->
                    assertThat(backend.database.statements().slots().piece(session, "q", "", 100))
                        .hasSize(100)))
        .as("a piece of the keys")
        .isLessThan(1_000);
    assertThat(blocks(session -> assertThat(settleHot(session)).isEqualTo("hot-2")))
        .as("the next job of the hot key")
        .isLessThan(400);
  }

  private KeySlots slots() {
    var watermarks = new Watermarks(Duration.ZERO, Duration.ofSeconds(1), false);
    return new KeySlots(backend.database, backend.hints, watermarks, Runnable::run);
  }

  /** Ends the one job of the hot key that has a slot; the next one. */
  private String settleHot(Session session) throws SQLException {
    long token =
        session
            .statement(
                "update lease_job set token = 1, expires_at = 6000000000000000, owner = 'w', attempts = 1"
                    + " where queue = 'q' and id = 'hot-1' returning token")
            .list(row -> row.getLong(1))
            .get(0);
    var lease = JobLease.of("q", "hot-1", "w", token, Instant.ofEpochSecond(6_000_000));
    assertThat(
            backend.operations.settle(
                session, List.of(Settlement.done(lease)), LockWait.SHORT, true))
        .containsExactly(Settlement.Result.ACCEPTED);
    return session
        .statement(
            "select id from lease_job where queue = 'q' and priority < 10 and job_key = 'hot'"
                + " and priority / 10 = 0 and coalesce(finished_at, 0) = 0")
        .list(row -> row.getString(1))
        .get(0);
  }

  private static String fill(String id, String key, String priority, int jobs) {
    boolean later = priority.contains(",");
    return ("insert into lease_job (queue, id, type, payload, headers, max_crashes, created_at, job_key, priority, due_at)"
            + " select 'q', %s, 't', 'p', '', 3, 1, %s, %s from generate_series(1, %d) i")
        .formatted(id, key, later ? priority : priority + ", i", jobs);
  }

  private List<?> enqueue(Session session, String key, String id) throws SQLException {
    return backend.operations.enqueue(
        session, List.of(NewJob.builder("q", id, "t", "p").key(key).build()), LockWait.LONG);
  }

  private void life(String key) {
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, 3)
                .mapToObj(i -> NewJob.builder("q", key + i, "t", "p").key(key).build())
                .toList());
    for (int i = 0; i < 3; i++) {
      for (ClaimedJob job :
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs()) {
        backend.jobQueue().settle(List.of(Settlement.done(job.lease())));
      }
    }
  }

  private ClaimLook look(Session session) throws SQLException {
    return backend
        .database
        .statements()
        .claim(
            session,
            new ClaimLook.Request("q", "w", 100, 4 << 20, true, Micros.of(LEASE), 1),
            Watermarks.start());
  }

  private interface Calls {
    void run(Session session) throws SQLException;
  }

  /** The blocks of tables and indexes that some calls ask for, on a connection of the store's. */
  private long blocks(Calls calls) {
    return backend.database.transact(
        "count blocks",
        session -> {
          long before = blocksSoFar(session);
          calls.run(session);
          return blocksSoFar(session) - before;
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
