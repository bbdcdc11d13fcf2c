package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lease.Claim;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What workers, queues and jobs cost each other. */
class FairnessTest extends WorkerFixture {

  private static final JobType<String> OTHER = JobType.of("others", "text", String.class);

  private void enqueueMany(JobType<String> type, int count, String prefix) {
    client.enqueue(
        IntStream.range(0, count)
            .mapToObj(i -> client.job(type, prefix + i, prefix).build())
            .toList());
  }

  @Test
  @DisplayName("W06 long jobs are shared by two workers, at the defaults")
  void shared() {
    CountDownLatch end = latch();
    WorkerConfig.Builder defaults = WorkerConfig.builder().concurrency(4).stopGrace(LONG);
    enqueueMany(TEXT, 8, "job");
    Worker first = start(defaults.name("first"), (payload, context) -> pass(end));
    eventually(() -> first.status().active().size() == 4);
    Worker second = start(defaults.name("second"), (payload, context) -> pass(end));
    eventually(() -> second.status().active().size() == 4);
    assertThat(first.status().waiting()).isZero();
    end.countDown();
    eventually(() -> first.status().settled() == 4 && second.status().settled() == 4);
  }

  @Test
  @DisplayName("W06 what waits behind a handler that hangs goes back, and an idle worker runs it")
  void hostages() {
    CountDownLatch hang = latch();
    WorkerConfig.Builder config = config().lookAhead(1_000);
    Worker first =
        start(
            config.name("first"),
            (payload, context) -> {
              if (payload.equals("hangs")) {
                pass(hang);
              }
            });
    enqueueMany(TEXT, 30, "short");
    eventually(() -> first.status().settled() == 30);
    client.enqueue(
        List.of(
            client.job(TEXT, "hangs", "hangs").priority(9).build(),
            client.job(TEXT, "hostage1", "").build(),
            client.job(TEXT, "hostage2", "").build()));
    eventually(() -> first.status().active().size() == 1);

    start(config.name("second"), (payload, context) -> {});
    assertThat(awaitState("hostage1", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(awaitState("hostage2", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(job("hangs").state()).isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("W23 a queue whose claims hang does not delay the others")
  void slowQueue() throws Exception {
    CountDownLatch quickIsDone = latch();
    CountDownLatch firstIsBack = latch();
    var claims = new AtomicInteger();
    jobs.onClaim =
        (queue, call) -> {
          if (queue.equals(OTHER.queue())) {
            if (claims.incrementAndGet() == 1) {
              // The first is asked with the others, until it is known to be slow.
              Thread.sleep(1_000);
              Claim empty = call.get();
              firstIsBack.countDown();
              return empty;
            }
            pass(quickIsDone);
          }
          return call.get();
        };
    enqueueMany(TEXT, 20, "before");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().concurrency(2).build())
                .handle(TEXT, (payload, context) -> {})
                .handle(OTHER, (payload, context) -> {}));
    eventually(() -> worker.status().settled() == 20);
    // Else the first takes the job, and more are settled than this waits for.
    pass(firstIsBack);
    eventually(() -> claims.get() >= 2);
    enqueueMany(OTHER, 1, "slow");
    for (int i = 0; i < 20; i++) {
      enqueueMany(TEXT, 1, "after" + i + "-");
    }
    eventually(() -> worker.status().settled() == 40);
    quickIsDone.countDown();
    eventually(() -> worker.status().settled() == 41);
  }

  @Test
  @DisplayName("W23 a queue that cannot be claimed from does not delay the others, and comes back")
  void failingQueue() {
    CountDownLatch up = latch();
    jobs.onClaim =
        (queue, call) -> {
          if (queue.equals(OTHER.queue()) && up.getCount() > 0) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    enqueueMany(OTHER, 1, "late");
    enqueueMany(TEXT, 50, "text");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().build())
                .handle(TEXT, (payload, context) -> {})
                .handle(OTHER, (payload, context) -> {}));
    eventually(() -> worker.status().settled() == 50);
    eventually(() -> logs.at(ch.qos.logback.classic.Level.ERROR).size() == 1);
    up.countDown();
    eventually(() -> worker.status().settled() == 51);
  }

  @Test
  @DisplayName("W23 empty queues beside a busy one are asked when work is expected there, not more")
  void emptyQueues() {
    int empty = 49;
    Map<String, AtomicInteger> claims = new ConcurrentHashMap<>();
    jobs.onClaim =
        (queue, call) -> {
          claims.computeIfAbsent(queue, name -> new AtomicInteger()).incrementAndGet();
          return call.get();
        };
    Worker.Builder builder =
        Parts.worker(jobs)
            .config(config().concurrency(4).pollInterval(FAR).maxBackoff(FAR).build())
            .handle(TEXT, (payload, context) -> {});
    for (int i = 0; i < empty; i++) {
      builder.handle(JobType.of("empty" + i, "text", String.class), (payload, context) -> {});
    }
    enqueueMany(TEXT, 400, "text");
    Worker worker = start(builder);
    eventually(() -> worker.status().settled() == 400);
    int ofEmpty =
        claims.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(TEXT.queue()))
            .mapToInt(entry -> entry.getValue().get())
            .sum();
    // At the start, and once more where the store gives a hint when it begins to.
    assertThat(ofEmpty).isBetween(empty, 2 * empty);
  }

  @Test
  @DisplayName("W23 a queue with a limit leaves slots to the others")
  void limit() {
    CountDownLatch end = latch();
    enqueueMany(OTHER, 40, "slow");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(
                    config()
                        .concurrency(4)
                        .queue(OTHER.queue(), QueueShare.DEFAULT.withSlots(3))
                        .build())
                .handle(TEXT, (payload, context) -> {})
                .handle(OTHER, (payload, context) -> pass(end)));
    eventually(() -> worker.status().active().size() == 3);
    enqueueMany(TEXT, 10, "text");
    eventually(() -> worker.status().settled() == 10);
    assertThat(worker.status().active()).hasSize(3);
  }

