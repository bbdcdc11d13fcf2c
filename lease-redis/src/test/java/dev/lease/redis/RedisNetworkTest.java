package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Extension;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPiece;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the connections of a store do on a network that fails, beside what the kit asks. */
@Tag("slow")
@Timeout(120)
class RedisNetworkTest {

  private static final Duration LEASE = Duration.ofDays(1);

  private final RedisNetworkFixture fixture = new RedisNetworkFixture();
  private final TcpProxy proxy =
      new TcpProxy(fixture.server().getHostString(), fixture.server().getPort());

  @AfterEach
  void close() {
    proxy.close();
  }

  private RedisBackend open(Duration callTimeout) {
    return RedisBackend.open(
        fixture.at(new InetSocketAddress("localhost", proxy.port())).withCallTimeout(callTimeout));
  }

  @Test
  @DisplayName("a call timeout is that of the whole call, also where many wait for a connection")
  void oneTimeout() throws Exception {
    var timeout = Duration.ofSeconds(15);
    try (RedisBackend backend = open(timeout)) {
      proxy.blackHole();
      proxy.cut();
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<CompletableFuture<Long>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          calls.add(CompletableFuture.supplyAsync(() -> nanosOfFailing(backend), threads));
        }
        for (CompletableFuture<Long> call : calls) {
          // Twice the time is what it must not be; a slow machine may add to it up to there.
          assertThat(Duration.ofNanos(call.get())).isLessThan(timeout.multipliedBy(2));
        }
      } finally {
        threads.shutdownNow();
      }
      proxy.heal();
    }
  }

  private static long nanosOfFailing(RedisBackend backend) {
    long start = System.nanoTime();
    try {
      backend.jobQueue().find("q", "id");
      throw new AssertionError("the server has answered");
    } catch (StoreException e) {
      return System.nanoTime() - start;
    }
  }

  @Test
  @DisplayName(
      "L26 a call is told at once that the store is closed, though the close waits for another")
  void closedAtOnce() throws Exception {
    RedisBackend backend = open(Duration.ofMinutes(1));
    await(() -> finds(backend));
    proxy.blackHole();
    var asking = new Thread(() -> backend.jobQueue().find("q", "id"));
    asking.setUncaughtExceptionHandler((thread, e) -> {});
    asking.start();
    await(() -> asking.getState() == Thread.State.TIMED_WAITING);
    var closing = new Thread(backend::close);
    closing.start();
    await(() -> closing.getState() == Thread.State.TIMED_WAITING);

    assertThatThrownBy(() -> backend.jobQueue().find("q", "id"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(asking.isAlive()).as("the other call still waits").isTrue();
    proxy.heal();
    closing.join();
  }

  @Test
  @DisplayName(
      "L31 a renewal and an extension end in time to be made again, whatever a call may take")
  void keepsLeases() {
    try (RedisBackend backend = open(Duration.ofMinutes(10))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "id", "t", "p").build()));
      Lease name = backend.leaseStore().acquire("n", "me", LEASE).orElseThrow();
      JobLease job =
          backend.jobQueue().claim(ClaimRequest.of("q", "me", 1, LEASE)).jobs().get(0).lease();
      assertThat(backend.leaseStore().renew(name, LEASE)).isPresent();
      proxy.blackHole();
      Duration brief = Duration.ofSeconds(3);
      assertThatThrownBy(() -> backend.leaseStore().renew(name, brief))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> backend.jobQueue().extend(List.of(job), brief))
          .isInstanceOf(StoreException.class);

      assertThat(proxy.connections()).as("others may wait on, it is not given up").isEqualTo(2);
      proxy.heal();
      assertThat(backend.leaseStore().renew(name, LEASE)).isPresent();
      assertThat(backend.jobQueue().extend(List.of(job), LEASE).get(0))
          .isInstanceOf(Extension.Held.class);
    }
  }

  @Test
  @DisplayName("L31 a call of several trips has the time of one")
  void oneTimeForAllTrips() {
    RedisConfig brief =
        fixture
            .at(new InetSocketAddress("localhost", proxy.port()))
            .withCallTimeout(Duration.ofSeconds(1));
    try (var runner =
        new ScriptRunner(
            new ServerTopology(RedisUris.of(brief).get(0), brief),
            brief.callTimeout(),
            brief.durability(),
            RedisBackend.scripts(brief, Scripts.SERVER_CLOCK),
            new Keys(brief.prefix()))) {
      assertThatThrownBy(
              () ->
                  runner.inOneCall(
                      () -> {
                        while (true) {
                          runner.command("look", "", commands -> commands.get("k"));
                        }
                      }))
          .isInstanceOf(StoreException.class);
      String next = runner.command("look", "", commands -> commands.get("k"));
      assertThat(next).as("of the next call, which has a time of its own").isNull();
    }
  }

  @Test
  @DisplayName("Q58 L31 pieces get on where a server is so far away that a whole one has no time")
  void piecesFarAway() throws Exception {
    try (RedisBackend backend = open(Duration.ofSeconds(2))) {
      for (int i = 0; i < 150; i++) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("far", "job" + i, "t", "p").build()));
      }
      proxy.delay(Duration.ofMillis(20));
      JobFilter all = JobFilter.all().inQueue("far");
      int changed = 0;
      @Nullable String after = null;
      do {
        JobPiece piece = backend.jobAdmin().cancel(all, after, 1_000);
        changed += piece.changed();
        after = piece.next();
      } while (after != null);
      assertThat(changed).isEqualTo(150);
    }
  }

  @Test
  @DisplayName("connections that were given up do not pile up")
  void noConnectionsLeft() throws Exception {
    try (RedisBackend backend = open(Duration.ofMillis(200))) {
      proxy.blackHole();
      for (int i = 0; i < 10; i++) {
        nanosOfFailing(backend);
      }
      proxy.heal();

      await(() -> finds(backend));
      await(() -> proxy.connections() == 1);
      assertThat(finds(backend)).isTrue();
    }
  }

  @Test
  @DisplayName("a server that does not answer is named, whether a call was sent to it or not")
  void silentServerIsNamed() throws InterruptedException {
    try (RedisBackend backend = open(Duration.ofMillis(200))) {
      await(() -> finds(backend));
      proxy.blackHole();
      for (String missing : List.of("answer from", "connection to")) {
        assertThatThrownBy(() -> backend.jobQueue().find("q", "id"))
            .isInstanceOf(StoreException.class)
            .hasMessage(
                "could not find a job: no %s localhost:%d within 200 ms", missing, proxy.port());
      }
    }
  }

  private static boolean finds(RedisBackend backend) {
    try {
      return backend.jobQueue().find("q", "id").isEmpty();
    } catch (StoreException e) {
      return false;
    }
  }

  @Test
  @DisplayName("Q55 hints come again after the connection for them was cut, and after a silence")
  void hintsComeAgain() throws Exception {
    try (RedisBackend backend = open(Duration.ofSeconds(1));
        RedisBackend other = RedisBackend.open(fixture.at(fixture.server()))) {
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      awaitHint(other, hints);

      proxy.cut();
      awaitHint(other, hints);

      proxy.cut();
      proxy.blackHole();
      nanosOfFailing(backend);
      nanosOfFailing(backend);
      proxy.heal();
      awaitHint(other, hints);
    }
  }

  @Test
  @DisplayName("Q55 a hint that cannot be sent is lost without an error, and a later one comes")
  void hintThatCannotBeSent() throws Exception {
    try (RedisBackend backend = open(Duration.ofMillis(300));
        RedisBackend other = RedisBackend.open(fixture.at(fixture.server()))) {
      var hints = new Semaphore(0);
      other.jobQueue().onWork("q", hints::release);
      hints.acquire(); // It listens now.
      proxy.cut();
      proxy.blackHole();

      backend.jobQueue().hint("q");
      nanosOfFailing(backend);
      assertThat(hints.tryAcquire()).isFalse();

      proxy.heal();
      await(
          () -> {
            backend.jobQueue().hint("q");
            return finds(backend) && hints.tryAcquire();
          });
    }
  }

  @Test
  @DisplayName("Q55 hints come where the server said nothing when they were asked for")
  void hintsAfterSilence() throws Exception {
    try (RedisBackend backend = open(Duration.ofMillis(300));
        RedisBackend other = RedisBackend.open(fixture.at(fixture.server()))) {
      var hints = new Semaphore(0);
      proxy.blackHole();
      backend.jobQueue().onWork("q", hints::release);
      for (int i = 0; i < 10; i++) {
        nanosOfFailing(backend);
      }
      proxy.heal();

      awaitHint(other, hints);
      await(() -> finds(backend));
      await(() -> proxy.connections() == 2);
    }
  }

  @Test
  @DisplayName(
      "Q55 hints come of all queues, though the connection breaks while they are asked for")
  void hintsAskedForInACut() throws Exception {
    try (RedisBackend backend = open(Duration.ofSeconds(1));
        RedisBackend other = RedisBackend.open(fixture.at(fixture.server()))) {
      Set<String> silent = ConcurrentHashMap.newKeySet();
      for (int i = 0; i < 1_000; i++) {
        if (i % 100 == 10) {
          proxy.cut();
        }
        String queue = "q" + i;
        silent.add(queue);
        backend.jobQueue().onWork(queue, () -> silent.remove(queue));
        if (i % 100 == 99) {
          awaitHints(other, silent);
        }
      }
    }
  }

  /** Enqueues until no queue is silent. */
  private static void awaitHints(RedisBackend other, Set<String> silent)
      throws InterruptedException {
    while (!silent.isEmpty()) {
      String id = "job-" + System.nanoTime();
      other
          .jobQueue()
          .enqueue(
              silent.stream().map(queue -> NewJob.builder(queue, id, "t", "p").build()).toList());
      Thread.sleep(10);
    }
  }

  /** Enqueues until a hint of it arrives: that of a job enqueued during a gap is lost. */
  private static void awaitHint(RedisBackend other, Semaphore hints) throws InterruptedException {
    hints.drainPermits();
    int jobs = 0;
    do {
      String id = "job-" + System.nanoTime() + "-" + jobs++;
      other.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "p").build()));
    } while (!hints.tryAcquire(100, TimeUnit.MILLISECONDS));
  }

  /** Until the time limit of the class interrupts it. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(10);
    }
  }
}
