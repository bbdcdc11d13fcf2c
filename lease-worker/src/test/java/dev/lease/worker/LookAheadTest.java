package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LookAheadTest extends WorkerFixture {

  private final AtomicBoolean prepared = new AtomicBoolean();

  @Test
  @DisplayName("W06 what is claimed ahead of short jobs is bounded")
  void bounded() throws Exception {
    CountDownLatch end = latch();
    Worker worker = startFrozen(config().lookAhead(2), (payload, context) -> pass(end));
    enqueue("a", "b", "c", "d", "e", "f");

    eventually(() -> worker.status().waiting() == 2);
    assertThat(worker.status().waiting()).isEqualTo(2);
    assertThat(job("d").attempts()).isZero();
    end.countDown();
    for (String id : List.of("a", "b", "c", "d", "e", "f")) {
      assertThat(awaitState(id, JobState.DONE).attempts()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("W06 never more handlers than slots")
  void concurrency() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    for (int i = 0; i < 200; i++) {
      enqueue("job" + i);
    }
    start(
        config().concurrency(3).lookAhead(20),
        (payload, context) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          Thread.onSpinWait();
          running.decrementAndGet();
        });

    for (int i = 0; i < 200; i++) {
      awaitState("job" + i, JobState.DONE);
    }
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  @DisplayName("W06 a job that crashed before is not held ahead, and takes the trust away")
  void crashedBefore() throws Exception {
    notHeldAhead(
        10,
        "crashed",
        1,
        () -> {
          enqueue("crashed");
          claimBriefly();
          eventually(() -> admin.resetExpired(TEXT.queue(), 1).count() == 1);
        });
  }

  @Test
  @DisplayName("W06 a job that a claim finishes, since it crashed too often, takes the trust away")
  void spent() throws Exception {
    notHeldAhead(
        10,
        "last",
        0,
        () -> {
          enqueue(once("spent"));
          claimBriefly();
          enqueue(once("last"));
        });
    assertThat(job("spent").state()).isEqualTo(JobState.FAILED);
  }

  private NewJob once(String id) {
    return client.job(TEXT.withMaxCrashes(1), id, id).build();
  }

  /** Claims a job as a worker does that dies, and returns when its lease has expired. */
  private void claimBriefly() {
    Duration gone = Duration.ofMillis(1);
    var claim = again().jobQueue().claim(ClaimRequest.of(TEXT.queue(), "dead", 1, gone));
    Instant expiry = claim.jobs().get(0).lease().expiresAt();
    eventually(() -> Instant.now().isAfter(expiry));
  }

  @Test
  @DisplayName("W06 a job that only failed before may be held ahead")
  void failedBefore() throws Exception {
    CountDownLatch end = latch();
    CountDownLatch ready = latch();
    Worker worker = blocked(0, new CopyOnWriteArrayList<>(), end, ready);
    enqueue("failed");
    var claimed = again().jobQueue().claim(ClaimRequest.of(TEXT.queue(), "other", 1, FAR)).jobs();
    jobs.settle(List.of(Settlement.retry(claimed.get(0).lease(), Duration.ZERO, "")));
    ready.countDown();
    jobs.hint(TEXT.queue());

    eventually(() -> worker.status().waiting() == 1);
    end.countDown();
    assertThat(awaitState("failed", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(releases("failed")).isZero();
  }

  @Test
  @DisplayName(
      "W06 a job whose next crash would be its last is not held ahead without trust: it starts, or"
          + " it goes back")
  void lastCrash() throws Exception {
    notHeldAhead(0, "last", 0, () -> enqueue(once("last")));
  }

  @Test
  @DisplayName(
      "W06 jobs whose next crash would be their last are held ahead by a worker that ran some")
  void onTrust() throws Exception {
    CountDownLatch end = latch();
    Worker worker =
        startFrozen(
            config().lookAhead(20),
            (payload, context) -> {
              if (payload.startsWith("once")) {
                pass(end);
              }
            });
    enqueue("a", "b", "c");
    eventually(() -> worker.status().settled() == 4);
    for (int i = 0; i < 4; i++) {
      enqueue(once("once" + i));
    }

    eventually(() -> worker.status().waiting() == 2 && job("once3").lease() == null);
    end.countDown();
    for (int i = 0; i < 4; i++) {
      assertThat(awaitState("once" + i, JobState.DONE).attempts()).isEqualTo(1);
    }
  }

  /** The fragile job is claimed when the only slot is taken; another may wait, and it may not. */
  private void notHeldAhead(int ran, String fragile, int attemptsBefore, Runnable enqueueFragile)
      throws Exception {
    CountDownLatch end = latch();
    CountDownLatch ready = latch();
    var started = new CopyOnWriteArrayList<String>();
    Worker worker = blocked(ran, started, end, ready);
    enqueueFragile.run();
    enqueue(client.job(TEXT, "fresh", "fresh").priority(9).build());
    ready.countDown();

    eventually(() -> worker.status().waiting() == 1 && releases(fragile) == 1);
    eventually(() -> job(fragile).attempts() == attemptsBefore && job(fragile).lease() == null);
    assertThat(started).containsExactly("blocker");
    end.countDown();
    assertThat(awaitState(fragile, JobState.DONE).attempts()).isEqualTo(attemptsBefore + 1);
    assertThat(releases(fragile)).as("it does not go back and forth").isEqualTo(1);
  }

  /**
   * A worker that has run so many jobs, whose only slot is taken until the end, and that claims
   * nothing until it is ready.
   */
  private Worker blocked(int ran, List<String> started, CountDownLatch end, CountDownLatch ready) {
    // A claim that is under way has ended before the jobs are there.
    var claims = new Object();
    jobs.onClaim =
        (queue, call) -> {
          synchronized (claims) {
            return ready.getCount() > 0 && prepared.get() ? Claim.empty() : call.get();
          }
        };
    Worker worker =
        startFrozen(
            config().lookAhead(2),
            (payload, context) -> {
              if (payload.equals("ran")) {
                return;
              }
              started.add(payload);
              if (payload.equals("blocker")) {
                pass(end);
              }
            });
    for (int i = 0; i < ran; i++) {
      enqueue(client.job(TEXT, "ran" + i, "ran").build());
    }
    eventually(() -> worker.status().settled() == 1 + ran);
    enqueue("blocker");
    eventually(() -> started.contains("blocker"));
    synchronized (claims) {
      prepared.set(true);
    }
    return worker;
  }

  private long releases(String id) {
    return jobs.settled.stream()
        .flatMap(List::stream)
        .filter(Settlement.Released.class::isInstance)
        .filter(settlement -> settlement.lease().jobId().equals(id))
        .count();
  }

  @Test
  @DisplayName("Q11 W06 a claim that was cut by its bytes is followed by another at once")
  void cutByBytes() {
    CountDownLatch all = latch(4);
    enqueue("a", "b", "c", "d");
    start(
        config().concurrency(4).lookAheadBytes(1).pollInterval(FAR).maxBackoff(FAR),
        (payload, context) -> {
          all.countDown();
          pass(all);
        });
    for (String id : List.of("a", "b", "c", "d")) {
      assertThat(awaitState(id, JobState.DONE).attempts()).isEqualTo(1);
    }
  }
}
