package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.inject.Module;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.JdbcModule;
import dev.lease.redis.RedisConfig;
import dev.lease.redis.RedisModule;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class StoreOutageTest {

  private static final Duration OUTAGE = Duration.ofSeconds(20);

  /** Shorter than the outage. A call gets a third of it: on a busy machine one takes seconds. */
  private static final Duration LEASE = Duration.ofSeconds(15);

  private static final int JOBS = 40;
  private static final int CONCURRENCY = 4;
  private static final JobType<String> TYPE = JobType.of("orders", "place-order", String.class);

  private interface End {
    void end() throws SQLException;
  }

  private interface Begin {
    End begin() throws SQLException;
  }

  @Test
  @DisplayName("W11 PostgreSQL is gone for 20 s and comes back: every job ends, and is run once")
  void postgresql() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    String elsewhere = TestServers.postgresql().newDatabase();
    String database = url.replaceFirst("\\?.*", "").replaceFirst(".*/", "");
    survives(
        Store.JDBC,
        jdbc(url),
        () -> {
          execute(
              elsewhere, "alter database \"%s\" with allow_connections false".formatted(database));
          execute(
              elsewhere,
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
                  .formatted(database));
          return () ->
              execute(
                  elsewhere,
                  "alter database \"%s\" with allow_connections true".formatted(database));
        });
  }

  @Test
  @DisplayName(
      "W11 a SQLite file is locked for 20 s and comes back: every job ends, and is run once")
  void sqlite() throws Exception {
    String url = Store.newUrl();
    survives(
        Store.JDBC,
        jdbc(url),
        () -> {
          Connection connection = DriverManager.getConnection(url);
          connection.createStatement().execute("begin immediate");
          return connection::close;
        });
  }

  @Test
  @DisplayName("W11 Redis is killed and comes back after 20 s: every job ends, and is run once")
  void redis() throws Exception {
    try (RedisProcess server =
        RedisProcess.start("--appendonly", "yes", "--appendfsync", "always")) {
      survives(
          Store.REDIS,
          new RedisModule(RedisConfig.of(server.uri())),
          () -> {
            server.kill();
            return server::restart;
          });
    }
  }

  private static Module jdbc(String url) {
    return new JdbcModule(JdbcConfig.of(url).withCallTimeout(LEASE.dividedBy(3)));
  }

  /** All leases run out during the outage; the handlers that were at work have ended meanwhile. */
  private static void survives(Store store, Module module, Begin begin) throws Exception {
    Map<String, Integer> runs = new ConcurrentHashMap<>();
    var atWork = new CountDownLatch(CONCURRENCY);
    var gone = new CountDownLatch(1);
    try (var backend = store.open(module);
        var worker =
            Parts.worker(backend.jobQueue())
                .config(
                    WorkerConfig.builder()
                        .concurrency(CONCURRENCY)
                        .leaseDuration(LEASE)
                        .pollInterval(Duration.ofMillis(100))
                        .maxBackoff(Duration.ofSeconds(1))
                        .build())
                .handle(
                    TYPE,
                    (payload, context) -> {
                      runs.merge(context.jobId(), 1, Integer::sum);
                      atWork.countDown();
                      gone.await();
                    })
                .build()) {
      var client = JobClient.of(backend);
      client.enqueue(
          IntStream.range(0, JOBS)
              .mapToObj(i -> client.job(TYPE, "job-" + i, "payload"))
              .map(NewJob.Builder::build)
              .toList());
      worker.start();
      assertThat(atWork.await(2, TimeUnit.MINUTES)).isTrue();

      // From here on: what happened before is no matter of this outage.
      try (var logs = new Logs()) {
        End outage = begin.begin();
        gone.countDown();
        TimeUnit.NANOSECONDS.sleep(OUTAGE.toNanos());
        outage.end();

        await()
            .atMost(Duration.ofMinutes(2))
            .ignoreExceptions()
            .until(
                () ->
                    backend
                            .jobAdmin()
                            .list(JobQuery.of(JobFilter.all().inState(JobState.DONE)).limit(1_000))
                            .jobs()
                            .size()
                        == JOBS);
        assertThat(runs).hasSize(JOBS).allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(() -> assertThat(backs(logs)).as("ends of outages").hasSize(1));
        assertThat(logs.at(Level.ERROR))
            .singleElement()
            .asString()
            .contains("tries again until it can");
      }
    }
  }

  private static List<String> backs(Logs logs) {
    return logs.at(Level.INFO).stream().filter(line -> line.contains("again after")).toList();
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
