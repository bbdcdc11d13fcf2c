package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Change;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepValue;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RedisBackendTest extends RedisStoreTest {

  @Test
  @DisplayName("a server that has forgotten the scripts is told them again")
  void scriptsForgotten() {
    backend.jobQueue().enqueue(List.of(job("a")));
    redis.scriptFlush();
    backend.jobQueue().enqueue(List.of(job("b")));
    redis.scriptFlush();

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).hasSize(2);
  }

  @Test
  @DisplayName("Q39 settlements of several queues, or with much text, are answered beside a claim")
  void settleManyAndClaim() {
    JobQueue jobs = backend.jobQueue();
    jobs.enqueue(IntStream.range(0, 100).mapToObj(i -> job("j" + i)).toList());
    jobs.enqueue(List.of(job("last"), NewJob.builder("r", "other", "t", "").build()));
    JobLease other = jobs.claim(ClaimRequest.of("r", "w", 1, LEASE)).jobs().get(0).lease();
    List<Settlement> settlements = new ArrayList<>();
    for (ClaimedJob job : jobs.claim(ClaimRequest.of("q", "w", 100, LEASE)).jobs()) {
      settlements.add(Settlement.done(job.lease(), "x".repeat(60_000)));
    }

    SettledAndClaimed two =
        jobs.settleAndClaim(
            List.of(Settlement.done(other), settlements.get(0)),
            ClaimRequest.of("q", "w", 0, LEASE));
    SettledAndClaimed more = jobs.settleAndClaim(settlements, ClaimRequest.of("q", "w", 5, LEASE));
    SettledAndClaimed none =
        jobs.settleAndClaim(
            List.of(Settlement.failed(other, "e")), ClaimRequest.of("q", "w", 5, LEASE));

    assertThat(two.settled()).hasSize(2).containsOnly(Settlement.Result.ACCEPTED);
    assertThat(two.claim().jobs()).isEmpty();
    assertThat(more.settled()).hasSize(100).containsOnly(Settlement.Result.ACCEPTED);
    assertThat(more.claim().jobs()).extracting(it -> it.lease().jobId()).containsExactly("last");
    assertThat(none.settled()).containsExactly(Settlement.Result.LOST);
    assertThat(none.claim().jobs()).isEmpty();
  }

  @Test
  @DisplayName("if a later script of a delete or purge fails, the outcome is unknown")
  void failsOnTheWay() throws Throwable {
    var countdown = new AtomicInteger();
    try (var server = RedisProcess.start();
        var admin = RedisClient.create(server.uri());
        var own =
            RedisBackend.open(
                RedisConfig.of(server.uri()),
                () -> {
                  if (countdown.decrementAndGet() == 0) {
                    admin.connect().sync().replicaof("127.0.0.1", 1); // It refuses to write.
                  }
                  return Scripts.SERVER_CLOCK.get();
                })) {
      var jobs = own.jobQueue();
      jobs.enqueue(List.of(job("a"), job("b")));
      for (int i = 0; i < 2; i++) {
        JobLease lease = jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
        for (int step = 0; step < 1_500; step++) {
          jobs.checkpoint(lease, "s" + step, "v");
        }
        jobs.settle(List.of(Settlement.done(lease)));
      }
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> own.jobAdmin().delete("q", "a"),
              () -> own.jobAdmin().purge("q", Duration.ZERO, 1))) {
        countdown.set(2);
        assertThatThrownBy(call)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue())
            .hasMessageContaining("READONLY");
        admin.connect().sync().replicaofNoOne();
        call.call();
      }
      assertThat(jobs.find("q", "a")).isEmpty();
      assertThat(jobs.find("q", "b")).isEmpty();
    }
  }

  @Test
  @DisplayName("connections say whose they are")
  void clientNames() {
    try (var server = RedisProcess.start();
        var own = RedisBackend.open(RedisConfig.of(server.uri()).withPrefix("orders"));
        var toServer = RedisClient.create(server.uri())) {
      var commands = toServer.connect().sync();
      own.jobQueue().enqueue(List.of(job("a")));
      own.jobQueue().onWork("q", () -> {});
      await(
          "both connections have the name",
          () ->
              commands
                      .clientList()
                      .lines()
                      .filter(line -> line.contains(" name=lease:orders "))
                      .count()
                  == 2);
    }
  }

  @Test
  @DisplayName("a user who may not name its connections works all the same")
  void noClientName() {
    try (var server = RedisProcess.start()) {
      String uri = LimitedUser.of(server, all -> all.removeCommand(CommandType.CLIENT));
      try (var own = RedisBackend.open(RedisConfig.of(uri))) {
        own.jobQueue().enqueue(List.of(job("a")));
        assertThat(own.jobQueue().find("q", "a")).isPresent();
      }
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("Q50 a claim and a purge look at few places, however many jobs there are")
  void costOfAClaim() {
    // A server of its own, since all its commands are counted.
    try (var server = RedisProcess.start();
        var alone = RedisBackend.open(RedisConfig.of(server.uri()));
        var counter = RedisClient.create(server.uri())) {
      fill(alone.jobQueue());
      RedisCommands<String, String> commands = counter.connect().sync();
      long before = count(commands);
      assertThat(alone.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
      long claimed = count(commands);
      assertThat(alone.jobAdmin().purge("q", Duration.ZERO, 1)).isEqualTo(1);
      long purged = count(commands);

      assertThat(claimed - before).isBetween(5L, 40L);
      assertThat(purged - claimed).isBetween(5L, 40L);
    }
  }

  /** Finished, held and future ones, ten thousand each, and one that is due. */
  private static void fill(JobQueue jobs) {
    for (int from = 0; from < 20_000; from += 1000) {
      jobs.enqueue(IntStream.range(from, from + 1000).mapToObj(i -> job("j" + i)).toList());
      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of("q", "w", 1000, LEASE)).jobs();
      if (from < 10_000) {
        jobs.settle(claimed.stream().<Settlement>map(it -> Settlement.done(it.lease())).toList());
      }
    }
    for (int from = 0; from < 10_000; from += 1000) {
      jobs.enqueue(
          IntStream.range(from, from + 1000)
              .mapToObj(
                  i ->
                      NewJob.builder("q", "f" + i, "t", "")
                          .due(Due.after(Duration.ofHours(1)))
                          .build())
              .toList());
    }
    jobs.enqueue(List.of(job("last")));
  }

  @Test
  @DisplayName("Q50, Q85 a page of a list costs the same at every place, and as much as it has")
  void costOfAPage() {
    Instant due = Instant.parse("2100-01-01T00:00:00Z");
    try (var server = RedisProcess.start();
        var alone = RedisBackend.open(RedisConfig.of(server.uri()));
        var counter = RedisClient.create(server.uri())) {
      for (int from = 0; from < 20_000; from += 1000) {
        alone
            .jobQueue()
            .enqueue(
                IntStream.range(from, from + 1000)
                    .mapToObj(i -> NewJob.builder("q", "j" + i, "t", "").due(Due.at(due)).build())
                    .toList());
      }
      RedisCommands<String, String> commands = counter.connect().sync();
      for (JobOrder order : List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST)) {
        long before = count(commands);
        pageAfter(alone, order, due, 10_010);
        long middle = count(commands);
        pageAfter(alone, order, due, order == JobOrder.OLDEST_FIRST ? 19_980 : 20);
        assertThat(count(commands) - middle).isCloseTo(middle - before, within(3L));
      }
      settleAll(alone, 5, lease -> Settlement.failed(lease, "e"));
      settleAll(alone, 1_000, lease -> Settlement.done(lease));
      long before = count(commands);
      JobFilter failed = JobFilter.all().inState(JobState.FAILED);
      JobQuery last = JobQuery.of(failed).order(JobOrder.LAST_FINISHED_FIRST);
      assertThat(alone.jobAdmin().list(last).jobs()).hasSize(5);
      assertThat(count(commands) - before).as("commands for 5 jobs that failed").isLessThan(60);
    }
  }

  private static void settleAll(
      RedisBackend backend, int jobs, Function<JobLease, Settlement> settlement) {
    backend.jobQueue().enqueue(manyJobs("settled-" + jobs + "-", jobs));
    backend
        .jobQueue()
        .settle(
            backend.jobQueue().claim(ClaimRequest.of("q", "w", jobs, LEASE)).jobs().stream()
                .map(job -> settlement.apply(job.lease()))
                .toList());
  }

  /** Reads ten jobs behind the one with this sequence number. */
  private static void pageAfter(RedisBackend backend, JobOrder order, Instant due, int seq) {
    String after =
        new ListCursor(order, "q", "waiting-5", Long.toString(Micros.of(due)), seq).text();
    List<Job> jobs =
        backend
            .jobAdmin()
            .list(JobQuery.of(JobFilter.all()).order(order).after(after).limit(10))
            .jobs();
    assertThat(jobs)
        .extracting(Job::id)
        .containsExactlyElementsOf(
            IntStream.range(0, 10)
                .map(i -> order == JobOrder.OLDEST_FIRST ? seq + i : seq - 2 - i)
                .mapToObj(i -> "j" + i)
                .toList());
  }

  private static long count(RedisCommands<String, String> redis) {
    return redis
        .info("commandstats")
        .lines()
        .filter(line -> line.matches("cmdstat_[zh].*"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst("^[^=]*=(\\d+),.*", "$1")))
        .sum();
  }

  @Test
  @DisplayName("policy 2: tokens grow over the loss of all that Redis had")
  void tokensGrowOverLoss() {
    try (var server = RedisProcess.start();
        var forgetful = RedisBackend.open(RedisConfig.of(server.uri()))) {
      forgetful.jobQueue().enqueue(List.of(job("a")));
      long job =
          forgetful
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", 1, LEASE))
              .jobs()
              .get(0)
              .lease()
              .token();
      long lease = forgetful.leaseStore().acquire("n", "o", LEASE).orElseThrow().token();
      server.kill();
      server.restart();

      assertThat(forgetful.leaseStore().acquire("n", "o", LEASE).orElseThrow().token())
          .isGreaterThan(lease);
      forgetful.jobQueue().enqueue(List.of(job("a")));
      assertThat(
              forgetful
                  .jobQueue()
                  .claim(ClaimRequest.of("q", "w", 1, LEASE))
                  .jobs()
                  .get(0)
                  .lease()
                  .token())
          .isGreaterThan(job);
    }
  }

  @Test
  @DisplayName("H08 what was acknowledged is there after a SIGKILL of Redis that appends always")
  void nothingLostInACrash() {
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
        var durable = RedisBackend.open(RedisConfig.of(server.uri()))) {
      durable.jobQueue().enqueue(List.of(job("a"), job("b")));
      JobLease lease =
          durable.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      durable.jobQueue().checkpoint(lease, "s", "v");
      server.kill();
      assertThatThrownBy(() -> durable.jobQueue().find("q", "a"))
          .isInstanceOf(StoreException.class);
      server.restart();

      assertThat(durable.jobQueue().find("q", "b").orElseThrow().state())
          .isEqualTo(JobState.PENDING);
      assertThat(durable.jobQueue().checkpoints(lease).orElseThrow()).containsEntry("s", "v");
      assertThat(durable.jobQueue().settle(List.of(Settlement.done(lease))))
          .containsExactly(Settlement.Result.ACCEPTED);
    }
  }

  @Test
  @DisplayName("several servers that are no cluster are refused: each would have jobs of its own")
  void severalServers() {
    try (var one = RedisProcess.start();
        var other = RedisProcess.start()) {
      RedisConfig both = RedisConfig.of(one.uri() + ",127.0.0.1:" + other.port());
      assertThatThrownBy(() -> RedisBackend.open(both))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("several addresses must be nodes of one Redis Cluster");
      one.kill();
      assertThatThrownBy(() -> RedisBackend.open(both))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  @DisplayName("a password never stands in a message")
  void noPassword() {
    RedisConfig secret = RedisConfig.of("redis://user:geheim@localhost:1/");
    assertThat(secret.toString()).doesNotContain("geheim");
    assertThatThrownBy(() -> RedisBackend.open(secret.withCallTimeout(Duration.ofSeconds(1))))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "could not open the store: no connection to localhost:1: Connection refused")
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("geheim"));
    assertThatThrownBy(() -> RedisBackend.open(RedisConfig.of("redis://user:geheim@[/")))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("geheim"));
    assertThat(RedisConfig.of("redis://user:ge?heim@localhost").toString())
        .doesNotContain("ge?")
        .doesNotContain("user:ge");
    assertThatThrownBy(() -> RedisConfig.of("rdis://user:geheim@host"))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("geheim"));
  }

  @Test
  @DisplayName("a server that cannot be reached is named, by host and port")
  void unreachable() {
    Map<String, String> servers =
        Map.of(
            "redis://localhost:1", "localhost:1: Connection refused",
            "redis://localhost:1,localhost:2", "localhost:2: Connection refused",
            "redis-sentinel://localhost:1,localhost:2/0#main",
                "the master main of the sentinels localhost:1, localhost:2: Connection refused",
            "redis://no-such-host.invalid:7000", "no-such-host.invalid:7000: ");
    servers.forEach(
        (uri, server) ->
            assertThatThrownBy(() -> RedisBackend.open(RedisConfig.of(uri)))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("could not open the store: no connection to " + server));
  }

  @Test
  @DisplayName("a server that does not let a store in is named, without the password")
  void notLetIn() {
    try (var server = RedisProcess.start("--requirepass", "secret")) {
      String address = "127.0.0.1:" + server.port();
      Map<String, String> reasons =
          Map.of(
              "redis://" + address, "NOAUTH ",
              "redis://:geheim@" + address, "WRONGPASS ",
              "redis://user:geheim@" + address, "WRONGPASS ");
      reasons.forEach(
          (uri, reason) ->
              assertThatThrownBy(() -> RedisBackend.open(RedisConfig.of(uri)))
                  .isInstanceOf(StoreException.class)
                  .hasMessageStartingWith(
                      "could not open the store: no connection to %s: %s", address, reason)
                  .satisfies(
                      e -> assertThat(Throwables.getStackTrace(e)).doesNotContain("geheim")));
    }
  }

  @Test
  @DisplayName("H06 a full memory refuses an enqueue whole, and what is there can be worked off")
  void fullMemory() {
    try (var server = RedisProcess.start("--maxmemory", "8mb");
        var full = RedisBackend.open(RedisConfig.of(server.uri()));
        var client = RedisClient.create(server.uri())) {
      Lease lease = full.leaseStore().acquire("n", "o", LEASE).orElseThrow();
      full.jobQueue().enqueue(List.of(NewJob.builder("idle", "a", "t", "").build()));
      full.jobAdmin().delete("idle", "a");
      String large = "x".repeat(100_000);
      StoreException refused = null;
      int stored = 0;
      for (int i = 0; i < 1_000 && refused == null; i++) {
        try {
          full.jobQueue().enqueue(List.of(NewJob.builder("q", "j" + i, "t", large).build()));
          stored++;
        } catch (StoreException e) {
          refused = e;
        }
      }

      assertThat(Objects.requireNonNull(refused).isOutcomeUnknown())
          .as(refused.getMessage())
          .isFalse();
      full.jobQueue().claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1))).jobs();
      await(
          "a reset finds the expired job", () -> full.jobAdmin().resetExpired("q", 1).count() == 1);
      List<ClaimedJob> claimed = new ArrayList<>();
      while (claimed.addAll(
          full.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs())) {
        // A claim gives so many bytes at most.
      }
      assertThat(claimed).hasSize(stored);
      assertThat(full.jobQueue().extend(List.of(claimed.get(0).lease()), LEASE).get(0))
          .isInstanceOf(Extension.Held.class);
      // Less than is used: else the settlements below would make room.
      client.connect().sync().configSet("maxmemory", "1mb");
      assertThat(full.jobAdmin().resetExpired("q", 1).count()).isZero();
      assertThat(full.jobAdmin().purge("q", 10)).isZero();
      assertThat(full.jobAdmin().purge("idle", 10)).isZero();
      JobLease failed = claimed.remove(1).lease();
      assertThat(full.jobQueue().settle(List.of(Settlement.retry(failed, LEASE, "e"))))
          .containsExactly(Settlement.Result.ACCEPTED);
      assertThat(full.jobAdmin().change("q", failed.jobId(), JobChange.runNow()))
          .isEqualTo(Change.CHANGED);
      claimed.addAll(full.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
      full.jobAdmin().pause("q");
      full.jobAdmin().cancel("q", claimed.get(0).lease().jobId());
      assertThat(
              full.jobQueue()
                  .settle(
                      claimed.stream().<Settlement>map(it -> Settlement.done(it.lease())).toList()))
          .containsOnly(Settlement.Result.ACCEPTED);
      assertThat(full.leaseStore().renew(lease, LEASE)).isPresent();
      assertThat(full.jobAdmin().purge("q", Duration.ZERO, 1_000)).isEqualTo(stored);
    }
  }

  @Test
  @DisplayName("Q20 H13 five short claims finish five thousand exhausted jobs, a thousand each")
  void manyExhausted() {
    for (int i = 0; i < 5; i++) {
      backend.jobQueue().enqueue(manyJobs("j" + i, 1_000));
      backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE));
    }

    Set<String> finished = new HashSet<>();
    try (var later = openAhead(config, new AtomicLong(Micros.of(LEASE)))) {
      for (int i = 0; i < 5; i++) {
        Claim claim = later.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE));
        assertThat(claim.jobs()).isEmpty();
        assertThat(claim.finished()).hasSize(1_000);
        assertThat(claim.more()).isEqualTo(i < 4);
        claim.finished().forEach(it -> finished.add(it.id()));
      }
    }

    assertThat(finished).hasSize(5_000);
    QueueCounts counts = backend.jobAdmin().counts().queues().get(0);
    assertThat(counts.count(JobState.FAILED)).isEqualTo(5_000);
    assertThat(counts.count(JobState.PROCESSING)).isZero();
    assertThat(backend.jobQueue().find("q", "j4-999").orElseThrow().state())
        .isEqualTo(JobState.FAILED);
  }

  @Tag("slow")
  @Test
  @DisplayName("Q11 a claim gives some megabytes, and the others stay for the next")
  void largePayloads() {
    String large = "x".repeat(Limits.MAX_TEXT_BYTES);
    for (int i = 0; i < 120; i++) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j" + i, "t", large).build()));
    }
    backend.jobQueue().enqueue(List.of(job("small")));
    List<String> given = new ArrayList<>();
    List<Settlement> settlements = List.of();
    while (given.size() < 121) {
      SettledAndClaimed turn =
          backend.jobQueue().settleAndClaim(settlements, ClaimRequest.of("q", "w", 1000, LEASE));
      assertThat(turn.claim().jobs()).hasSizeBetween(1, 5);
      settlements =
          turn.claim().jobs().stream().<Settlement>map(it -> Settlement.done(it.lease())).toList();
      turn.claim().jobs().forEach(it -> given.add(it.lease().jobId()));
    }
    backend.jobQueue().settle(settlements);

    assertThat(given).doesNotHaveDuplicates();
    assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
        .isEqualTo(Map.of(JobState.DONE, 121L));
  }

  @Test
  @DisplayName(
      "Q11 a claim that looks twice gives no more bytes, and the first job whatever its size")
  void largeAfterManyExhausted() {
    String large = "x".repeat(Limits.MAX_TEXT_BYTES);
    for (int i = 0; i < 2; i++) {
      backend.jobQueue().enqueue(manyJobs("old" + i, 1_000));
      backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, Duration.ofMillis(1))).jobs();
    }
    for (int i = 0; i < 6; i++) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j" + i, "t", large).build()));
    }

    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs()).hasSize(4);
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs()).hasSize(2);
  }

  @Test
  @DisplayName("Q11 a claim that gives the last thousand jobs, which expired, leaves no more")
  void allExpired() {
    backend.jobQueue().enqueue(IntStream.range(0, 1_000).mapToObj(i -> job("j" + i)).toList());
    ClaimRequest ofAll = ClaimRequest.of("q", "w", 1_000, LEASE);
    assertThat(backend.jobQueue().claim(ofAll).jobs()).hasSize(1_000);

    try (var late = openAhead(config, new AtomicLong(2 * Micros.of(LEASE)))) {
      Claim claim = late.jobQueue().claim(ofAll);

      assertThat(claim.jobs()).hasSize(1_000);
      assertThat(claim.more()).isFalse();
    }
  }

  @Test
  @DisplayName("Q30 each kind of settlement is accepted again if it is sent again, as it was")
  void sentAgain() {
    List<Function<JobLease, Settlement>> kinds =
        List.of(
            Settlement::done,
            lease -> Settlement.done(lease, "result"),
            lease -> Settlement.retry(lease, Duration.ofHours(1), "e"),
            lease -> Settlement.failed(lease, "e"),
            lease -> Settlement.cancelled(lease, "e"),
            lease -> Settlement.released(lease, Duration.ofHours(1)));
    for (int i = 0; i < kinds.size(); i++) {
      backend.jobQueue().enqueue(List.of(job("j" + i)));
      JobLease lease = claim();
      for (int again = 0; again < 2; again++) {
        assertThat(backend.jobQueue().settle(List.of(kinds.get(i).apply(lease))))
            .as("kind %s", i)
            .containsExactly(Settlement.Result.ACCEPTED);
      }
      for (int other = 0; other < kinds.size(); other++) {
        if (other != i) {
          assertThat(backend.jobQueue().settle(List.of(kinds.get(other).apply(lease))))
              .as("kind %s, then %s", i, other)
              .containsExactly(Settlement.Result.LOST);
        }
      }
    }
  }

  @Test
  @DisplayName("Q20 Q30 where a later script of a claim fails, what the first ones did is answered")
  void laterScriptFails() {
    backend.jobQueue().enqueue(manyJobs("j", 1_000));
    backend.jobQueue().enqueue(List.of(job("held")));
    List<ClaimedJob> claimed =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs();
    JobLease held = claim();
    assertThat(claimed).hasSize(1_000);
    AtomicLong calls = new AtomicLong();
    String ahead = Scripts.SERVER_CLOCK.get() + "now = now + " + Micros.of(LEASE) + "\n";
    try (var failing =
        RedisBackend.open(
            config,
            () -> calls.incrementAndGet() == 1 ? ahead : ahead + "error('as part of the test')")) {
      SettledAndClaimed turn =
          failing
              .jobQueue()
              .settleAndClaim(List.of(Settlement.done(held)), ClaimRequest.of("q", "w", 1, LEASE));

      assertThat(calls).as("scripts").hasValue(2);
      assertThat(turn.settled()).containsExactly(Settlement.Result.ACCEPTED);
      assertThat(turn.claim().finished()).hasSize(1_000);
      assertThat(turn.claim().more()).isTrue();
    }
  }

  @Test
  @DisplayName("Q48 a page of a filter that meets little ends early, and the next ones go on")
  void pagesOfFewJobs() {
    backend.jobQueue().enqueue(manyJobs("j", 1_000));
    backend.jobQueue().enqueue(manyJobs("more", 500));
    backend.jobQueue().enqueue(List.of(job("last")));
    JobAdmin admin = backend.jobAdmin();
    JobFilter rare = JobFilter.all().withIdPrefix("last");

    JobPage first = admin.list(JobQuery.of(rare).limit(10).examineAtMost(1_000));
    assertThat(first.jobs()).isEmpty();
    JobPage second = admin.list(JobQuery.of(rare).after(first.next()).limit(10));
    assertThat(second.jobs()).extracting(Job::id).containsExactly("last");
    assertThat(second.next()).isNull();

    assertThat(admin.list(JobQuery.of(rare).order(JobOrder.NEWEST_FIRST).limit(10)).jobs())
        .hasSize(1);
    assertThatThrownBy(
            () ->
                admin.list(
                    JobQuery.of(rare).order(JobOrder.NEWEST_FIRST).after(first.next()).limit(10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in this order");
  }

  @Test
  @DisplayName("Q48 newest first is oldest first from behind, over queues, states and pages")
  void bothWays() {
    for (String queue : List.of("q", "r", "s")) {
      List<NewJob> jobs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        jobs.add(NewJob.builder(queue, "j" + i, "t", "").priority(i % 3).build());
      }
      backend.jobQueue().enqueue(jobs);
      backend
          .jobQueue()
          .claim(ClaimRequest.of(queue, "w", 7, LEASE))
          .jobs()
          .subList(0, 3)
          .forEach(it -> backend.jobQueue().settle(List.of(Settlement.failed(it.lease(), "e"))));
    }
    List<String> newestFirst = paged(JobOrder.NEWEST_FIRST);
    assertThat(newestFirst).hasSize(60);

    Collections.reverse(newestFirst);
    assertThat(paged(JobOrder.OLDEST_FIRST)).isEqualTo(newestFirst);
  }

  private List<String> paged(JobOrder order) {
    List<String> ids = new ArrayList<>();
    JobPage page = JobPage.of(List.of(), null, 0);
    do {
      page =
          backend
              .jobAdmin()
              .list(JobQuery.of(JobFilter.all()).order(order).after(page.next()).limit(4));
      page.jobs().forEach(job -> ids.add(job.queue() + job.id()));
    } while (page.next() != null);
    return ids;
  }

  @Test
  @DisplayName("Q56 an expired job that a claim has brought back, and not given, is still held")
  void changeOfABroughtBackJob() {
    backend.jobQueue().enqueue(List.of(job("a"), job("b")));
    backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE));
    try (var later = openAhead(config, new AtomicLong(Micros.of(LEASE)))) {
      later.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE));

      assertThat(redis.zcard(key("expired"))).isEqualTo(1);
      assertThat(later.jobAdmin().change("q", "b", JobChange.runNow())).isEqualTo(Change.HELD);
    }
  }

  @Test
  @DisplayName(
      "Q56 a change of the payload leaves the headers, and counts for the bytes of a claim")
  void changeOfAPayload() {
    NewJob large = job("a").toBuilder().headers(Map.of("h", "1", "i", "")).build();
    backend.jobQueue().enqueue(List.of(large, job("b")));
    String payload = "x".repeat(Limits.MAX_TEXT_BYTES);
    assertThat(backend.jobAdmin().change("q", "a", JobChange.builder().payload(payload).build()))
        .isEqualTo(Change.CHANGED);

    Claim claim =
        backend
            .jobQueue()
            .claim(ClaimRequest.of("q", "w", 2, LEASE).withMaxBytes(Limits.MAX_TEXT_BYTES));

    assertThat(claim.jobs()).hasSize(1);
    assertThat(claim.jobs().get(0).payload()).isEqualTo(payload);
    assertThat(claim.jobs().get(0).headers()).isEqualTo(large.headers());
  }

  @Test
  @DisplayName("Q57 the error of an attempt is cut as characters are, and what is empty stays so")
  void errorsOfAttempts() {
    backend.jobQueue().enqueue(List.of(job("a").toBuilder().maxCrashes(20).build()));
    List<String> errors = List.of("", "é😀".repeat(1_000), "", "e");
    for (String error : errors) {
      backend.jobQueue().settle(List.of(Settlement.retry(claim(), Duration.ZERO, error)));
    }

    assertThat(backend.jobAdmin().failedAttempts("q", "a"))
        .extracting(FailedAttempt::error)
        .containsExactlyElementsOf(errors.stream().map(Limits::attemptErrorText).toList());
    assertThat(backend.jobQueue().find("q", "a").orElseThrow().error()).isEqualTo("e");
  }

  @Test
  @DisplayName("Q56 a short payload lies in the row, a longer one apart, and a change moves it")
  void payloadMoves() {
    String shortest = "x".repeat(128);
    String longest = "x".repeat(129);
    backend.jobQueue().enqueue(List.of(NewJob.builder("q", "a", "t", shortest).build()));
    for (String payload : List.of(shortest, longest, shortest, longest, "y")) {
      backend.jobAdmin().change("q", "a", JobChange.builder().payload(payload).build());
      assertThat(redis.hlen(key("bodies-0"))).isEqualTo(payload.equals(longest) ? 1 : 0);
      assertThat(backend.jobQueue().find("q", "a").orElseThrow().payload()).isEqualTo(payload);
    }
    assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
        .extracting(ClaimedJob::payload)
        .containsExactly("y");
  }

  @Test
  @DisplayName("Q11 a claim reads no payload of a job that it ends")
  void exhaustedUnread() {
    String payload = "x".repeat(1_000);
    for (int i = 0; i < 10; i++) {
      backend
          .jobQueue()
          .enqueue(List.of(NewJob.builder("q", "j" + i, "t", payload).maxCrashes(1).build()));
    }
    backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, Duration.ofMillis(1))).jobs();
    redis.del(key("bodies-0"));
    redis.set(key("bodies-0"), "nothing that a payload could be read from");

    do { // Until their leases have run out.
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).isEmpty();
    } while (backend.jobAdmin().counts().queues().get(0).count(JobState.FAILED) < 10);
  }

  @Test
  @DisplayName("Q26 a step costs the same, however many there were before")
  void manySteps() {
    // With everysec, it does not append while it waits for the disk.
    try (var server = RedisProcess.start("--appendonly", "yes", "--appendfsync", "no");
        var own = RedisBackend.open(RedisConfig.of(server.uri()));
        var toServer = RedisClient.create(server.uri())) {
      var commands = toServer.connect().sync();
      own.jobQueue().enqueue(List.of(job("a")));
      JobLease lease =
          own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      List<Long> written = new ArrayList<>();
      for (int part = 0; part < 4; part++) {
        long before = written(commands);
        for (int i = 0; i < 600; i++) {
          own.jobQueue().checkpoint(lease, "a step with a name " + (part * 600 + i), "v");
        }
        written.add(written(commands) - before);
      }

      assertThat(written.get(3)).isLessThan(written.get(0) * 3 / 2);
      assertThat(own.jobQueue().checkpoints(lease).orElseThrow().keySet())
          .containsExactlyElementsOf(
              IntStream.range(0, 2_400).mapToObj(i -> "a step with a name " + i).toList());
    }
  }

  @Test
  @DisplayName("Q26 steps with long values are read few at a time")
  void longSteps() {
    backend.jobQueue().enqueue(List.of(job("a")));
    JobLease lease = claim();
    List<String> names = IntStream.range(0, 9).mapToObj(i -> "s" + i).toList();
    for (String name : names) {
      backend.jobQueue().checkpoint(lease, name, "v".repeat(Limits.MAX_TEXT_BYTES));
    }
    long before = calls(redis, "eval") + calls(redis, "evalsha");

    assertThat(backend.jobQueue().checkpoints(lease).orElseThrow().keySet())
        .containsExactlyElementsOf(names);
    assertThat(backend.jobAdmin().steps("q", "a"))
        .extracting(StepValue::name)
        .containsExactlyElementsOf(names);

    assertThat(calls(redis, "eval") + calls(redis, "evalsha") - before)
        .as("4, 4 and 1 of each")
        .isEqualTo(6);
  }

  /** The bytes that the server has appended to its file. */
  private static long written(RedisCommands<String, String> redis) {
    return redis
        .info("persistence")
        .lines()
        .filter(line -> line.startsWith("aof_current_size:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .sum();
  }

  @Test
  @DisplayName(
      "Q26 Q38 Q46 many steps are read piece by piece, and whatever removes a job removes them so")
  void manyStepsRemoved() {
    try (var frugal =
        RedisBackend.open(config.withRetention(Duration.ofHours(1), Duration.ofHours(1), 0))) {
      JobQueue jobs = frugal.jobQueue();
      for (String id : List.of("deleted", "purged", "trimmed")) {
        jobs.enqueue(List.of(job(id)));
        JobLease lease = claim();
        for (int i = 0; i < 2_100; i++) {
          jobs.checkpoint(lease, "s" + i, "v");
        }
        List<String> names = IntStream.range(0, 2_100).mapToObj(i -> "s" + i).toList();
        assertThat(jobs.checkpoints(lease).orElseThrow().keySet()).containsExactlyElementsOf(names);
        assertThat(frugal.jobAdmin().steps("q", id))
            .extracting(StepValue::name)
            .containsExactlyElementsOf(names);
        if (id.equals("deleted")) {
          assertThat(frugal.jobAdmin().delete("q", id)).isTrue();
          assertThat(jobs.settle(List.of(Settlement.done(lease))))
              .containsExactly(Settlement.Result.LOST);
        } else if (id.equals("purged")) {
          jobs.settle(List.of(Settlement.failed(lease, "e")));
          assertThat(frugal.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(1);
        } else {
          jobs.settle(List.of(Settlement.done(lease)));
          assertThat(redis.hlen(key("steps"))).as("it takes several").isPositive();
          for (int i = 0; i < 3; i++) {
            jobs.enqueue(List.of(job("more" + i)));
            jobs.settle(List.of(Settlement.done(claim())));
          }
        }
        assertThat(redis.exists(key("steps"), key("stepNames"))).as(id).isZero();
        assertThat(redis.hkeys(key("jobs"))).as(id).isEmpty();
      }
    }
  }

  @Test
  @DisplayName("a user who may not publish enqueues, settles and requeues all the same")
  void noChannels() {
    try (var server = RedisProcess.start()) {
      String uri = LimitedUser.of(server, all -> all.resetChannels());
      try (var mute = RedisBackend.open(RedisConfig.of(uri))) {
        mute.jobQueue().enqueue(List.of(job("a")));
        JobLease lease =
            mute.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
        var retry = Settlement.retry(lease, Duration.ZERO, "again");
        assertThat(mute.jobQueue().settle(List.of(retry)))
            .containsExactly(Settlement.Result.ACCEPTED);
        assertThat(mute.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
        assertThat(mute.jobAdmin().counts().queues().get(0).count(JobState.RETRY)).isZero();
      }
    }
  }

  @Test
  @DisplayName("Q39 a claim sees what was settled in the same trip, beside settlements of others")
  void claimAfterSettlements() {
    JobQueue jobs = backend.jobQueue();
    jobs.enqueue(List.of(job("a")));
    JobLease lease = claim();
    for (int i = 0; i < 500; i++) {
      jobs.enqueue(List.of(NewJob.builder("r", "other" + i, "t", "").build()));
      JobLease other = jobs.claim(ClaimRequest.of("r", "w", 1, LEASE)).jobs().get(0).lease();

      List<ClaimedJob> claimed =
          jobs.settleAndClaim(
                  List.of(Settlement.released(lease, Duration.ZERO), Settlement.done(other)),
                  ClaimRequest.of("q", "w", 1, LEASE))
              .claim()
              .jobs();

      assertThat(claimed).hasSize(1);
      lease = claimed.get(0).lease();
    }
  }

  @Test
  @DisplayName("a lease is extended on another connection than jobs are enqueued on")
  void ownConnection() {
    try (var server = RedisProcess.start();
        var own = RedisBackend.open(RedisConfig.of(server.uri()));
        var toServer = RedisClient.create(server.uri())) {
      var commands = toServer.connect().sync();
      long none = commands.clientList().lines().count();
      own.jobQueue().enqueue(List.of(job("a")));
      JobLease lease =
          own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      assertThat(commands.clientList().lines().count()).isEqualTo(none + 1);

      own.jobQueue().extend(List.of(lease), LEASE);
      own.jobQueue().settle(List.of(Settlement.done(lease)));

      assertThat(commands.clientList().lines().count()).isEqualTo(none + 2);
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("of a large enqueue no more is on its way than a server takes well")
  void pieceByPiece() {
    try (var server = RedisProcess.start();
        var own =
            RedisBackend.open(RedisConfig.of(server.uri()).withCallTimeout(Duration.ofSeconds(2)));
        var toServer = RedisClient.create(server.uri())) {
      var commands = toServer.connect().sync();
      String large = "x".repeat(Limits.MAX_TEXT_BYTES);
      List<NewJob> jobs =
          IntStream.range(0, 40)
              .mapToObj(i -> NewJob.builder("q", "j" + i, "t", large).build())
              .toList();
      commands.dispatch(
          CommandType.CLIENT,
          new StatusOutput<>(StringCodec.UTF8),
          new CommandArgs<>(StringCodec.UTF8).add("PAUSE").add(60_000).add("WRITE"));
      long before = received(commands);

      assertThatThrownBy(() -> own.jobQueue().enqueue(jobs)).isInstanceOf(StoreException.class);

      assertThat(received(commands) - before).isLessThan(8L << 20);
    }
  }

  private static long received(RedisCommands<String, String> redis) {
    return redis
        .info("stats")
        .lines()
        .filter(line -> line.startsWith("total_net_input_bytes:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .sum();
  }

  @Test
  @DisplayName("so is what a server refuses that cannot save")
  void cannotSave(@TempDir Path directory) throws IOException {
    Path gone = Files.createDirectory(directory.resolve("gone"));
    try (var server = RedisProcess.start("--dir", gone.toString());
        var own = RedisBackend.open(RedisConfig.of(server.uri()));
        var toServer = RedisClient.create(server.uri())) {
      own.jobQueue().enqueue(List.of(job("a")));
      JobLease lease =
          own.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      var commands = toServer.connect().sync();
      commands.configSet("save", "3600 1");
      Files.delete(gone);
      commands.bgsave();
      await("it cannot save", () -> commands.info("persistence").contains("_status:err"));

      assertRefused(() -> own.jobQueue().enqueue(List.of(job("b"))));
      assertRefused(
          () ->
              own.jobQueue().enqueue(List.of(job("b"), NewJob.builder("r", "b", "t", "").build())));
      assertRefused(() -> own.jobQueue().settle(List.of(Settlement.done(lease))));
      assertRefused(() -> own.leaseStore().acquire("n", "o", LEASE));
    }
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
        .hasMessageContaining("MISCONF");
  }

  @Test
  @DisplayName("what is refused before a script writes anything is known not to be done")
  void tooFewReplicas() {
    try (var server = RedisProcess.start("--min-replicas-to-write", "1");
        var own = RedisBackend.open(RedisConfig.of(server.uri()))) {
      assertThatThrownBy(() -> own.jobQueue().enqueue(List.of(job("a"))))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
          .hasMessageContaining("NOREPLICAS");
      assertThatThrownBy(() -> own.leaseStore().acquire("n", "o", LEASE))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
    }
  }

  @Test
  @DisplayName(
      "Q55 of work behind other work nobody is told, and of older work that comes back all")
  void hintsWhereNoneWaited() {
    try (var server = RedisProcess.start();
        var own = RedisBackend.open(RedisConfig.of(server.uri()));
        var toServer = RedisClient.create(server.uri())) {
      var commands = toServer.connect().sync();
      JobQueue jobs = own.jobQueue();
      long start = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        jobs.enqueue(List.of(NewJob.builder("q", "j" + i, "t", "").priority(i % 10).build()));
      }
      long first = published(commands);
      assertThat(first)
          .as("once, and once more each 100 ms")
          .isBetween(1L, 1 + (System.nanoTime() - start) / 100_000_000);

      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs();
      NewJob later = NewJob.builder("q", "b", "t", "").due(Due.after(LEASE)).build();
      jobs.enqueue(List.of(later));
      assertThat(published(commands)).as("nothing is due").isEqualTo(first);
      jobs.enqueue(
          List.of(job("c"), NewJob.builder("q", "d", "t", "").due(Due.after(LEASE)).build()));
      assertThat(published(commands)).isEqualTo(first + 1);
      jobs.settle(
          List.of(
              Settlement.retry(claimed.get(0).lease(), Duration.ZERO, "e"),
              Settlement.retry(claimed.get(3).lease(), LEASE, "e")));
      jobs.settle(List.of(Settlement.released(claimed.get(1).lease(), Duration.ZERO)));
      jobs.settle(List.of(Settlement.failed(claimed.get(2).lease(), "e")));
      own.jobAdmin().requeue("q", claimed.get(2).lease().jobId());
      own.jobAdmin().resume("q");
      own.jobAdmin().change("q", "b", JobChange.builder().priority(1).build());
      assertThat(published(commands)).isEqualTo(first + 5);
      own.jobAdmin().change("q", "b", JobChange.runNow());
      assertThat(published(commands)).isEqualTo(first + 6);
      jobs.claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1)));
      await("the lease has expired", () -> own.jobAdmin().resetExpired("q", 10).count() == 1);
      assertThat(published(commands)).as("one reset brought back a job").isEqualTo(first + 7);
      own.jobAdmin().resetExpired("q", 10);
      assertThat(published(commands)).isEqualTo(first + 7);
      var more = new AtomicLong();
      await(
          "a hint also behind a job that waits, once 100 ms have passed",
          () -> {
            jobs.enqueue(List.of(job("more" + more.incrementAndGet())));
            return published(commands) == first + 8;
          });
    }
  }

  private static long published(RedisCommands<String, String> redis) {
    return redis
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_publish:"))
        .mapToLong(line -> Long.parseLong(line.replaceFirst("^[^=]*=(\\d+),.*", "$1").strip()))
        .sum();
  }

  @Test
  @DisplayName(
      "Q55 a backend that closed all its subscriptions to a queue gets no more hints of it")
  void unsubscribed() {
    JobQueue.Subscription one = backend.jobQueue().onWork("q", () -> {});
    JobQueue.Subscription other = backend.jobQueue().onWork("q", () -> {});
    awaitSubscribers(1);
    one.close();
    backend.jobQueue().enqueue(List.of(job("a")));
    awaitSubscribers(1);
    other.close();
    awaitSubscribers(0);
  }

  private void awaitSubscribers(long count) {
    String channel = keys.channel("q");
    await(
        count + " subscribers",
        () -> redis.pubsubNumsub(channel).getOrDefault(channel, 0L) == count);
  }

  /** Waits for a condition of the server, which tells nobody when it comes true. */
  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("waited 1 min in vain: " + what);
      }
      Thread.onSpinWait();
    }
  }
}
