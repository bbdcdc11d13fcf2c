package dev.lease.worker;

import static dev.lease.worker.HangGrounds.LEASE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.testkit.server.TestServers;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What calls that hang for one queue cost another one, on real servers: triggers that sleep, a node
 * that stands still, locks and networks. All kinds of hangs of all calls run with {@code
 * -Dlease.hang.all=true}, as they do each night.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
class HangOnServersTest {

  private static final boolean ALL = Boolean.getBoolean("lease.hang.all");

  private static final Set<Call> CALLS = EnumSet.complementOf(EnumSet.of(Call.ON_WORK));

  /** So many runs as there are connections for. */
  private static final int AT_ONCE = 6;

  /** Each call once, by a trigger if one can see it, else by a wrapper. */
  private static Stream<DynamicTest> onDatabase(String store, Callable<String> newDatabase) {
    var cells = new HangCells("hang-" + store + ".md", AT_ONCE);
    cells.add(
        store,
        lease -> HangGrounds.triggered(newDatabase.call(), lease),
        LEASE,
        Call.CLAIM,
        Fault.NONE);
    for (Call call : CALLS) {
      if (HangingTriggers.canHang(call)) {
        cells.add(
            store,
            lease -> HangGrounds.triggered(newDatabase.call(), lease),
            LEASE,
            call,
            Fault.NEVER);
      }
      if (ALL || !HangingTriggers.canHang(call)) {
        wrapped(
            cells,
            store + " wrapped",
            lease -> HangGrounds.wrappedJdbc(newDatabase.call(), lease),
            call);
      }
    }
    return cells.tests();
  }

  private static void wrapped(HangCells cells, String store, HangCell.NewGround ground, Call call) {
    Set<Fault> faults =
        ALL ? EnumSet.complementOf(EnumSet.of(Fault.NONE)) : EnumSet.of(Fault.NEVER);
    faults.forEach(fault -> cells.add(store, ground, LEASE, call, fault));
  }

  @TestFactory
  @DisplayName("W23 PostgreSQL: calls of one queue that hang cost another queue nothing")
  Stream<DynamicTest> postgresql() {
    return onDatabase("postgresql", () -> TestServers.postgresql().newDatabase());
  }

  @TestFactory
  @DisplayName("W23 MariaDB: calls of one queue that hang cost another queue nothing")
  Stream<DynamicTest> mariadb() {
    return onDatabase("mariadb", () -> TestServers.mariadb().newDatabase());
  }

  @TestFactory
  @DisplayName("W23 Redis: calls of one queue that hang cost another queue nothing")
  Stream<DynamicTest> redis() {
    var cells = new HangCells("hang-redis.md", AT_ONCE);
    cells.add("redis", HangGrounds::wrappedRedis, LEASE, Call.CLAIM, Fault.NONE);
    CALLS.forEach(call -> wrapped(cells, "redis", HangGrounds::wrappedRedis, call));
    return cells.tests();
  }

  @TestFactory
  @DisplayName("W23 a node of a Redis Cluster that stands still costs a queue of another nothing")
  Stream<DynamicTest> cluster() {
    var cells = new HangCells("hang-cluster.md", 2);
    cells.add("cluster", HangGrounds::cluster, LEASE, Call.CLAIM, Fault.NONE);
    cells.add("cluster", HangGrounds::cluster, LEASE, Call.CLAIM, Fault.NEVER);
    return cells.tests();
  }

  @TestFactory
  @DisplayName("W11 a worker whose whole store hangs goes on by itself, and loses nothing")
  Stream<DynamicTest> whole() {
    var cells = new HangCells("hang-whole.md", AT_ONCE);
    cells.addWhole("redis, stopped", HangGrounds::stoppedRedis, LEASE);
    for (LeaseStores kind : LeaseStores.values()) {
      if (kind != LeaseStores.SQLITE) {
        cells.addWhole(
            kind + ", silent network",
            lease -> HangGrounds.swallowed(kind, kind.newAddress(), lease),
            LEASE);
      }
    }
    cells.addWhole(
        "postgresql, locked table",
        lease ->
            locked(
                lease,
                TestServers.postgresql().newDatabase(),
                "lock table lease_job in access exclusive mode"),
        LEASE);
    cells.addWhole(
        "mariadb, locked table",
        lease -> locked(lease, TestServers.mariadb().newDatabase(), "lock tables lease_job write"),
        LEASE);
    return cells.tests();
  }

