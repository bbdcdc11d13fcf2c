package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.testkit.server.PostgresqlProcess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What stays after months in which jobs come and go. A round is ten days by the store's clock,
 * which the test moves, so nothing depends on how fast the machine is. {@code
 * -Dlease.growth.jobs=1000000} makes as many jobs.
 */
@Tag("nightly")
@Timeout(3_600)
class GrowthTest {

  private static final int JOBS = Integer.getInteger("lease.growth.jobs", 20_000);
  private static final int ROUNDS = 10;
  private static final int JOBS_A_ROUND = JOBS / ROUNDS;

  /** Each is used once, with one job. */
  private static final int QUEUES_A_ROUND = 100;

  /** Named leases, and guards of fences, each used once. */
  private static final int NAMES_A_ROUND = 100;

  private static final Duration ROUND = Duration.ofDays(10);

  /** What finished in this round and in the one before stays. */
  private static final Duration KEEP = Duration.ofDays(25);

  private static final int ROUNDS_KEPT = 2;

  /** One in so many jobs keeps a checkpoint, and one in so many fails once. */
  private static final int FEW = 50;

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** The round by which nothing may grow any more: guards of fences stay for 30 days. */
  private static final int STEADY = 5;

  /** Pages at the end, for each 100 in the round {@link #STEADY}. */
  private static final int MOST_PAGES = 130;

  /** MariaDB's files grow by 256 pages at a time, which is much beside the thousand of few jobs. */
  private static final int PAGES_OF_TWO_STEPS = 512;

