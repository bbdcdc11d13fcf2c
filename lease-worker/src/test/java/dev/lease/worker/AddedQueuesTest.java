package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Queues that come and go while a worker runs. */
class AddedQueuesTest extends WorkerFixture {

  private final Set<String> ran = ConcurrentHashMap.newKeySet();

  /** How many claims from queues of tenants are under way. */
  private final AtomicInteger claiming = new AtomicInteger();

  private Worker.Builder worker() {
    return Parts.worker(jobs, admin)
        .config(config().build())
        .handle(TEXT, (payload, context) -> ran.add(context.queue() + " " + payload));
  }

  @BeforeEach
  void count() {
    jobs.onClaim =
        (queue, call) -> {
          boolean isTenant = queue.startsWith("tenant-");
          claiming.addAndGet(isTenant ? 1 : 0);
          try {
            return call.get();
          } finally {
            claiming.addAndGet(isTenant ? -1 : 0);
          }
        };
  }

  private void enqueueIn(String queue, String id) {
    client.enqueue(client.job(TEXT.in(queue), id, id).build());
  }

  private Job jobIn(String queue, String id) {
    return jobs.find(queue, id).orElseThrow();
  }

  private void awaitDone(String queue, String id) {
    eventually(() -> jobIn(queue, id).state() == JobState.DONE);
  }

  /** Waits until the worker has claimed from its first queue several times more. */
  private void awaitRounds() {
    int before = jobs.claims.size();
    eventually(() -> jobs.claims.size() > before + 5);
  }

  @Test
  @DisplayName("W34 queues that are added are worked on at once, each type by its handler")
  void added() {
    Worker worker = start(worker().config(config().pollInterval(FAR).maxBackoff(FAR).build()));
    enqueueIn("tenant-1", "waits");
    for (int i = 1; i <= 3; i++) {
      assertThat(worker.addQueue("tenant-" + i)).isTrue();
    }
    assertThat(worker.addQueue("tenant-1")).isFalse();
    assertThat(worker.addQueue(TEXT.queue())).isFalse();
    awaitDone("tenant-1", "waits");
    // By the hints of these queues: the poll is far off.
    for (int i = 1; i <= 3; i++) {
      enqueueIn("tenant-" + i, "later");
      awaitDone("tenant-" + i, "later");
    }
    enqueue("first");
    awaitState("first", JobState.DONE);
    assertThat(ran)
        .containsExactlyInAnyOrder(
            "tenant-1 waits", "tenant-1 later", "tenant-2 later", "tenant-3 later", "texts first");
  }

  @Test
  @DisplayName("W34 a queue that is added before the start is worked on from the start")
  void addedBefore() {
    Worker worker = worker().build();
    assertThat(worker.addQueue("tenant-1")).isTrue();
    started(worker);
    enqueueIn("tenant-1", "a");
    awaitDone("tenant-1", "a");
  }