  @Test
  @DisplayName("W23 a queue has as many turns as it weighs")
  void weight() {
    var asked = new CopyOnWriteArrayList<String>();
    enqueueMany(OTHER, 40, "other");
    enqueueMany(TEXT, 40, "text");
    Worker worker =
        started(
            Parts.worker(jobs)
                .config(
                    config()
                        .pollInterval(FAR)
                        .maxBackoff(FAR)
                        .queue(OTHER.queue(), QueueShare.DEFAULT.withWeight(3))
                        .build())
                .handle(TEXT, (payload, context) -> asked.add("t"))
                .handle(OTHER, (payload, context) -> asked.add("o"))
                // No claim lasts, also on a busy machine: one that does leaves its turns to others.
                .build(FROZEN, Thread::new));
    eventually(() -> worker.status().settled() == 80);
    assertThat(String.join("", asked)).contains("toootooot");
  }

  @Test
  void aShareForAQueueWithoutHandlerIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Parts.worker(jobs)
                    .config(config().queue("typo", QueueShare.DEFAULT).build())
                    .handle(TEXT, (payload, context) -> {})
                    .build())
        .withMessageContaining("typo");
  }

  @Test
  @DisplayName("W10 a worker without the type asks less and less often, and loses no job")
  void unknownType() {
    client.enqueue(
        IntStream.range(0, 100)
            .mapToObj(i -> NewJob.builder(TEXT.queue(), "u" + i, "unknown", "\"\"").build())
            .toList());
    start(
        config().unknownTypeDelay(FAR).pollInterval(java.time.Duration.ofMillis(1)),
        (payload, context) -> {});
    // With pauses that double from 50 ms this takes 3 s; without, some milliseconds.
    eventually(() -> jobs.claims.size() >= 7);
    long released = jobs.settled.stream().mapToLong(List::size).sum();
    assertThat(released).isLessThan(20);
    Worker knows =
        start(
            Parts.worker(again().jobQueue())
                .config(config().name("knows").concurrency(4).build())
                .handle(
                    JobType.of(TEXT.queue(), "unknown", String.class), (payload, context) -> {}));
    eventually(() -> knows.status().settled() >= 100 - released);
  }
}