  @Test
  @DisplayName("Q46 L25 on SQLite the tables and the file reach a plateau")
  void sqlite() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    grow(url, "select page_count from pragma_page_count()", 0, () -> true);
  }

  @Test
  @DisplayName("Q46 L25 on PostgreSQL the tables and their pages reach a plateau by autovacuum")
  void postgresql() throws Exception {
    // Once a second instead of once a minute, as ten days pass within seconds.
    try (var server = PostgresqlProcess.start(Map.of("autovacuum_naptime", "1"))) {
      grow(
          server.url(),
          "select sum(pg_total_relation_size(relid)) / 8192 from pg_stat_user_tables",
          0,
          () ->
              "0"
                  .equals(
                      TestDatabase.answer(
                          server.url(),
                          "select (select count(*) from pg_stat_user_tables t"
                              + "  join pg_class c on c.oid = t.relid"
                              + "  where n_dead_tup > "
                              + vacuumSetting("threshold", 50)
                              + " + greatest(reltuples, 0) * "
                              + vacuumSetting("scale_factor", 0.2)
                              + ")"
                              + " + (select count(*) from pg_stat_activity where pid <> pg_backend_pid()"
                              + "  and backend_type in ('client backend', 'autovacuum worker'))")));
    }
  }

  /** A setting of the table c by which autovacuum begins, or that of the server. */
  private static String vacuumSetting(String name, double usual) {
    return "coalesce((select option_value::float8 from pg_options_to_table(c.reloptions)"
        + " where option_name = 'autovacuum_vacuum_%s'), %s)".formatted(name, usual);
  }

  @Test
  @DisplayName("Q46 L25 on MariaDB the tables and their files reach a plateau")
  void mariadb() throws Exception {
    String url = TestDatabase.MARIADB.newUrl();
    grow(
        url,
        "select sum(file_size) div 16384 from information_schema.innodb_sys_tablespaces"
            + " where name like concat(database(), '/%')",
        PAGES_OF_TWO_STEPS,
        () -> true);
  }

  private interface Check {
    boolean isTrue() throws Exception;
  }

  /**
   * @param pages asks how many pages all tables have
   * @param more how many pages there may be beyond {@link #MOST_PAGES}
   * @param tidy whether the server has removed what was deleted
   */
  private static void grow(String url, String pages, int more, Check tidy) throws Exception {
    JdbcConfig config =
        TestDatabase.config(url).withOrderSlack(Duration.ZERO).withRetention(KEEP, KEEP);
    JdbcBackend.migrate(config);
    TestDatabase.execute(
        url,
        "create table lease_test_clock (now bigint)",
        "insert into lease_test_clock values (1767225600000000)");
    long steady = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      int kept = Math.min(round, ROUNDS_KEPT);
      try (JdbcBackend backend =
          JdbcBackend.open(config, clock -> "(select now from lease_test_clock)")) {
        work(backend, "used-always", round, JOBS_A_ROUND);
        for (int i = 0; i < QUEUES_A_ROUND; i++) {
          work(backend, "used-once-" + round + "-" + i, round, 1);
        }
        useNames(backend, url, round);
        TestDatabase.execute(url, "update lease_test_clock set now = now + " + Micros.of(ROUND));
        purge(backend);
        assertThat(backend.jobAdmin().counts().queues()).hasSize(1 + kept * QUEUES_A_ROUND);
      }
      // The connections are closed, so a server knows what they did.
      Await.until(tidy::isTrue);

      Map<String, Long> rows = rows(url);
      long size = Long.parseLong(TestDatabase.answer(url, pages).replaceFirst("\\..*", ""));
      System.out.println("%s, round %d: %s, %d pages".formatted(url(url), round, rows, size));
      assertThat(rows).containsEntry("lease_job", kept * (JOBS_A_ROUND + QUEUES_A_ROUND + 0L));
      assertThat(rows.get("lease_checkpoint")).isEqualTo(kept * few());
      assertThat(rows.get("lease_attempt")).isEqualTo(kept * few());
      assertThat(rows.get("lease_lease")).isLessThanOrEqualTo(2 * NAMES_A_ROUND);
      assertThat(rows.get("lease_fence")).isLessThanOrEqualTo(4 * NAMES_A_ROUND);
      if (round == STEADY) {
        steady = size;
      }
      if (round > STEADY) {
        assertThat(size * 100).as("pages").isLessThanOrEqualTo(steady * MOST_PAGES + more * 100L);
      }
    }
  }

  private static String url(String url) {
    return url.replaceFirst("jdbc:([a-z]+):.*", "$1");
  }

  /** How many of a round's jobs are among the few. */
  private static long few() {
    return JOBS_A_ROUND / FEW;
  }

  /** Enqueues jobs and runs them. The last of each {@link #FEW} is one of the few. */
  private static void work(JdbcBackend backend, String queue, int round, int jobs) {
    JobQueue store = backend.jobQueue();
    for (int from = 0; from < jobs; from += Limits.MAX_BATCH) {
      store.enqueue(
          IntStream.range(from, Math.min(from + Limits.MAX_BATCH, jobs))
              .mapToObj(i -> job(queue, round, i))
              .toList());
    }
    List<Settlement> settlements = List.of();
    do {
      List<ClaimedJob> claimed =
          store
              .settleAndClaim(
                  settlements, ClaimRequest.of(queue, "worker", Limits.MAX_BATCH, LEASE))
              .claim()
              .jobs();
      settlements = claimed.stream().map(job -> run(store, job)).toList();
    } while (!settlements.isEmpty());
  }

  private static NewJob job(String queue, int round, int number) {
    String id = "job-%d-%s%d".formatted(round, number % FEW == FEW - 1 ? "few-" : "", number);
    return NewJob.builder(queue, id, "type", "x".repeat(200)).build();
  }

  private static Settlement run(JobQueue store, ClaimedJob job) {
    if (job.lease().jobId().contains("few")) {
      if (job.attempt() == 1) {
        return Settlement.retry(job.lease(), Duration.ZERO, "not yet");
      }
      assertThat(store.checkpoint(job.lease(), "step", "value")).contains("value");
    }
    return Settlement.done(job.lease(), "result");
  }

  private static void useNames(JdbcBackend backend, String url, int round) throws Exception {
    var leases = (JdbcLeaseStore) backend.leaseStore();
    // The minutes between the sweeps have passed.
    leases.sweep.next.set(System.nanoTime());
    backend.fences.sweep.next.set(System.nanoTime());
    var held = new ArrayList<Lease>();
    for (int i = 0; i < NAMES_A_ROUND; i++) {
      held.add(leases.acquire("name-" + round + "-" + i, "owner", LEASE).orElseThrow());
    }
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      for (Lease lease : held) {
        backend.fence(connection, lease, "resource");
        connection.commit();
      }
    }
    for (Lease lease : held) {
      assertThat(leases.release(lease)).isTrue();
    }
  }

  /** As a worker does from time to time, for each queue that has something. */
  private static void purge(JdbcBackend backend) {
    for (QueueCounts queue : backend.jobAdmin().counts().queues()) {
      int purged = Limits.MAX_BATCH;
      while (purged == Limits.MAX_BATCH) {
        purged = backend.jobAdmin().purge(queue.queue(), Limits.MAX_BATCH);
      }
    }
  }

  private static Map<String, Long> rows(String url) throws Exception {
    var rows = new LinkedHashMap<String, Long>();
    for (String table :
        List.of("lease_job", "lease_checkpoint", "lease_attempt", "lease_lease", "lease_fence")) {
      rows.put(table, Long.valueOf(TestDatabase.answer(url, "select count(*) from " + table)));
    }
    return rows;
  }
}
