package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A master, and a replica that a test can cut off. What needs WAITAOF runs where {@code
 * LEASE_TEST_REDIS_SERVER} names a Redis 7.2 or newer or a Valkey.
 */
@Tag("slow")
@Timeout(120)
class RedisDurabilityTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /**
   * Half of it is what the store waits for a replica that is cut off. The rest is for a busy
   * machine.
   */
  private static final Duration BRIEF = Duration.ofSeconds(6);

  /** Of a call whose time is up. */
  private static final Deadline OVER = new Deadline(System.nanoTime() - LEASE.toNanos(), LEASE);

  private final RedisProcess master = RedisProcess.start("--appendonly", "yes");
  private final TcpProxy wire = new TcpProxy("127.0.0.1", master.port());
  private final RedisProcess replica =
      RedisProcess.start(
          "--appendonly", "yes", "--replicaof", "127.0.0.1", Integer.toString(wire.port()));
  private final RedisClient client = RedisClient.create();
  private final RedisConfig config = RedisConfig.of(master.uri()).withDurability(1, false);

  @AfterEach
  void close() {
    client.shutdown(0, 1, TimeUnit.SECONDS);
    replica.close();
    wire.close();
    master.close();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "").build();
  }

  private static JobLease claim(RedisBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  private static void assertNotConfirmed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue())
        .hasMessageMatching(".*: done, but not confirmed: after .+ it is on 0 of 1 replicas");
  }

  /** Returns when the replica follows, and has what was written. */
  private void awaitReplicated() {
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    assertThat(redis.waitForReplication(1, 60_000)).isEqualTo(1);
  }

  @Test
  @DisplayName("a call whose effect no replica has is not confirmed, and its outcome is unknown")
  void notConfirmed() {
    awaitReplicated();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      var jobs = backend.jobQueue();
      var admin = backend.jobAdmin();
      jobs.enqueue(List.of(job("a"), job("b"), job("c"), job("d")));
      JobLease lease = claim(backend);
      JobLease other = claim(backend);
      Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();
      wire.blackHole();

      assertNotConfirmed(() -> jobs.enqueue(List.of(job("e"))));
      assertNotConfirmed(() -> jobs.enqueue(List.of(job("f"), job("g"))));
      assertNotConfirmed(() -> jobs.checkpoint(lease, "s", "v"));
      assertNotConfirmed(() -> jobs.settle(List.of(Settlement.done(lease))));
      assertNotConfirmed(() -> backend.leaseStore().acquire("m", "o", LEASE));
      assertNotConfirmed(() -> backend.leaseStore().renew(named, LEASE));
      assertNotConfirmed(() -> admin.cancel("q", "c"));
      assertNotConfirmed(() -> admin.delete("q", "d"));
      assertNotConfirmed(() -> admin.pause("q"));
      assertNotConfirmed(() -> admin.resume("q"));

      assertThat(backend.leaseStore().acquire("m", "p", LEASE)).as("taken").isEmpty();
      assertThat(jobs.find("q", "e")).as("the server has done it").isPresent();
      assertThat(jobs.find("q", lease.jobId()).orElseThrow().state()).isEqualTo(JobState.DONE);
      assertThat(jobs.extend(List.of(other), LEASE).get(0)).isInstanceOf(Extension.Held.class);
      assertThat(backend.leaseStore().release(named)).isTrue();
      assertThat(backend.leaseStore().renew(named, LEASE)).as("lost").isEmpty();
      assertThat(claim(backend).jobId()).isEqualTo("e");
    }
  }

  @Test
  @DisplayName("what is repeated is confirmed anew, though it was done before, and by another")
  void repeated() {
    awaitReplicated();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF));
        var other = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      backend.jobQueue().enqueue(List.of(job("a")));
      JobLease lease = claim(backend);
      var done = Settlement.done(lease);
      wire.blackHole();
      assertNotConfirmed(() -> backend.jobQueue().enqueue(List.of(job("b"))));
      assertNotConfirmed(() -> backend.jobQueue().checkpoint(lease, "s", "v"));

      assertNotConfirmed(() -> other.jobQueue().enqueue(List.of(job("b"))));
      assertNotConfirmed(() -> other.jobQueue().checkpoint(lease, "s", "w"));
      assertNotConfirmed(() -> backend.jobQueue().settle(List.of(done)));
      assertNotConfirmed(() -> other.jobQueue().settle(List.of(done)));

      wire.heal();
      awaitReplicated();
      assertThat(other.jobQueue().enqueue(List.of(job("b"))))
          .containsExactly(Enqueued.of("b", false));
      assertThat(other.jobQueue().settle(List.of(done)))
          .containsExactly(Settlement.Result.ACCEPTED);
    }
  }

  @Test
  @DisplayName("what is repeated is not confirmed by a server that is full or refuses writes")
  void repeatedWhileWritesAreRefused() {
    awaitReplicated();
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF));
        var other = RedisBackend.open(config.withCallTimeout(BRIEF));
        var third = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      backend.jobQueue().enqueue(List.of(job("a")));
      wire.blackHole();
      assertNotConfirmed(() -> backend.jobQueue().enqueue(List.of(job("b"))));
      redis.configSet("maxmemory", "1");
      assertNotConfirmed(() -> other.jobQueue().enqueue(List.of(job("b"))));
      redis.configSet("maxmemory", "0");

      assumeTrue(knowsWaitAof(), "Redis 6.2 lets scripts write if there are too few replicas");
      redis.configSet("min-replicas-to-write", "2");
      assertThatThrownBy(() -> third.jobQueue().enqueue(List.of(job("b"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
          .hasMessageContaining("NOREPLICAS");
    }
  }

  @Test
  @DisplayName("a call about a queue that is not there leaves no key")
  void nothingThere() {
    awaitReplicated();
    try (var backend = RedisBackend.open(config)) {
      assertThat(backend.jobAdmin().delete("q", "a")).isFalse();
      assertThat(backend.jobAdmin().cancel("q", "a")).isEqualTo(JobAdmin.Cancellation.NOT_FOUND);
      backend.jobAdmin().resume("q");
      var redis = client.connect(RedisURI.create(master.uri())).sync();
      assertThat(redis.keys("lease:queue*")).isEmpty();
    }
  }

  @Test
  @DisplayName("settlements that are not confirmed cost no job that would be claimed with them")
  void settleAndClaim() {
    awaitReplicated();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      backend.jobQueue().enqueue(List.of(job("a"), job("b")));
      var done = Settlement.done(claim(backend));
      var request = ClaimRequest.of("q", "w", 1, LEASE);
      wire.blackHole();
      assertNotConfirmed(() -> backend.jobQueue().settleAndClaim(List.of(done), request));
      assertThat(backend.jobQueue().find("q", "b").orElseThrow().attempts()).isZero();

      wire.heal();
      awaitReplicated();
      assertThat(backend.jobQueue().settleAndClaim(List.of(done), request).claim().jobs())
          .hasSize(1);
    }
  }

  @Test
  @DisplayName("if only the claim fails, settleAndClaim does not say that nothing was done")
  void onlyTheClaimFails() {
    awaitReplicated();
    try (var backend = RedisBackend.open(config)) {
      JobQueue jobs = backend.jobQueue();
      jobs.enqueue(List.of(job("a"), job("b")));
      jobs.settle(List.of(Settlement.done(claim(backend))));
      var done = Settlement.done(claim(backend));
      var redis = client.connect(RedisURI.create(master.uri())).sync();
      redis.configSet("maxclients", "1"); // Those that are connected stay.
      redis
          .clientList()
          .lines()
          .filter(line -> line.contains(" name=lease:") && !line.contains(" cmd=wait"))
          .forEach(line -> redis.clientKill(line.replaceFirst(".* addr=(\\S+) .*", "$1")));

      assertThatThrownBy(
              () -> jobs.settleAndClaim(List.of(done), ClaimRequest.of("q", "w", 1, LEASE)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue())
          .hasMessageContaining("settled, but could not claim");

      redis.configSet("maxclients", "1000");
      assertThat(jobs.find("q", "b").orElseThrow().state()).isEqualTo(JobState.DONE);
    }
  }

  @Test
  @DisplayName("while a call waits for the replicas, calls that need none go on")
  void othersGoOn() throws InterruptedException {
    awaitReplicated();
    try (var backend = RedisBackend.open(config.withCallTimeout(Duration.ofMinutes(1)))) {
      backend.jobQueue().enqueue(List.of(job("a"), job("b")));
      JobLease lease = claim(backend);
      wire.blackHole();
      List<CompletableFuture<?>> waiting =
          List.of(
              CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(job("c")))),
              CompletableFuture.supplyAsync(() -> backend.leaseStore().acquire("n", "o", LEASE)));
      while (backend.jobQueue().find("q", "c").isEmpty()
          && backend.leaseStore().find("n").isEmpty()) {
        Thread.sleep(1); // Until one waits for the replica; the other may wait behind it.
      }
      for (int i = 0; i < 100; i++) {
        assertThat(backend.jobQueue().extend(List.of(lease), LEASE).get(0))
            .isInstanceOf(Extension.Held.class);
      }
      assertThat(claim(backend).jobId()).isEqualTo("b");
      assertThat(waiting).noneMatch(CompletableFuture::isDone);

      wire.heal();
      waiting.forEach(CompletableFuture::join);
    }
  }

  @Test
  @DisplayName("a call that waits behind the question of another hears whether it was done")
  void notConfirmedBehindAnother() throws InterruptedException {
    awaitReplicated();
    try (var backend = RedisBackend.open(config.withCallTimeout(Duration.ofSeconds(20)))) {
      wire.blackHole();
      List<CompletableFuture<Throwable>> calls = new ArrayList<>();
      calls.add(failureOf(() -> backend.leaseStore().acquire("first", "o", LEASE)));
      while (backend.leaseStore().find("first").isEmpty()) {
        Thread.sleep(1); // From here on the server is asked about it.
      }
      for (int i = 0; i < 4; i++) {
        String name = "n" + i;
        calls.add(failureOf(() -> backend.leaseStore().acquire(name, "o", LEASE)));
        calls.add(failureOf(() -> backend.jobQueue().enqueue(List.of(job(name)))));
      }
      assertThat(calls)
          .extracting(CompletableFuture::join)
          .allSatisfy(
              e ->
                  assertThat(e)
                      .isInstanceOfSatisfying(
                          StoreException.class,
                          it ->
                              assertThat(it)
                                  .hasMessageContaining(
                                      it.isOutcomeUnknown()
                                          ? ": done, but not confirmed: after "
                                          : " to the jobs before it")));
    }
  }

  @Test
  @DisplayName("a connection that falls silent before it confirms a call is not used for the next")
  void silentBeforeItConfirms() throws InterruptedException {
    awaitReplicated();
    wire.blackHole();
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    try (var dying = new TcpProxy("127.0.0.1", master.port());
        var door = new TcpProxy("127.0.0.1", dying.port());
        var backend =
            RedisBackend.open(
                RedisConfig.of("redis://127.0.0.1:" + door.port())
                    .withDurability(1, false)
                    .withCallTimeout(Duration.ofSeconds(5)))) {
      CompletableFuture<Throwable> first =
          failureOf(() -> backend.leaseStore().acquire("first", "o", LEASE));
      while (!redis.info("clients").contains("blocked_clients:1")) {
        Thread.sleep(1); // The server has answered the script, and waits for its replica.
      }
      dying.blackHole();
      door.turnTo("127.0.0.1", master.port());

      assertThat(first.join()).hasMessageContaining("the server has not said that it is safe");
      assertThat(failureOf(() -> backend.leaseStore().acquire("second", "o", LEASE)).join())
          .hasMessageContaining(": done, but not confirmed");
    }
  }

  @Test
  @DisplayName(
      "a call that shares a question with an older one goes on when the time of that is up")
  void oneTimeDecidesForOneCall() {
    awaitReplicated();
    var connection = client.connect(RedisURI.create(master.uri()));
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    var confirmations = new Confirmations(connection);
    var oneReplica = new Durability(1, false);
    wire.blackHole();
    connection.sync().set("key", "value");
    // Until then, the server does not see the first question.
    var unused = connection.async().blpop(0, "gate");
    var first = confirmations.confirm(oneReplica, OVER);
    var second = confirmations.confirm(oneReplica, OVER);
    var young = confirmations.confirm(oneReplica, Deadline.of(LEASE));
    redis.rpush("gate", "open");

    assertThatThrownBy(first::join).hasCauseInstanceOf(NotConfirmedException.class);
    assertThatThrownBy(second::join).hasCauseInstanceOf(NotConfirmedException.class);
    wire.heal();
    young.join();
  }

  @Test
  @DisplayName("of jobs that go together, each is confirmed as long as its own call may take")
  void jobsThatGoTogether() {
    awaitReplicated();
    try (var runner = runner()) {
      wire.blackHole();
      List<String> jobs = args("a");
      jobs.addAll(args("b"));
      var answers =
          runner.sendTogether(
              runner.onQueue("q", Script.ENQUEUE, jobs), List.of(OVER, Deadline.of(LEASE)));

      assertThatThrownBy(answers.get(0)::join).hasCauseInstanceOf(NotConfirmedException.class);
      wire.heal();
      assertThat(answers.get(1).join().text()).as("the id of a job that was there").isEmpty();
    }
  }

  @Test
  @DisplayName("a job that has waited until it could not be confirmed in time is not sent")
  void tooLateToBeConfirmed() throws InterruptedException {
    awaitReplicated();
    try (var runner = runner()) {
      var batcher = new EnqueueBatcher(runner);
      batcher.enqueue("q", args("first"), Deadline.of(LEASE));
      wire.blackHole();
      var one = failureOfWaiting(() -> batcher.enqueue("q", args("a"), Deadline.of(LEASE)));
      var other = failureOfWaiting(() -> batcher.enqueue("q", args("b"), Deadline.of(LEASE)));
      Deadline nearlyOver =
          new Deadline(System.nanoTime() - LEASE.minusSeconds(2).toNanos(), LEASE);
      var late = failureOfWaiting(() -> batcher.enqueue("q", args("c"), nearlyOver));
      wire.heal();

      assertThat(one.join()).isNull();
      assertThat(other.join()).isNull();
      assertThat(late.join())
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
    }
    try (var backend = RedisBackend.open(config)) {
      assertThat(backend.jobQueue().find("q", "c")).isEmpty();
    }
  }

  private static List<String> args(String job) {
    List<String> args = new ArrayList<>();
    RedisJobQueue.args(job(job), args);
    return args;
  }

  private ScriptRunner runner() {
    return new ScriptRunner(
        new ServerTopology(RedisUris.of(config).get(0), config),
        LEASE,
        config.durability(),
        RedisBackend.scripts(config, Scripts.SERVER_CLOCK),
        new Keys(config.prefix()));
  }

  /** Calls on a thread of its own. */
  private static CompletableFuture<Throwable> failureOf(ThrowingCallable call) {
    var failure = new CompletableFuture<Throwable>();
    new Thread(() -> failure.complete(catchThrowable(call))).start();
    return failure;
  }

  /** Calls on a thread of its own, and returns when that waits for an answer. */
  private static CompletableFuture<Throwable> failureOfWaiting(ThrowingCallable call)
      throws InterruptedException {
    var failure = new CompletableFuture<Throwable>();
    var thread = new Thread(() -> failure.complete(catchThrowable(call)));
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
      Thread.sleep(1);
    }
    return failure;
  }

  @Test
  @DisplayName("what was confirmed is there after a failover")
  void failover() throws InterruptedException {
    awaitReplicated();
    Queue<String> confirmed = new ConcurrentLinkedQueue<>();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      List<Thread> producers =
          IntStream.range(0, 8)
              .mapToObj(i -> new Thread(() -> produce(backend, confirmed)))
              .toList();
      producers.forEach(Thread::start);
      while (confirmed.size() < 500) {
        Thread.sleep(1);
      }
      wire.blackHole();
      long before = confirmed.size();
      var redis = client.connect(RedisURI.create(master.uri())).sync();
      String jobs = new Keys(config.prefix()).ofQueue("q", List.of("jobs")).get(0);
      while (redis.hlen(jobs) < before + 4) { // Until there is what the replica does not get.
        Thread.sleep(1);
      }
      master.kill();
      for (Thread producer : producers) {
        producer.join();
      }
    }
    client.connect(RedisURI.create(replica.uri())).sync().replicaofNoOne();

    try (var after = RedisBackend.open(RedisConfig.of(replica.uri()))) {
      assertThat(confirmed)
          .allSatisfy(id -> assertThat(after.jobQueue().find("q", id)).isPresent());
    }
  }

  /** Enqueues until a job is not confirmed. */
  private static void produce(RedisBackend backend, Queue<String> confirmed) {
    try {
      for (int i = 0; ; i++) {
        String id = Thread.currentThread().getName() + "-" + i;
        backend.jobQueue().enqueue(List.of(job(id)));
        confirmed.add(id);
      }
    } catch (StoreException e) {
      // The replica is cut off.
    }
  }

  @Test
  @DisplayName("a server that cannot confirm what is on disk is refused, with the reason")
  void refused() {
    RedisConfig onDisk = config.withDurability(0, true);
    if (knowsWaitAof()) {
      client.connect(RedisURI.create(master.uri())).sync().configSet("appendonly", "no");
    }
    String reason =
        knowsWaitAof()
            ? " cannot confirm writes as RedisConfig.withDurability asks, it refuses WAIT or"
                + " WAITAOF: ERR "
            : ": Redis must be 7.2 or newer ";
    assertThatThrownBy(() -> RedisBackend.open(onDisk))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("127.0.0.1:" + master.port() + reason);
  }

  @Test
  @DisplayName("each node of a cluster is asked for its replicas")
  void cluster() {
    try (var cluster = RedisCluster.start();
        var backend =
            RedisBackend.open(
                RedisConfig.of(cluster.uri()).withDurability(1, false).withCallTimeout(BRIEF))) {
      for (int i = 0; i < 8; i++) {
        NewJob job = NewJob.builder("q" + i, "a", "t", "").build();
        assertNotConfirmed(() -> backend.jobQueue().enqueue(List.of(job)));
        assertThat(backend.jobQueue().find("q" + i, "a")).isPresent();
      }
    }
  }

  @Test
  @DisplayName("a store opens while no replica is there, and its calls go on when one comes")
  void replicaComesLater() {
    wire.blackHole();
    wire.cut();
    try (var backend = RedisBackend.open(config.withCallTimeout(BRIEF))) {
      assertNotConfirmed(() -> backend.jobQueue().enqueue(List.of(job("a"))));
      wire.heal();
      awaitReplicated();
      assertThat(backend.jobQueue().enqueue(List.of(job("a"))))
          .containsExactly(Enqueued.of("a", false));
    }
  }

  @Test
  @DisplayName("with WAITAOF, what was confirmed outlives a crash of the master")
  void onDisk() {
    assumeTrue(
        knowsWaitAof(),
        "WAITAOF needs Redis 7.2: set LEASE_TEST_REDIS_SERVER=/usr/bin/redis-server");
    for (int i = 0; i < 3; i++) {
      awaitReplicated();
      NewJob job = job("j" + i);
      try (var backend = RedisBackend.open(config.withDurability(1, true))) {
        backend.jobQueue().enqueue(List.of(job));
        master.kill();
        master.restart();
        assertThat(backend.jobQueue().find("q", job.id())).isPresent();
      }
    }
    master.kill();
    client.connect(RedisURI.create(replica.uri())).sync().replicaofNoOne();
    try (var backend = RedisBackend.open(RedisConfig.of(replica.uri()))) {
      assertThat(backend.jobQueue().find("q", "j2")).isPresent();
    }
  }

  @Test
  @DisplayName("with WAITAOF, a replica that is cut off confirms nothing")
  void onDiskNotConfirmed() {
    assumeTrue(
        knowsWaitAof(),
        "WAITAOF needs Redis 7.2: set LEASE_TEST_REDIS_SERVER=/usr/bin/redis-server");
    awaitReplicated();
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    try (var backend =
        RedisBackend.open(config.withDurability(1, true).withCallTimeout(Duration.ofSeconds(20)))) {
      redis.configSet("appendfsync", "always"); // So that a slow disk matters less.
      backend.jobQueue().enqueue(List.of(job("a")));
      wire.blackHole();
      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("b"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue())
          .hasMessageEndingWith(" it is on 0 of 1 replicas and on the disk");
    }
  }

  @Test
  @DisplayName("with WAITAOF, neither a replica nor a disk makes a call wait twice")
  void neitherConfirmed() {
    assumeTrue(
        knowsWaitAof(),
        "WAITAOF needs Redis 7.2: set LEASE_TEST_REDIS_SERVER=/usr/bin/redis-server");
    awaitReplicated();
    var redis = client.connect(RedisURI.create(master.uri())).sync();
    try (var backend =
        RedisBackend.open(config.withDurability(1, true).withCallTimeout(Duration.ofSeconds(20)))) {
      redis.configSet("appendfsync", "always"); // So that a slow disk matters less.
      backend.jobQueue().enqueue(List.of(job("a")));
      wire.blackHole();
      redis.configSet("appendfsync", "no");
      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("b"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue())
          .hasMessageEndingWith(" it is on 0 of 1 replicas and not on the disk");
    }
  }

  private boolean knowsWaitAof() {
    return client.connect(RedisURI.create(master.uri())).sync().commandInfo("waitaof").get(0)
        != null;
  }
}
