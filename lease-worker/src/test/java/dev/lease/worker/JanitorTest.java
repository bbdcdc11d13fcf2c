package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.ActionQuery;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JanitorTest extends WorkerFixture {

  private Worker.Builder janitorOnly(JobAdmin admin) {
    admin.pause(TEXT.queue());
    return Parts.worker(jobs, admin)
        .config(config().purgeInterval(Duration.ofMillis(100)).build())
        .handle(TEXT, (payload, context) -> {});
  }

  @Test
  @DisplayName("the rounds of workers that start together do not stay together")
  void jitter() {
    Duration interval = Duration.ofMinutes(1);
    assertThat(Janitor.pause(interval, 0)).isEqualTo(Duration.ofSeconds(45).toNanos());
    assertThat(Janitor.pause(interval, 1)).isEqualTo(Duration.ofSeconds(75).toNanos());
  }

  @Test
  @DisplayName("W14 the start makes expired jobs visible, and leaves live leases untouched")
  void resets() {
    enqueue("live");
    jobs.claim(ClaimRequest.of(TEXT.queue(), "alive", 1, FAR)).jobs();
    enqueue(client.job(TEXT.withMaxCrashes(1), "exhausted", "").build());
    enqueue("expired");
    jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 2, Duration.ofMillis(1))).jobs();
    Job live = job("live");
    JobLease expired = Objects.requireNonNull(job("expired").lease());
    eventually(() -> job("expired").asOf().isAfter(expired.expiresAt()));

    start(janitorOnly(admin));
    assertThat(awaitState("exhausted", JobState.FAILED).error()).isEqualTo("lease expired");
    awaitState("expired", JobState.RETRY);
    assertThat(job("live").lease()).isEqualTo(live.lease());
  }

  @Test
  @DisplayName("W14 a store that is down at the start is reset when it is up")
  void downAtStart() {
    enqueue("expired");
    jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 1, Duration.ofMillis(1))).jobs();
    var calls = new AtomicInteger();
    start(
        janitorOnly(
            adminWhere(
                method -> {
                  if (method.equals("resetExpired") && calls.incrementAndGet() == 1) {
                    throw StoreException.notDone("down", null);
                  }
                })));
    awaitState("expired", JobState.RETRY);
  }

  @Test
  @DisplayName("W14 W23 a queue that cannot be reset does not keep the others from it")
  void oneQueueFails() {
    JobType<String> bad = JobType.of("bad", "text", String.class);
    enqueue("expired");
    jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 1, Duration.ofMillis(1))).jobs();
    JobAdmin real = admin;
    admin =
        (JobAdmin)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {JobAdmin.class},
                (proxy, method, arguments) -> {
                  if (arguments[0].equals(bad.queue())) {
                    throw StoreException.notDone("down", null);
                  }
                  return method.invoke(real, arguments);
                });
    real.pause(TEXT.queue());
    start(
        Parts.worker(jobs, admin)
            .config(config().build())
            .handle(bad, (payload, context) -> {})
            .handle(TEXT, (payload, context) -> {}));
    awaitState("expired", JobState.RETRY);
  }

  @Test
  @DisplayName("W14 a reset that takes long holds up neither start nor claims")
  void background() {
    CountDownLatch end = latch();
    enqueue("a");
    start(
        Parts.worker(
                jobs,
                adminWhere(
                    method -> {
                      if (method.equals("resetExpired")) {
                        passStubbornly(end);
                      }
                    }))
            .config(config().build())
            .handle(TEXT, (payload, context) -> {}));
    awaitState("a", JobState.DONE);
    end.countDown();
  }

  @Test
  @DisplayName("Q46 a worker purges its queues again and again")
  void purges() {
    var purges = new AtomicInteger();
    start(
        janitorOnly(
            adminWhere(
                method -> {
                  if (method.equals("purge")) {
                    purges.incrementAndGet();
                  }
                })));
    eventually(() -> purges.get() > 2);
  }

  @Test
  @DisplayName("Q90 a worker removes records of operators that are older than 90 days")
  void purgesActions() {
    var clock = new ManualClock();
    try (var backend = new InMemoryBackend(clock)) {
      JobAdmin anna = backend.jobAdmin().by(Operator.of("anna", ""));
      anna.pause(TEXT.queue());
      clock.advance(Duration.ofDays(1));
      anna.resume(TEXT.queue());
      clock.advance(Duration.ofDays(89));
      start(
          Worker.builder(backend)
              .config(config().purgeInterval(Duration.ofMillis(100)).build())
              .handle(TEXT, (payload, context) -> {}));
      eventually(
          () ->
              backend.jobAdmin().actions(ActionQuery.inQueue(TEXT.queue())).actions().size() == 1);
      assertThat(backend.jobAdmin().actions(ActionQuery.inQueue(TEXT.queue())).actions())
          .extracting(OperatorAction::kind)
          .containsExactly(OperatorAction.Kind.RESUME);
    }
  }

  private interface Seen {
    void call(String method, Object queue) throws Exception;
  }

  /** A store of which each purge leaves more to purge. */
  private JobAdmin alwaysFull(Seen seen) {
    return (JobAdmin)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {JobAdmin.class},
            (proxy, method, arguments) -> {
              seen.call(method.getName(), arguments[0]);
              return method.getName().equals("purge")
                  ? (Object) Limits.MAX_BATCH
                  : method.invoke(admin, arguments);
            });
  }

  /** When a call began and ended. */
  private record Span(long begun, long ended) {}

  @Test
  @DisplayName("Q46 a purge of many jobs leaves half of the time to others")
  void pausesBetweenBatches() {
    var purges = new CopyOnWriteArrayList<Span>();
    JobAdmin full =
        alwaysFull(
            (method, queue) -> {
              if (method.equals("purge")) {
                long begun = System.nanoTime();
                Thread.sleep(10);
                purges.add(new Span(begun, System.nanoTime()));
              }
            });
    start(janitorOnly(full));
    eventually(() -> purges.size() > 3);
    for (int i = 1; i < purges.size(); i++) {
      Span before = purges.get(i - 1);
      assertThat(purges.get(i).begun() - before.ended())
          .isGreaterThanOrEqualTo(before.ended() - before.begun());
    }
  }

  @Test
  @DisplayName("W14 W23 queues that are purged for long delay no other one")
  void longPurges() {
    var reset = new CopyOnWriteArrayList<Object>();
    JobAdmin full =
        alwaysFull(
            (method, queue) -> {
              if (method.equals("resetExpired")) {
                reset.add(queue);
              }
            });
    Worker.Builder worker = Parts.worker(jobs, full).config(config().build());
    for (String queue : List.of("a", "b", "c", "d", "e")) {
      worker.handle(JobType.of(queue, "text", String.class), (payload, context) -> {});
    }
    start(worker);
    eventually(() -> reset.containsAll(List.of("a", "b", "c", "d", "e")));
  }

  @Test
  @DisplayName("W14 a queue that cannot be reset is tried once a round, while its purge goes on")
  void resetsOnceARound() {
    var resets = new AtomicInteger();
    var purges = new AtomicInteger();
    JobAdmin full =
        alwaysFull(
            (method, queue) -> {
              if (method.equals("resetExpired")) {
                resets.incrementAndGet();
                throw StoreException.notDone("it takes too long", null);
              }
              if (method.equals("purge")) {
                purges.incrementAndGet();
              }
            });
    start(
        Parts.worker(jobs, full)
            .config(config().purgeInterval(Duration.ofHours(1)).build())
            .handle(TEXT, (payload, context) -> {}));
    eventually(() -> purges.get() > 3);
    assertThat(resets).hasValue(1);
  }

  @Test
  @DisplayName("Q46 W23 a queue that cannot be reset is purged all the same")
  void purgesThoughResetFails() {
    var purges = new AtomicInteger();
    start(
        janitorOnly(
            adminWhere(
                method -> {
                  if (method.equals("resetExpired")) {
                    throw StoreException.notDone("it takes too long", null);
                  }
                  if (method.equals("purge")) {
                    purges.incrementAndGet();
                  }
                })));
    eventually(() -> purges.get() > 2);
    assertThat(logs.at(Level.WARN)).hasSize(1);
  }

  @Test
  @DisplayName("Q20 a job whose last worker died is told of, by whoever ends it, and counted")
  void exhausted() {
    takenByADeadWorker("by-claim");
    Worker worker = start(config(), (payload, context) -> {});
    eventually(() -> worker.status().exhausted() == 1);
    assertThat(logs.at(Level.ERROR)).anyMatch(line -> tells(line, "by-claim"));
    worker.close();

    takenByADeadWorker("by-reset");
    Worker janitor = start(janitorOnly(admin));
    eventually(() -> janitor.status().exhausted() == 1);
    assertThat(logs.at(Level.ERROR)).anyMatch(line -> tells(line, "by-reset"));
  }

  private static boolean tells(String line, String id) {
    return line.contains(id) && line.contains("FAILED") && line.contains("requeued");
  }

  /** Its only attempt is gone. */
  private void takenByADeadWorker(String id) {
    enqueue(client.job(TEXT.withMaxCrashes(1), id, "").build());
    Claim claim = jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 1, Duration.ofMillis(1)));
    assertThat(claim.jobs()).hasSize(1);
  }

  private interface Before {
    void call(String method);
  }

  private JobAdmin adminWhere(Before before) {
    return (JobAdmin)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {JobAdmin.class},
            (proxy, method, arguments) -> {
              before.call(method.getName());
              try {
                return method.invoke(admin, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
