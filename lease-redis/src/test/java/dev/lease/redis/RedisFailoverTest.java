package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RedisFailoverTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "").build();
  }

  private static JobLease claim(RedisBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  @Test
  @DisplayName(
      "H07 a failover that loses the last writes gives no token twice, and the old holders nothing")
  void lostInAFailover() {
    try (var master = RedisProcess.start();
        var wire = new TcpProxy("127.0.0.1", master.port());
        var replica =
            RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(wire.port()));
        var before = RedisBackend.open(RedisConfig.of(master.uri()));
        var client = RedisClient.create(master.uri());
        var replicaClient = RedisClient.create(replica.uri())) {
      before.jobQueue().enqueue(List.of(job("a")));
      awaitReplicated(client.connect().sync());
      wire.blackHole();
      JobLease lostClaim = claim(before);
      before.jobQueue().enqueue(List.of(job("lost")));
      Lease lostLease = before.leaseStore().acquire("n", "o", LEASE).orElseThrow();

      master.kill();
      replicaClient.connect().sync().replicaofNoOne();

      try (var after = RedisBackend.open(RedisConfig.of(replica.uri()))) {
        assertThat(after.jobQueue().find("q", "lost")).as("that is lost").isEmpty();
        assertThat(after.jobQueue().find("q", "a").orElseThrow().state())
            .as("so is the claim")
            .isEqualTo(JobState.PENDING);
        assertThat(after.leaseStore().renew(lostLease, LEASE)).isEmpty();
        Lease lease = after.leaseStore().acquire("n", "other", LEASE).orElseThrow();
        assertThat(lease.token()).isGreaterThan(lostLease.token());
        assertThat(after.leaseStore().release(lostLease)).isFalse();
        assertThat(after.leaseStore().find("n").orElseThrow().token()).isEqualTo(lease.token());

        JobLease claim = claim(after);
        assertThat(claim.jobId()).isEqualTo("a");
        assertThat(claim.token()).isGreaterThan(lostClaim.token());
        assertThat(after.jobQueue().settle(List.of(Settlement.done(lostClaim))))
            .containsExactly(Settlement.Result.LOST);
        assertThat(after.jobQueue().settle(List.of(Settlement.done(claim))))
            .containsExactly(Settlement.Result.ACCEPTED);
        assertThat(after.jobQueue().enqueue(List.of(job("lost"))).get(0).created()).isTrue();
      }
    }
  }

  @Test
  @DisplayName(
      "Q62 a failover that loses claims lets a key be over its limit by these, until they end")
  void overItsLimit() {
    try (var master = RedisProcess.start();
        var wire = new TcpProxy("127.0.0.1", master.port());
        var replica =
            RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(wire.port()));
        var before = RedisBackend.open(RedisConfig.of(master.uri()));
        var client = RedisClient.create(master.uri());
        var replicaClient = RedisClient.create(replica.uri())) {
      before.admission().limit("q", null, KeyLimit.of(1));
      before.jobQueue().enqueue(List.of(keyed("a"), keyed("b"), keyed("c")));
      awaitReplicated(client.connect().sync());
      wire.blackHole();
      JobLease settled = claim(before);
      before.jobQueue().settle(List.of(Settlement.done(settled)));
      JobLease lost = claim(before);
      assertThat(List.of(settled.jobId(), lost.jobId())).containsExactly("a", "b");

      master.kill();
      replicaClient.connect().sync().replicaofNoOne();

      try (var after = RedisBackend.open(RedisConfig.of(replica.uri()))) {
        JobLease again = claim(after);
        assertThat(again.jobId()).as("its settlement is lost").isEqualTo("a");
        assertThat(claimed(after)).as("beside the lost claim of b").isEmpty();
        assertThat(after.jobQueue().extend(List.of(lost), LEASE))
            .as("its holder learns it")
            .containsExactly(Extension.lost());
        after.jobQueue().settle(List.of(Settlement.done(again)));
        assertThat(claimed(after)).containsExactly("b");
        assertThat(claimed(after)).isEmpty();
      }
    }
  }

  private static NewJob keyed(String id) {
    return NewJob.builder("q", id, "t", "").key("k").build();
  }

  private static List<String> claimed(RedisBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 9, LEASE)).jobs().stream()
        .map(job -> job.lease().jobId())
        .toList();
  }

  @Test
  @DisplayName("H21 a master that has become a replica is asked nothing more on that connection")
  void masterDemoted() {
    try (var master = RedisProcess.start();
        var other = RedisProcess.start();
        var backend = RedisBackend.open(RedisConfig.of(master.uri()));
        var client = RedisClient.create(master.uri())) {
      backend.jobQueue().enqueue(List.of(job("a")));
      RedisCommands<String, String> redis = client.connect().sync();
      Set<String> before = connections(redis);
      redis.replicaof("127.0.0.1", other.port());

      assertThatThrownBy(() -> backend.jobQueue().enqueue(List.of(job("b"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
      redis.replicaofNoOne();
      backend.jobQueue().enqueue(List.of(job("b")));

      assertThat(before).hasSize(1);
      assertThat(connections(redis)).hasSize(1).doesNotContainAnyElementsOf(before);
    }
  }

  /** Those on which scripts run, by what the server calls them. */
  private static Set<String> connections(RedisCommands<String, String> redis) {
    return redis
        .clientList()
        .lines()
        .filter(line -> line.contains(" cmd=eval"))
        .map(line -> line.replaceFirst(" .*", ""))
        .collect(Collectors.toSet());
  }

  /** Returns when the replica has what was written, and is sure of it. */
  private static void awaitReplicated(RedisCommands<String, String> master) {
    assertThat(master.waitForReplication(1, 60_000)).isEqualTo(1);
  }
}