  private static HangGrounds.Opened locked(Duration lease, String url, String lock)
      throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setAutoCommit(false);
    return HangGrounds.by(
        new HangGrounds.HangOfAll(
            () -> execute(connection, lock),
            () -> {
              connection.rollback();
              connection.close();
            }),
        url,
        lease);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  @DisplayName("W05 a stop settles what has ended though claims wait for a lock on a table")
  void stopDuringLockedClaims() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    try (var ground = HangGrounds.by(new HangingTriggers(url), url, LEASE);
        Connection lock = DriverManager.getConnection(url)) {
      var running = new CountDownLatch(4);
      var end = new CountDownLatch(1);
      Worker worker =
          HangCell.builder(ground.backend())
              .config(config("locked-claims").build())
              .handle(
                  HangCell.B,
                  (payload, context) -> {
                    running.countDown();
                    end.await();
                  })
              .build();
      enqueue(ground, HangCell.B, 4);
      worker.start();
      running.await();
      lock.setAutoCommit(false);
      execute(lock, "lock table lease_paused_queue in access exclusive mode");
      assertThat(HangCell.comes(() -> isAnyoneLocked(url))).isTrue();
      end.countDown();
      worker.stop();
      for (int i = 0; i < 4; i++) {
        assertThat(ground.plain().jobQueue().find(HangCell.B.queue(), "job" + i))
            .hasValueSatisfying(job -> assertThat(job.state()).isEqualTo(JobState.DONE));
      }
      lock.rollback();
    }
  }

  private static boolean isAnyoneLocked(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select 1 from pg_stat_activity"
                    + " where datname = current_database() and wait_event_type = 'Lock'")) {
      return rows.next();
    }
  }

  @Test
  @DisplayName("W24 extensions of three queues that hang cost a fourth queue no lease")
  void extensionsOfThreeQueues() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    try (var ground = HangGrounds.by(new HangingTriggers(url), url, LEASE)) {
      Set<String> running = ConcurrentHashMap.newKeySet();
      Set<String> again = ConcurrentHashMap.newKeySet();
      var end = new CountDownLatch(1);
      Worker.Builder builder =
          HangCell.builder(ground.backend()).config(config("three-queues").build());
      for (int i = 0; i < 3; i++) {
        JobType<String> type = HangCell.A.in("apple" + i);
        builder.handle(type, (payload, context) -> hold(context, running, again, end));
        enqueue(ground, type, 1);
      }
      builder.handle(HangCell.B, (payload, context) -> hold(context, running, again, end));
      enqueue(ground, HangCell.B, 1);
      Worker worker = builder.build();
      worker.start();
      assertThat(HangCell.comes(() -> running.size() == 4)).isTrue();
      ground.hang().begin(Call.EXTEND, "apple%", Fault.NEVER);

      assertThat(HangCell.comes(() -> ground.hang().caught() > 0)).isTrue();
      Instant after = Instant.now().plus(LEASE.multipliedBy(2));
      assertThat(HangCell.comes(() -> Instant.now().isAfter(after))).isTrue();
      end.countDown();
      assertThat(HangCell.comes(() -> done(ground, HangCell.B) == 1)).isTrue();
      assertThat(again).doesNotContain(HangCell.B.queue());
      ground.hang().end();
      worker.stop();
      ground.hang().close();
    }
  }

  private static void hold(
      JobContext context, Set<String> running, Set<String> again, CountDownLatch end)
      throws InterruptedException {
    if (!running.add(context.queue())) {
      again.add(context.queue());
    }
    end.await();
  }

  private static WorkerConfig.Builder config(String name) {
    return WorkerConfig.builder()
        .name(name)
        .concurrency(8)
        .leaseDuration(LEASE)
        .pollInterval(Duration.ofMillis(100))
        .stopGrace(HangGrounds.callTimeout(LEASE));
  }

  private static void enqueue(HangGrounds.Opened ground, JobType<String> type, int count) {
    var client = JobClient.of(ground.plain());
    client.enqueue(
        IntStream.range(0, count)
            .mapToObj(i -> client.job(type, "job" + i, "held").build())
            .toList());
  }

  private static long done(HangGrounds.Opened ground, JobType<String> type) {
    return ground.plain().jobAdmin().counts().queues().stream()
        .filter(counts -> counts.queue().equals(type.queue()))
        .mapToLong(counts -> counts.count(JobState.DONE))
        .sum();
  }
}
