package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/**
 * What a fault of one queue, job or node costs the others, and what many held jobs cost, on real
 * servers.
 */
class IsolationTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final JobType<String> A = JobType.of("a", "text", String.class);
  private static final JobType<String> B = JobType.of("b", "text", String.class);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Logs logs = new Logs();

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(0, resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable resource : open) {
      resource.close();
    }
    logs.close();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(condition);
  }

  private static void pass(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private static WorkerConfig.Builder config() {
    return WorkerConfig.builder()
        .name("test")
        .concurrency(4)
        .pollInterval(Duration.ofMillis(50))
        .stopGrace(Duration.ZERO);
  }

  private static void enqueue(JobQueue jobs, JobType<String> type, int count, String prefix) {
    var client = JobClient.of(Parts.of(jobs));
    client.enqueue(
        IntStream.range(0, count)
            .mapToObj(i -> client.job(type, prefix + i, prefix + i).build())
            .toList());
  }

  private static boolean isDone(JobQueue jobs, JobType<String> type, String id) {
    return jobs.find(type.queue(), id).orElseThrow().state() == JobState.DONE;
  }

  private static boolean areDone(JobQueue jobs, JobType<String> type, int count, String prefix) {
    return IntStream.range(0, count).allMatch(i -> isDone(jobs, type, prefix + i));
  }

  /** Locks the row of a job, until it is closed. */
  private Connection lockRow(String url, String id) throws SQLException {
    Connection connection = closing(DriverManager.getConnection(url));
    connection.setAutoCommit(false);
    try (PreparedStatement lock =
        connection.prepareStatement("select id from lease_job where id = ? for update")) {
      lock.setString(1, id);
      assertThat(lock.executeQuery().next()).isTrue();
    }
    return connection;
  }

  @Test
  @DisplayName(
      "W23 a job whose row is locked costs no other queue anything, and is settled at last")
  void lockedRow() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    var backend = closing(JdbcBackend.open(JdbcConfig.of(url)));
    JobQueue jobs = backend.jobQueue();
    var running = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    enqueue(jobs, A, 1, "locked");
    closing(
            Parts.worker(jobs)
                .config(config().concurrency(1).build())
                .handle(
                    A,
                    (payload, context) -> {
                      running.countDown();
                      pass(end);
                    })
                .handle(B, (payload, context) -> {})
                .build())
        .start();

    pass(running);
    Connection lock = lockRow(url, "locked0");
    end.countDown();
    enqueue(jobs, B, 50, "free");
    eventually(() -> areDone(jobs, B, 50, "free"));
    assertThat(isDone(jobs, A, "locked0")).isFalse();
    eventually(() -> logs.at(Level.WARN).stream().anyMatch(line -> line.contains("locked0")));
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("another transaction holds its row");
    assertThat(logs.at(Level.ERROR)).as("the store answers").isEmpty();
    lock.rollback();
    eventually(() -> isDone(jobs, A, "locked0"));
    assertThat(jobs.find("a", "locked0").orElseThrow().attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W23 W05 a stop names what a lock keeps from being settled, and hands back the rest")
  void stopWithLockedRow() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    var backend = closing(JdbcBackend.open(JdbcConfig.of(url)));
    JobQueue jobs = backend.jobQueue();
    var running = new CountDownLatch(2);
    var end = new CountDownLatch(1);
    enqueue(jobs, A, 1, "locked");
    enqueue(jobs, B, 1, "other");
    Worker worker =
        closing(
            Parts.worker(jobs)
                .config(config().build())
                .handle(
                    A,
                    (payload, context) -> {
                      running.countDown();
                      pass(end);
                    })
                .handle(
                    B,
                    (payload, context) -> {
                      running.countDown();
                      pass(new CountDownLatch(1));
                    })
                .build());
    worker.start();

    pass(running);
    lockRow(url, "locked0");
    end.countDown();
    eventually(() -> worker.status().unsettled() > 0);
    worker.stop();
    assertThat(jobs.find("b", "other0").orElseThrow().state()).isEqualTo(JobState.PENDING);
    assertThat(logs.at(Level.ERROR))
        .filteredOn(line -> line.contains("before it could settle"))
        .singleElement()
        .asString()
        .contains("text locked0 of queue a")
        .doesNotContain("other0");
  }

  @Tag("slow")
  @Test
  @DisplayName("W23 six workers on one backend, each with a locked row, lose none of their leases")
  void sixLockedRows() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    var backend = closing(JdbcBackend.open(JdbcConfig.of(url)));
    JobQueue jobs = backend.jobQueue();
    int workers = 6;
    Duration lease = Duration.ofSeconds(30);
    var running = new CountDownLatch(2 * workers);
    var end = new CountDownLatch(1);
    var endOfLong = new CountDownLatch(1);
    enqueue(jobs, A, workers, "locked");
    enqueue(jobs, B, workers, "long");
    for (int i = 0; i < workers; i++) {
      closing(
              Parts.worker(jobs)
                  .config(
                      config()
                          .name("worker-" + i)
                          .concurrency(2)
                          .queue(A.queue(), QueueShare.DEFAULT.withSlots(1))
                          .queue(B.queue(), QueueShare.DEFAULT.withSlots(1))
                          .leaseDuration(lease)
                          .build())
                  .handle(
                      A,
                      (payload, context) -> {
                        running.countDown();
                        pass(end);
                      })
                  .handle(
                      B,
                      (payload, context) -> {
                        running.countDown();
                        pass(endOfLong); // An interrupt would end this.
                      })
                  .build())
          .start();
    }

    pass(running);
    for (int i = 0; i < workers; i++) {
      lockRow(url, "locked" + i);
    }
    end.countDown();
    // For longer than a lease, by the database's clock.
    var began = jobs.find("b", "long0").orElseThrow().asOf();
    eventually(
        () ->
            jobs.find("b", "long0")
                .orElseThrow()
                .asOf()
                .isAfter(began.plus(lease).plusSeconds(10)));
    endOfLong.countDown();
    eventually(() -> areDone(jobs, B, workers, "long"));
    for (int i = 0; i < workers; i++) {
      assertThat(jobs.find("b", "long" + i).orElseThrow().attempts()).isEqualTo(1);
    }
    assertThat(logs.at(Level.WARN)).noneMatch(line -> line.contains("lost its lease"));
  }

  @Tag("slow")
  @Test
  @DisplayName("W23 a node of a cluster that dies costs the jobs of another node nothing")
  void deadNode() throws Exception {
    var cluster = closing(RedisCluster.start("--cluster-require-full-coverage", "no"));
    var backend = closing(RedisBackend.open(RedisConfig.of(cluster.uri())));
    JobQueue jobs = backend.jobQueue();
    // The client keeps a way to the others: the node that it was told of goes on.
    JobType<String> healthy = typeOn(cluster, jobs, 0);
    JobType<String> dead = typeOn(cluster, jobs, 1);
    var running = new CountDownLatch(2);
    var end = new CountDownLatch(1);
    enqueue(jobs, healthy, 1, "kept");
    enqueue(jobs, dead, 1, "gone");
    closing(
            Parts.worker(jobs)
                .config(config().build())
                .handle(
                    healthy,
                    (payload, context) -> {
                      if (payload.startsWith("kept")) {
                        running.countDown();
                        pass(end); // An interrupt would end this.
                      }
                    })
                .handle(
                    dead,
                    (payload, context) -> {
                      running.countDown();
                      pass(end);
                    })
                .build())
        .start();

    pass(running);
    cluster.nodes().get(1).kill();
    var began = jobs.find(healthy.queue(), "kept0").orElseThrow().asOf();
    enqueue(jobs, healthy, 20, "more");
    eventually(() -> areDone(jobs, healthy, 20, "more"));
    eventually(
        () ->
            jobs.find(healthy.queue(), "kept0")
                .orElseThrow()
                .asOf()
                .isAfter(began.plusSeconds(45)));
    end.countDown();
    eventually(() -> isDone(jobs, healthy, "kept0"));
    assertThat(jobs.find(healthy.queue(), "kept0").orElseThrow().attempts()).isEqualTo(1);
  }

  /** A type in a queue whose keys are on that node. */
  private static JobType<String> typeOn(RedisCluster cluster, JobQueue jobs, int node) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "q" + node + "-" + i)
        .filter(
            queue -> {
              var client = JobClient.of(Parts.of(jobs));
              client.enqueue(
                  client.job(JobType.of(queue, "probe", String.class), "probe", "").build());
              jobs.settle(
                  jobs.claim(ClaimRequest.of(queue, "probe", 1, LONG)).jobs().stream()
                      .<Settlement>map(job -> Settlement.done(job.lease()))
                      .toList());
              return cluster.placeOf("*" + queue + "*").node() == node;
            })
        .map(queue -> JobType.of(queue, "text", String.class))
        .findFirst()
        .orElseThrow();
  }

  @Tag("slow")
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  @DisplayName("W01 10,000 handlers that sleep keep their leases in a table analysed when idle")
  void manySleepers() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    JobQueue jobs = closing(JdbcBackend.open(JdbcConfig.of(url))).jobQueue();
    var database = closing(DriverManager.getConnection(url));
    int count = 10_000;
    for (int i = 0; i < count; i += 1_000) {
      enqueue(jobs, A, 1_000, "sleeper" + i + "-");
    }
    execute(database, "vacuum analyze lease_job");
    var end = new CountDownLatch(1);
    Worker worker =
        closing(
            Parts.worker(jobs)
                .config(
                    config()
                        .concurrency(count)
                        .lookAhead(0)
                        .leaseDuration(Duration.ofSeconds(20))
                        .build())
                .handle(A, (payload, context) -> pass(end))
                .build());
    worker.start();

    eventually(() -> worker.status().active().size() == count);
    long last = number(database, "select max(expires_at) from lease_job");
    eventually(() -> number(database, "select min(expires_at) from lease_job") > last);
    end.countDown();
    eventually(() -> worker.status().settled() == count);
    assertThat(worker.status().lost()).isZero();
    assertThat(number(database, "select max(attempts) from lease_job")).isEqualTo(1);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