  @Test
  @DisplayName("W34 a queue that is removed gives no more jobs, and those under way end normally")
  void removed() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    Worker worker =
        start(
            Parts.worker(jobs, admin)
                .config(config().concurrency(2).build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      if (payload.equals("under way")) {
                        running.countDown();
                        pass(end);
                      }
                    }));
    worker.addQueue("tenant-1");
    enqueueIn("tenant-1", "under way");
    pass(running);

    assertThat(worker.removeQueue("tenant-1")).isTrue();
    assertThat(worker.removeQueue("tenant-1")).isFalse();
    awaitRounds();
    eventually(() -> claiming.get() == 0);
    enqueueIn("tenant-1", "left");
    awaitRounds();
    assertThat(jobIn("tenant-1", "left").state()).isEqualTo(JobState.PENDING);
    end.countDown();
    awaitDone("tenant-1", "under way");
    assertThat(worker.status().lost()).isZero();

    assertThat(worker.addQueue("tenant-1")).isTrue();
    awaitDone("tenant-1", "left");
    assertThat(worker.removeQueue(TEXT.queue())).isTrue();
    enqueueIn("tenant-1", "more");
    awaitDone("tenant-1", "more");
  }

  @Test
  @DisplayName("W34 a queue that comes back has no more slots than before: old jobs take theirs")
  void slotsOfBoth() throws Exception {
    CountDownLatch first = latch();
    CountDownLatch end = latch();
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(
                    config()
                        .concurrency(4)
                        .queue(TEXT.queue(), QueueShare.DEFAULT.withSlots(1))
                        .build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      ran.add(payload);
                      first.countDown();
                      pass(end);
                    }));
    worker.addQueue("tenant-1");
    enqueue("first");
    pass(first);
    worker.removeQueue(TEXT.queue());
    worker.addQueue(TEXT.queue());
    enqueue("second");
    awaitRounds();
    assertThat(ran).containsExactly("first");
    assertThat(worker.status().waiting()).isZero();
    end.countDown();
    awaitState("second", JobState.DONE);
  }

  @Test
  @DisplayName("W34 the outage of a queue ends when the queue is removed, and may begin again")
  void outage() {
    jobs.onClaim =
        (queue, call) -> {
          if (queue.startsWith("tenant-")) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    Worker worker = start(worker());
    worker.addQueue("tenant-1");
    for (int i = 0; i < 2; i++) {
      eventually(() -> worker.health().status() == WorkerHealth.Status.DEGRADED);
      worker.removeQueue("tenant-1");
      eventually(() -> worker.health().status() == WorkerHealth.Status.UP);
      awaitRounds();
      assertThat(worker.health().status()).isEqualTo(WorkerHealth.Status.UP);
      worker.addQueue("tenant-1");
    }
    jobs.onClaim = (queue, call) -> call.get();
    enqueueIn("tenant-1", "a");
    awaitDone("tenant-1", "a");
    eventually(() -> worker.health().status() == WorkerHealth.Status.UP);
  }

  @Test
  @DisplayName("W34 a claim that fails after its queue was removed is no outage")
  void lateFailure() throws Exception {
    CountDownLatch claims = latch();
    CountDownLatch removed = latch();
    jobs.onClaim =
        (queue, call) -> {
          if (queue.startsWith("tenant-")) {
            claims.countDown();
            pass(removed);
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    Worker worker = start(worker());
    worker.addQueue("tenant-1");
    pass(claims);
    worker.removeQueue("tenant-1");
    removed.countDown();
    worker.stop();
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  /** Starts a worker whose handler runs each job until its latch is open. */
  private Worker startHolding(Map<String, CountDownLatch> ends) {
    CountDownLatch running = latch(ends.size());
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().concurrency(ends.size()).build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      running.countDown();
                      pass(Objects.requireNonNull(ends.get(payload)));
                    }));
    worker.addQueue("tenant-1");
    for (String id : ends.keySet()) {
      enqueueIn(id.equals("gone") ? "tenant-1" : TEXT.queue(), id);
    }
    eventually(() -> running.getCount() == 0);
    worker.removeQueue("tenant-1");
    return worker;
  }

  private void settlementsHang(String queue, CountDownLatch end) {
    jobs.onSettle =
        (all, call) -> {
          if (all.get(0).lease().queue().equals(queue)) {
            passStubbornly(end);
          }
          return call.get();
        };
  }

  @Test
  @DisplayName("W23 W34 settlements that hang leave a place to those of a queue that was removed")
  void placeOfRemoved() {
    Map<String, CountDownLatch> ends = new LinkedHashMap<>();
    for (String id : List.of("a", "b", "c", "d", "gone")) {
      ends.put(id, latch());
    }
    Worker worker = startHolding(ends);
    settlementsHang(TEXT.queue(), latch());
    List<CountDownLatch> inTurn = List.copyOf(ends.values());
    // Three calls, and what would be the fourth.
    for (int i = 1; i <= 4; i++) {
      int ended = i;
      inTurn.get(i - 1).countDown();
      eventually(() -> worker.status().unsettled() == ended);
      eventually(() -> jobs.settled.size() >= Math.min(ended, 3));
    }
    inTurn.get(4).countDown();
    awaitDone("tenant-1", "gone");
    assertThat(jobs.settled.get(3).get(0).lease().queue()).as("the fourth").isEqualTo("tenant-1");
  }

  @Test
  @DisplayName("W34 a settlement of a queue that was removed counts as unsettled while it hangs")
  void unsettledOfRemoved() {
    CountDownLatch end = latch();
    Worker worker = startHolding(Map.of("gone", end));
    CountDownLatch settle = latch();
    settlementsHang("tenant-1", settle);
    end.countDown();
    eventually(() -> worker.status().unsettled() == 1);
    settle.countDown();
    awaitDone("tenant-1", "gone");
    eventually(() -> worker.status().unsettled() == 0);
  }

  @Test
  @DisplayName("W14 expired jobs of a queue that is added are reset at once")
  void reset() {
    enqueueIn("tenant-1", "crashed");
    NewJob last = client.job(TEXT.in("tenant-1"), "last", "last").maxCrashes(1).build();
    enqueue(last);
    jobs.claim(ClaimRequest.of("tenant-1", "dead", 2, Duration.ofMillis(100)));
    eventually(
        () ->
            admin.counts().queues().stream()
                .anyMatch(counts -> counts.queue().equals("tenant-1") && counts.expired() == 2));
    admin.pause("tenant-1");
    Worker worker = start(worker().config(config().purgeInterval(FAR).build()));
    worker.addQueue("tenant-1");
    eventually(() -> jobIn("tenant-1", "last").state() == JobState.FAILED);
    assertThat(jobIn("tenant-1", "crashed").state()).isEqualTo(JobState.RETRY);
  }

  @Test
  @DisplayName("W34 queues with a prefix are found, and one that was removed by hand is left alone")
  void found() {
    enqueueIn("tenant-1", "a");
    enqueueIn("other-1", "a");
    Worker.Builder builder = worker().queuesWithPrefix("tenant-").queuesWithPrefix("guest-");
    builder.lookForQueues = Duration.ofMillis(10);
    Worker worker = start(builder);
    awaitDone("tenant-1", "a");
    enqueueIn("tenant-2", "a");
    enqueueIn("guest-1", "a");
    awaitDone("tenant-2", "a");
    awaitDone("guest-1", "a");

    assertThat(worker.removeQueue("tenant-2")).isTrue();
    awaitRounds();
    eventually(() -> claiming.get() == 0);
    enqueueIn("tenant-2", "left");
    enqueueIn("tenant-3", "a");
    awaitDone("tenant-3", "a");
    assertThat(jobIn("tenant-2", "left").state()).isEqualTo(JobState.PENDING);
    assertThat(jobIn("other-1", "a").state()).isEqualTo(JobState.PENDING);
    assertThat(worker.addQueue("tenant-2")).isTrue();
    awaitDone("tenant-2", "left");
  }

  @Test
  @DisplayName("W34 a schedule and an interceptor may be in a queue that a prefix finds")
  void inFoundQueue() {
    Set<String> intercepted = ConcurrentHashMap.newKeySet();
    HandlerInterceptor interceptor =
        (context, call) -> {
          intercepted.add(context.queue());
          call.proceed();
        };
    TestWorker worker =
        TestWorker.of(
            worker()
                .queuesWithPrefix("tenant-")
                .intercept(TEXT.in("tenant-1"), interceptor)
                .schedule(Schedule.afterDelay("tick", TEXT.in("tenant-1"), "tick", FAR)));
    enqueue("text");
    enqueueIn("tenant-1", "one");
    enqueueIn("tenant-2", "two");
    enqueueIn("other-1", "other");
    worker.drain();

    assertThat(ran).containsExactlyInAnyOrder("texts text", "tenant-1 one", "tenant-2 two");
    assertThat(intercepted).containsExactly("tenant-1");
    assertThat(jobs.find("tenant-1", "schedule:tick")).isPresent();
    worker.run(TEXT.in("other-2"), "by hand");
    assertThat(ran).contains("other-2 by hand");
  }

  @Test
  @DisplayName("W34 a queue that is added has the share that it is given")
  void share() {
    CountDownLatch end = latch();
    for (int i = 1; i <= 4; i++) {
      enqueueIn("tenant-1", "slow " + i);
    }
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().concurrency(4).build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      if (payload.startsWith("slow")) {
                        pass(end);
                      }
                    }));
    assertThat(worker.addQueue("tenant-1", QueueShare.DEFAULT.withSlots(3))).isTrue();
    eventually(() -> worker.status().active().size() == 3);
    enqueue("text");
    awaitState("text", JobState.DONE);
    assertThat(worker.status().active()).hasSize(3);
  }

  @Test
  @DisplayName("a queue with more slots than the worker is refused, and not added")
  void moreSlots() {
    Worker worker = start(worker());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.addQueue("tenant-1", QueueShare.DEFAULT.withSlots(10_001)))
        .withMessageContainingAll("tenant-1", "1 to 1", "was 10001", "raise the concurrency");
    assertThat(worker.status().queues()).doesNotContain("tenant-1");
  }

  @Test
  @DisplayName("W34 a status names the queues that the worker has now")
  void status() {
    Worker worker = worker().build();
    worker.addQueue("tenant-1");
    assertThat(worker.status().queues()).containsExactly(TEXT.queue(), "tenant-1");
    worker.removeQueue(TEXT.queue());
    assertThat(worker.status().queues()).containsExactly("tenant-1");
  }

  @Test
  @DisplayName("what cannot be done is refused")
  void refused() {
    Worker worker = started(worker().build());
    assertThatIllegalArgumentException().isThrownBy(() -> worker.addQueue(" "));
    assertThatIllegalArgumentException().isThrownBy(() -> worker().queuesWithPrefix(""));
    worker.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> worker.addQueue("tenant-1"))
        .withMessageContaining("tenant-1");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () ->
                Parts.worker(jobs)
                    .handle(TEXT, (payload, context) -> {})
                    .queuesWithPrefix("tenant-")
                    .build())
        .withMessageContainingAll("capability ADMIN", "which queues begin with tenant-");
  }
}
