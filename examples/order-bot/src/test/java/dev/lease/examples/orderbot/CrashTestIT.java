package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.KeyLimit;
import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class CrashTestIT {

  private static final CrashPlan FEW_OF_CUSTOMERS =
      new CrashPlan(30, 2, 2, 5, CrashPlan.IN_ORDER, 1);

  private static final CrashPlan MANY_OF_CUSTOMERS =
      new CrashPlan(150, 20, 20, 10, CrashPlan.IN_ORDER, 1);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  @Test
  void everyOrderIsPlacedOnceOnSqlite() throws Exception {
    assertGood(crashTest(sqlite(), 40, 5, OrderBot.class), 40, 5);
  }

  @Tag("slow")
  @Test
  void everyOrderIsPlacedOnceOnPostgresql() throws Exception {
    StoreName postgresql = new StoreName(TestServers.postgresql().newDatabase());
    assertGood(crashTest(postgresql, 150, 20, OrderBot.class), 150, 20);
  }

  @Tag("slow")
  @Test
  void everyOrderIsPlacedOnceOnMariadb() throws Exception {
    StoreName mariadb = new StoreName(TestServers.mariadb().newDatabase());
    assertGood(crashTest(mariadb, 150, 20, OrderBot.class), 150, 20);
  }

  @Tag("slow")
  @Test
  void everyOrderIsPlacedOnceOnRedisThoughThatIsKilledAsWell() throws Exception {
    try (RedisProcess redis =
        RedisProcess.start("--appendonly", "yes", "--appendfsync", "always")) {
      Crashes crashes = new Crashes(redis);
      StoreName name = new StoreName(redis.uri());
      assertGood(crashTest(name, 150, 20, CrashTest.SHORT_LEASE, OrderBot.class, crashes), 150, 20);
      assertThat(crashes.count).isEqualTo(Crashes.MOST);
    }
  }

  @Tag("slow")
  @Test
  void everyOrderIsPlacedOnceOnARedisClusterThoughItsNodesAreKilledAndTheQueueMoves()
      throws Exception {
    try (RedisCluster cluster =
        RedisCluster.start("--appendonly", "yes", "--appendfsync", "always")) {
      Troubles troubles = new Troubles(cluster);
      StoreName name =
          new StoreName(
              cluster.nodes().stream()
                  .map(node -> "127.0.0.1:" + node.port())
                  .collect(Collectors.joining(",", "redis://", "")));
      assertGood(crashTest(name, 40, 5, Troubles.LEASE, OrderBot.class, troubles), 40, 5);
      assertThat(troubles.crashes).isEqualTo(2);
      assertThat(troubles.moves).isEqualTo(3);
    }
  }

  @Tag("slow")
  @Test
  void eachCustomersOrdersArePlacedOneByOneInOrderOnSqlite() throws Exception {
    assertInOrder(sqlite(), FEW_OF_CUSTOMERS, k -> {});
  }

  @Tag("slow")
  @Test
  void eachCustomersOrdersArePlacedOneByOneInOrderOnPostgresql() throws Exception {
    StoreName postgresql = new StoreName(TestServers.postgresql().newDatabase());
    assertInOrder(postgresql, MANY_OF_CUSTOMERS, k -> {});
  }

  @Tag("slow")
  @Test
  void eachCustomersOrdersArePlacedOneByOneInOrderOnMariadb() throws Exception {
    StoreName mariadb = new StoreName(TestServers.mariadb().newDatabase());
    assertInOrder(mariadb, MANY_OF_CUSTOMERS, k -> {});
  }

  @Tag("slow")
  @Test
  void eachCustomersOrdersArePlacedOneByOneInOrderOnRedisThoughThatIsKilledAsWell()
      throws Exception {
    try (RedisProcess redis =
        RedisProcess.start("--appendonly", "yes", "--appendfsync", "always")) {
      Crashes crashes = new Crashes(redis);
      assertInOrder(new StoreName(redis.uri()), MANY_OF_CUSTOMERS, crashes);
      assertThat(crashes.count).isEqualTo(Crashes.MOST);
    }
  }

  @Tag("slow")
  @Test
  void aStoreThatHandsJobsOutTwiceFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = crashTest(sqlite(), 20, 3, BrokenBot.Hasty.class);

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().overlaps()).isPositive();
    assertThat(report.failures()).anyMatch(failure -> failure.contains("live worker"));
  }

  @Tag("slow")
  @Test
  void aStoreThatExtendsNoLeaseFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = crashTest(sqlite(), 20, 3, BrokenBot.NoExtend.class);

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().overlaps()).isPositive();
    assertThat(report.failures())
        .anyMatch(failure -> failure.startsWith("order-10 ") && failure.contains("live worker"));
  }

  @Tag("slow")
  @Test
  void aStoreThatForgetsWhatIsDoneFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = crashTest(sqlite(), 20, 1, BrokenBot.Forgetful.class);

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().overlaps()).isZero();
    assertThat(report.failures()).anyMatch(failure -> failure.contains("requests"));
  }

  @Tag("slow")
  @Test
  void aQueueWithoutALimitFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = ofCustomers(KeyLimit.of(KeyLimit.MAX_SLOTS));

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().crowded()).isPositive();
    assertThat(report.failures()).anyMatch(failure -> failure.endsWith("at most 1 at once"));
  }

  @Tag("slow")
  @Test
  void aQueueThatIsNotInOrderFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = ofCustomers(KeyLimit.of(1));

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().crowded()).isZero();
    assertThat(report.counts().outOfOrder()).isPositive();
    assertThat(report.failures()).anyMatch(failure -> failure.contains("was booked before"));
  }

  private CrashReport ofCustomers(KeyLimit limit) throws IOException, InterruptedException {
    CrashPlan plan = new CrashPlan(40, 1, 0, 2, limit, 1);
    return crashTest(sqlite(), plan, CrashTest.SHORT_LEASE, OrderBot.class, k -> {});
  }

  private void assertInOrder(StoreName store, CrashPlan plan, IntConsumer beside)
      throws IOException, InterruptedException {
    CrashReport report = crashTest(store, plan, CrashTest.SHORT_LEASE, OrderBot.class, beside);
    assertGood(report, plan.orders(), plan.kills());
    assertThat(report.counts().suspensions()).isEqualTo(plan.suspensions());
    assertThat(report.counts().leasesLostExplained()).isPositive();
    assertThat(report.counts().crowded()).isZero();
    assertThat(report.counts().outOfOrder()).isZero();
  }

  private static void assertGood(CrashReport report, int jobs, int kills) {
    assertThat(report.failures()).isEmpty();
    CrashReport.Counts counts = report.counts();
    assertThat(counts.kills()).isEqualTo(kills);
    assertThat(counts.killedInFlight()).isGreaterThanOrEqualTo(kills);
    assertThat(counts.done()).isEqualTo(jobs);
    assertThat(counts.orders()).isEqualTo(jobs);
    assertThat(counts.repeats())
        .isBetween(1, counts.killedInFlight() + counts.leasesLostExplained());
    assertThat(counts.maxRecoveryS()).isPositive();
  }

  private StoreName sqlite() {
    return new StoreName("sqlite:" + directory.resolve("orders.db"));
  }

  private CrashReport crashTest(StoreName store, int jobs, int kills, Class<?> program)
      throws IOException, InterruptedException {
    return crashTest(store, jobs, kills, CrashTest.SHORT_LEASE, program, k -> {});
  }

  private CrashReport crashTest(
      StoreName store, int jobs, int kills, Duration lease, Class<?> program, IntConsumer beside)
      throws IOException, InterruptedException {
    return crashTest(store, CrashPlan.of(jobs, kills, 1), lease, program, beside);
  }

  private CrashReport crashTest(
      StoreName store, CrashPlan plan, Duration lease, Class<?> program, IntConsumer beside)
      throws IOException, InterruptedException {
    return new CrashTest(store, plan, lease, program, directory, System.out, beside).run();
  }

  /**
   * Kills Redis with SIGKILL after every fourth kill of a worker, and restarts it at the next look.
   * That is long before a lease expires, so no worker is excused for losing one.
   */
  private static final class Crashes implements IntConsumer {

    private static final int MOST = 5;
    private static final int KILLS_BETWEEN = 4;

    private final RedisProcess redis;
    private int count;
    private boolean isDown;

    Crashes(RedisProcess redis) {
      this.redis = redis;
    }

    @Override
    public void accept(int kills) {
      if (isDown) {
        redis.restart();
        isDown = false;
      } else if (count < MOST && kills > count * KILLS_BETWEEN) {
        redis.kill();
        isDown = true;
        count++;
      }
    }
  }

  /**
   * After every other kill of a worker, moves the queue to the next node. After the rest, kills the
   * node that has the queue, and restarts it at the next look.
   */
  private static final class Troubles implements IntConsumer {

    /**
     * A master of a cluster takes no calls for two seconds after its start. A worker has to try
     * again after that, before half a lease has passed.
     */
    private static final Duration LEASE = Duration.ofSeconds(12);

    private final RedisCluster cluster;
    private Optional<RedisProcess> down = Optional.empty();
    private int seen;
    private int crashes;
    private int moves;

    Troubles(RedisCluster cluster) {
      this.cluster = cluster;
    }

    @Override
    public void accept(int kills) {
      down.ifPresent(RedisProcess::restart);
      down = Optional.empty();
      if (kills == seen) {
        return;
      }
      seen = kills;
      RedisCluster.Place queue = cluster.placeOf("lease:queue:*:jobs");
      if (kills % 2 == 0) {
        RedisProcess node = cluster.nodes().get(queue.node());
        node.kill();
        down = Optional.of(node);
        crashes++;
      } else {
        int next = (queue.node() + 1) % cluster.nodes().size();
        cluster.moveSlot(queue.slot(), queue.node(), next);
        moves++;
      }
    }
  }
}
