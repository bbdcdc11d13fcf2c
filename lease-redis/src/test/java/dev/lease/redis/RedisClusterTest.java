package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.MigrateArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Tag("slow")
class RedisClusterTest {

  private static final Logger log = LoggerFactory.getLogger(RedisClusterTest.class);
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final int NODES = 3;

  private static RedisConfig config(RedisCluster cluster) {
    return RedisConfig.of(cluster.uri())
        .withCallTimeout(CALL)
        .withRetention(Duration.ofDays(1), Duration.ofDays(1), 1_000_000);
  }

  private static int slot(RedisConfig config, String queue) {
    return SlotHash.getSlot(new Keys(config.prefix()).channel(queue));
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "t", "").build();
  }

  /** The node that has a slot at the start. */
  private static int node(int slot) {
    return IntStream.range(0, NODES)
        .filter(i -> slot < (i + 1) * SlotHash.SLOT_COUNT / NODES)
        .findFirst()
        .orElseThrow();
  }

  private static String queueOn(RedisConfig config, int node) {
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "q" + i)
        .filter(queue -> node(slot(config, queue)) == node)
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("a cluster that asks for a password is used on all its nodes, with that of the URI")
  void password() {
    try (var cluster = RedisCluster.start()) {
      for (RedisProcess node : cluster.nodes()) {
        try (var client = RedisClient.create(node.uri())) {
          client.connect().sync().configSet("requirepass", "secret");
        }
      }
      RedisConfig config = RedisConfig.of(cluster.uri().replace("//", "//:secret@"));
      try (var backend = RedisBackend.open(config)) {
        for (int node = 0; node < NODES; node++) {
          String queue = queueOn(config, node);
          backend.jobQueue().enqueue(List.of(job(queue, "j")));
          assertThat(backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs())
              .hasSize(1);
        }
      }
    }
  }

  @Test
  @DisplayName(
      "a queue whose slot moves to and fro while it is worked off loses and doubles nothing")
  void slotMoves() {
    String queue = "q";
    try (var cluster = RedisCluster.start();
        var backend = RedisBackend.open(config(cluster))) {
      int slot = slot(config(cluster), queue);
      int here = node(slot);
      int there = (here + 1) % NODES;
      var jobs = backend.jobQueue();
      jobs.enqueue(IntStream.range(0, 40).mapToObj(i -> job(queue, "h" + i)).toList());
      List<JobLease> held =
          jobs.claim(ClaimRequest.of(queue, "w", 40, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      jobs.settle(
          held.subList(0, 10).stream().<Settlement>map(it -> Settlement.done(it, "r")).toList());
      jobs.enqueue(
          IntStream.range(0, 50)
              .mapToObj(
                  i ->
                      NewJob.builder(queue, "f" + i, "t", "")
                          .due(Due.after(Duration.ofHours(1)))
                          .build())
              .toList());
      try (var load = new Load(jobs, queue)) {
        load.awaitDone(50);
        for (int i = 0; i < 5; i++) {
          cluster.moveSlot(slot, here, there);
          load.awaitDone(50);
          cluster.moveSlot(slot, there, here);
          load.awaitDone(50);
        }
        int done = load.finish();

        log.info(
            "10 moves, {} jobs, {} failed calls, the longest took {}",
            done,
            load.failures(),
            load.longestCall());
        QueueCounts counts = backend.jobAdmin().counts().queues().get(0);
        assertThat(counts.count(JobState.DONE)).isEqualTo(done + 10);
        assertThat(counts.count(JobState.PROCESSING)).isEqualTo(30);
        assertThat(counts.count(JobState.PENDING)).isEqualTo(50);
        assertThat(counts.jobs()).hasSize(3);
        assertThat(load.failures()).as("a call waits until the slot has moved").isZero();
        assertThat(load.longestCall()).as("enqueue: two calls").isLessThan(CALL.multipliedBy(2));
      }
      assertThat(jobs.extend(held, LEASE).stream().filter(Extension.Held.class::isInstance))
          .hasSize(30);
      assertThat(
              jobs.settle(
                  held.subList(10, 40).stream()
                      .<Settlement>map(it -> Settlement.done(it, "r"))
                      .toList()))
          .containsOnly(Settlement.Result.ACCEPTED);
    }
  }

  @Test
  @DisplayName(
      "a node that is killed and comes back fails its own queues meanwhile, and no other's")
  void nodeDies() throws InterruptedException {
    // Not to require full coverage is what a store of queues wants: each lies on one node anyway.
    try (var cluster =
            RedisCluster.start(
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--cluster-require-full-coverage",
                "no",
                "--cluster-node-timeout",
                "2000");
        var backend = RedisBackend.open(config(cluster))) {
      List<String> queues =
          IntStream.range(0, NODES).mapToObj(node -> queueOn(config(cluster), node)).toList();
      // The list of the queues must not lie on the node that goes.
      int dying = (node(SlotHash.getSlot(new Keys(config(cluster).prefix()).queues())) + 1) % NODES;
      List<Load> loads = queues.stream().map(queue -> new Load(backend.jobQueue(), queue)).toList();
      List<Load> others =
          IntStream.range(0, NODES).filter(i -> i != dying).mapToObj(loads::get).toList();
      try {
        loads.forEach(load -> load.awaitDone(50));
        cluster.nodes().get(dying).kill();
        loads.get(dying).awaitFailure();
        others.forEach(load -> load.awaitDone(200));
        awaitSeenAsFailed(cluster, (dying + 1) % NODES);
        others.forEach(load -> load.awaitDone(200));
        assertThatThrownBy(() -> backend.jobQueue().find(queues.get(dying), "x"))
            .isInstanceOf(StoreException.class);

        long start = System.nanoTime();
        cluster.nodes().get(dying).restart();
        loads.get(dying).awaitDone(50);

        log.info("50 jobs after {}", Duration.ofNanos(System.nanoTime() - start));
        for (Load load : loads) {
          int done = load.finish();
          log.info(
              "{} jobs, {} failed calls, the longest took {}",
              done,
              load.failures(),
              load.longestCall());
        }
        others.forEach(load -> assertThat(load.failures()).isZero());
        assertThat(backend.jobAdmin().counts().queues())
            .allSatisfy(counts -> assertThat(counts.jobs()).containsOnlyKeys(JobState.DONE))
            .hasSize(NODES);
      } finally {
        loads.forEach(Load::close);
      }
    }
  }

  @Test
  @DisplayName("a store goes on by itself with the replica that has become master of a queue")
  void replicaTakesOver() throws InterruptedException {
    String[] options = {"--cluster-node-timeout", "1000", "--cluster-replica-validity-factor", "0"};
    try (var cluster = RedisCluster.start(options);
        var replica =
            RedisProcess.start(
                Stream.concat(
                        Stream.of("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"),
                        Stream.of(options))
                    .toArray(String[]::new));
        var backend = RedisBackend.open(config(cluster));
        var client = RedisClient.create()) {
      String queue = queueOn(config(cluster), 2);
      RedisProcess master = cluster.nodes().get(2);
      var before = client.connect(RedisURI.create(master.uri())).sync();
      follow(cluster, 2, replica, client);
      backend.jobQueue().enqueue(List.of(job(queue, "a")));
      JobLease stale =
          backend
              .jobQueue()
              .claim(ClaimRequest.of(queue, "w", 1, Duration.ofMillis(1)))
              .jobs()
              .get(0)
              .lease();
      assertThat(before.waitForReplication(1, 60_000)).isEqualTo(1);

      master.kill();
      await(() -> answers(backend, queue), "the replica takes over");

      assertThat(backend.jobQueue().enqueue(List.of(job(queue, "a"))).get(0).created()).isFalse();
      JobLease claim =
          backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
      assertThat(claim.token()).isGreaterThan(stale.token());
      assertThat(settle(backend, stale)).isEqualTo(Settlement.Result.LOST);
      assertThat(settle(backend, claim)).isEqualTo(Settlement.Result.ACCEPTED);
    }
  }

  /** Makes a server a replica of a node, and returns when it is up to date and all know of it. */
  private static void follow(
      RedisCluster cluster, int node, RedisProcess replica, RedisClient client)
      throws InterruptedException {
    int port = cluster.nodes().get(node).port();
    RedisCommands<String, String> redis = client.connect(RedisURI.create(replica.uri())).sync();
    for (RedisProcess each : cluster.nodes()) {
      redis.clusterMeet("127.0.0.1", each.port());
    }
    await(() -> redis.clusterInfo().contains("cluster_state:ok"), "they have met");
    String id =
        redis
            .clusterNodes()
            .lines()
            .filter(line -> line.contains(":" + port + "@"))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .findFirst()
            .orElseThrow();
    redis.clusterReplicate(id);
    await(() -> redis.info("replication").contains("master_link_status:up"), "it follows");
    // Else they do not vote for it.
    for (RedisProcess each : cluster.nodes()) {
      RedisCommands<String, String> voter = client.connect(RedisURI.create(each.uri())).sync();
      await(() -> voter.clusterNodes().contains(" slave " + id), "they know that it does");
    }
  }

  private static boolean answers(RedisBackend backend, String queue) {
    try {
      return backend.jobQueue().find(queue, "a").isPresent();
    } catch (StoreException e) {
      return false;
    }
  }

  private static Settlement.Result settle(RedisBackend backend, JobLease lease) {
    return backend.jobQueue().settle(List.of(Settlement.done(lease))).get(0);
  }

  @Test
  @DisplayName("a store opens while the first node of the cluster is down")
  void opensWithoutANode() {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no")) {
      String uris =
          "redis://"
              + cluster.nodes().stream()
                  .map(node -> "127.0.0.1:" + node.port())
                  .collect(Collectors.joining(","));
      RedisConfig config =
          Stream.iterate(0, i -> i + 1)
              .map(i -> RedisConfig.of(uris).withPrefix("p" + i))
              .filter(it -> node(SlotHash.getSlot(new Keys(it.prefix()).queues())) == 1)
              .findFirst()
              .orElseThrow();
      cluster.nodes().get(0).kill();

      try (var backend = RedisBackend.open(config)) {
        assertThat(
                backend.jobQueue().enqueue(List.of(job(queueOn(config, 1), "a"))).get(0).created())
            .isTrue();
        assertThatThrownBy(() -> backend.jobQueue().find(queueOn(config, 0), "a"))
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
      }
    }
  }

  @Test
  @DisplayName("while the node with the names of the queues is down, the queues of others go on")
  void namesAreDown() throws InterruptedException {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no");
        var running = RedisBackend.open(config(cluster))) {
      List<String> queues =
          IntStream.range(0, NODES).mapToObj(node -> queueOn(config(cluster), node)).toList();
      int down = node(SlotHash.getSlot(new Keys(config(cluster).prefix()).queues()));
      cluster.nodes().get(down).kill();
      // A process that starts has more to write there than one that runs.
      String others =
          IntStream.range(0, NODES)
              .filter(i -> i != down)
              .mapToObj(i -> "127.0.0.1:" + cluster.nodes().get(i).port())
              .collect(Collectors.joining(","));
      try (var started = RedisBackend.open(RedisConfig.of("redis://" + others))) {
        for (RedisBackend backend : List.of(running, started)) {
          for (int node = 0; node < NODES; node++) {
            String queue = queues.get(node);
            if (node == down) {
              assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job(queue, "j"))))
                  .isInstanceOfSatisfying(
                      StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
            } else {
              workOff(backend, queue);
            }
          }
        }
        cluster.nodes().get(down).restart();
        await(
            () -> {
              running.jobQueue().enqueue(List.of(job(queues.get((down + 1) % NODES), "late")));
              return names(running).size() == 2;
            },
            "the names are written");
      }
    }
  }

  /** Enqueues jobs, one alone and some together, and works them off. */
  private static void workOff(RedisBackend backend, String queue) {
    String id = "j" + System.nanoTime();
    assertThat(backend.jobQueue().enqueue(List.of(job(queue, id))).get(0).created()).isTrue();
    assertThat(backend.jobQueue().enqueue(List.of(job(queue, id + "a"), job(queue, id + "b"))))
        .allMatch(Enqueued::created);
    List<ClaimedJob> claimed =
        backend.jobQueue().claim(ClaimRequest.of(queue, "w", 10, LEASE)).jobs();
    assertThat(claimed).hasSize(3);
    List<JobLease> leases = claimed.stream().map(ClaimedJob::lease).toList();
    assertThat(backend.jobQueue().extend(leases, LEASE)).allMatch(Extension.Held.class::isInstance);
    leases.forEach(
        lease -> assertThat(settle(backend, lease)).isEqualTo(Settlement.Result.ACCEPTED));
    assertThat(backend.jobQueue().find(queue, id).orElseThrow().state()).isEqualTo(JobState.DONE);
  }

  private static List<String> names(RedisBackend backend) {
    try {
      return backend.jobAdmin().counts().queues().stream().map(QueueCounts::queue).toList();
    } catch (StoreException e) {
      return List.of();
    }
  }

  @Test
  @DisplayName("Q22 leases are extended on the nodes that answer, and those of another are busy")
  void extendWithoutANode() {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no");
        var backend = RedisBackend.open(config(cluster))) {
      List<JobLease> leases = new ArrayList<>();
      for (int node = 0; node < NODES; node++) {
        String queue = queueOn(config(cluster), node);
        backend.jobQueue().enqueue(List.of(job(queue, "j")));
        leases.add(
            backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease());
      }
      cluster.nodes().get(1).kill();

      for (int i = 0; i < 2; i++) {
        List<Extension> extensions = backend.jobQueue().extend(leases, LEASE);
        assertThat(extensions.get(0)).isInstanceOf(Extension.Held.class);
        assertThat(extensions.get(1)).isEqualTo(Extension.busy());
        assertThat(extensions.get(2)).isInstanceOf(Extension.Held.class);
      }
      cluster.nodes().get(0).kill();
      cluster.nodes().get(2).kill();
      assertThatThrownBy(() -> backend.jobQueue().extend(leases, LEASE))
          .isInstanceOf(StoreException.class);
    }
  }

  @Test
  @DisplayName("a call that meets a slot between two nodes until its time is over was not done")
  void slotStaysHalfMoved() {
    try (var cluster = RedisCluster.start();
        var backend = RedisBackend.open(config(cluster).withCallTimeout(Duration.ofSeconds(2)))) {
      String queue = queueOn(config(cluster), 1);
      backend.jobQueue().enqueue(List.of(job(queue, "a")));
      moveHalf(cluster, queue, 1, 2);

      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job(queue, "b"))))
          .hasMessageMatching("could not enqueue: (TRYAGAIN|ASK) .*")
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
      assertThatThrownBy(
              () -> backend.jobQueue().enqueue(List.of(job(queue, "b"), job(queue, "c"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
    }
  }

  @Test
  @DisplayName("of jobs that go together each waits for its slot as long as its own call may take")
  void slotOfJobsThatGoTogether() throws InterruptedException {
    try (var cluster = RedisCluster.start();
        var backend = RedisBackend.open(config(cluster));
        var runner = runner(config(cluster))) {
      String queue = queueOn(config(cluster), 1);
      var batcher = new EnqueueBatcher(runner);
      backend.jobQueue().enqueue(List.of(job(queue, "a")));
      enqueue(batcher, job(queue, "b"), Deadline.of(LEASE)).join();
      moveHalf(cluster, queue, 1, 2);

      // Two scripts are under way for a second, and the other jobs go together in the next one.
      var nearlyOver =
          new Deadline(
              System.nanoTime() - LEASE.dividedBy(10).multipliedBy(9).minusSeconds(1).toNanos(),
              LEASE);
      List<CompletableFuture<Object>> old = new ArrayList<>();
      List<CompletableFuture<Object>> young = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        old.add(enqueue(batcher, job(queue, "old" + i), nearlyOver));
      }
      for (int i = 0; i < 5; i++) {
        young.add(enqueue(batcher, job(queue, "young" + i), Deadline.of(LEASE)));
      }

      assertThat(old)
          .extracting(CompletableFuture::join)
          .allSatisfy(
              e ->
                  assertThat(e)
                      .isInstanceOfSatisfying(
                          StoreException.class,
                          it -> assertThat(it.isOutcomeUnknown()).as(it.toString()).isFalse()));
      cluster.moveSlot(slot(config(cluster), queue), 1, 2);
      assertThat(young)
          .extracting(CompletableFuture::join)
          .allSatisfy(
              it ->
                  assertThat(it)
                      .isInstanceOfSatisfying(
                          Reply.class,
                          reply ->
                              assertThat(reply.text())
                                  .as("the id of a job that was there")
                                  .isEmpty()));
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.PENDING))
          .isEqualTo(2 + 5);
    }
  }

  private static ScriptRunner runner(RedisConfig config) {
    return new ScriptRunner(
        new ClusterTopology(RedisUris.of(config), config),
        LEASE,
        config.durability(),
        RedisBackend.scripts(config, Scripts.SERVER_CLOCK),
        new Keys(config.prefix()));
  }

  /**
   * Enqueues on a thread of its own, and returns when that waits for an answer. Completes with the
   * answer, or why there is none.
   */
  private static CompletableFuture<Object> enqueue(
      EnqueueBatcher batcher, NewJob job, Deadline deadline) throws InterruptedException {
    var outcome = new CompletableFuture<Object>();
    List<String> args = new ArrayList<>();
    RedisJobQueue.args(job, args);
    var thread =
        new Thread(
            () -> {
              try {
                outcome.complete(batcher.enqueue(job.queue(), args, deadline));
              } catch (RuntimeException e) {
                outcome.complete(e);
              }
            });
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.sleep(1);
    }
    return outcome;
  }

  /** Moves one key of a queue to another node, so that neither node has all of its keys. */
  private static void moveHalf(RedisCluster cluster, String queue, int fromNode, int toNode) {
    try (var client = RedisClient.create()) {
      int slot = slot(config(cluster), queue);
      RedisProcess target = cluster.nodes().get(toNode);
      var from = client.connect(RedisURI.create(cluster.nodes().get(fromNode).uri())).sync();
      var to = client.connect(RedisURI.create(target.uri())).sync();
      to.clusterSetSlotImporting(slot, from.clusterMyId());
      from.clusterSetSlotMigrating(slot, to.clusterMyId());
      String key = new Keys(config(cluster).prefix()).ofQueue(queue, List.of("meta")).get(0);
      from.migrate("127.0.0.1", target.port(), 0, 10_000, MigrateArgs.Builder.key(key));
    }
  }

  @Test
  @DisplayName("a node that has left the cluster is not remembered")
  void nodeLeft() throws InterruptedException {
    try (var cluster = RedisCluster.start();
        var guest =
            RedisProcess.start("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
        var topology =
            new ClusterTopology(List.of(RedisURI.create(cluster.uri())), config(cluster));
        var client = RedisClient.create()) {
      List<RedisCommands<String, String>> nodes = new ArrayList<>();
      for (RedisProcess node : cluster.nodes()) {
        nodes.add(client.connect(RedisURI.create(node.uri())).sync());
      }
      nodes.get(0).clusterMeet("127.0.0.1", guest.port());
      String address = "127.0.0.1:" + guest.port();
      await(() -> topology.nodes().join().containsKey(address), "it is a node");
      assertThat(topology.redirected("MOVED 0 " + address)).isNotNull();
      String id = client.connect(RedisURI.create(guest.uri())).sync().clusterMyId();
      await(() -> nodes.stream().allMatch(node -> node.clusterNodes().contains(id)), "all know it");
      guest.kill();
      nodes.forEach(node -> node.clusterForget(id));

      await(() -> !topology.nodes().join().containsKey(address), "it is no node");
      assertThat(topology.redirected("MOVED 0 " + address)).isNull();
    }
  }

  @Test
  @DisplayName("Q55 hints go on when the node is gone that carried them")
  void hintsGoOn() throws InterruptedException {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no");
        var backend = RedisBackend.open(config(cluster))) {
      List<String> queues =
          IntStream.range(0, NODES).mapToObj(node -> queueOn(config(cluster), node)).toList();
      List<AtomicInteger> hints = new ArrayList<>();
      for (String queue : queues) {
        var count = new AtomicInteger();
        hints.add(count);
        backend.jobQueue().onWork(queue, count::incrementAndGet);
        backend.jobQueue().enqueue(List.of(job(queue, "first")));
      }
      int carrier = awaitCarrier(cluster, queues, List.of(0, 1, 2));
      cluster.nodes().get(carrier).kill();
      int one = (carrier + 1) % NODES;
      int other = (carrier + 2) % NODES;
      awaitCarrier(cluster, queues, List.of(one, other));

      // A new subscription wakes both queues, a job only its own. Hints that come together are one.
      int more = hints.get(one).get() - hints.get(other).get() + 10;
      var jobs = new AtomicInteger();
      await(
          () -> {
            // Where none waits: of a job behind others nobody is told.
            backend.jobQueue().claim(ClaimRequest.of(queues.get(one), "w", 100, LEASE));
            backend.jobQueue().enqueue(List.of(job(queues.get(one), "j" + jobs.getAndIncrement())));
            return hints.get(one).get() - hints.get(other).get() >= more;
          },
          "hints come");
    }
  }

  /** The node on which a store listens for all these queues. */
  private static int awaitCarrier(RedisCluster cluster, List<String> queues, List<Integer> nodes)
      throws InterruptedException {
    String[] channels =
        queues.stream().map(new Keys(config(cluster).prefix())::channel).toArray(String[]::new);
    var found = new AtomicInteger(-1);
    await(
        () -> {
          for (int node : nodes) {
            RedisClient client = RedisClient.create(cluster.nodes().get(node).uri());
            try {
              var listeners = client.connect().sync().pubsubNumsub(channels);
              if (listeners.values().stream().allMatch(count -> count > 0)) {
                found.set(node);
              }
            } finally {
              client.shutdown(0, 1, TimeUnit.SECONDS);
            }
          }
          return found.get() >= 0;
        },
        "a node carries the hints");
    return found.get();
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      Thread.sleep(20);
    }
  }

  private static void awaitSeenAsFailed(RedisCluster cluster, int byNode)
      throws InterruptedException {
    RedisClient client = RedisClient.create(cluster.nodes().get(byNode).uri());
    try {
      RedisCommands<String, String> redis = client.connect().sync();
      await(
          () -> redis.clusterNodes().lines().anyMatch(line -> line.contains("fail ")),
          "it is seen to have failed");
    } finally {
      client.shutdown();
    }
  }
}
