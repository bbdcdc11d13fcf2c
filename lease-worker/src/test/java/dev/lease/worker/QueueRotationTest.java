package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which queue is asked next, where work is expected in all of them. */
class QueueRotationTest {

  private static final WorkerConfig CONFIG = WorkerConfig.builder().build();

  private final ExecutorService threads = HandlerThreads.of(false, "test-handler-", 1);
  private final Slots slots =
      new Slots(
          1,
          new LookAhead(0, Limits.DEFAULT_CLAIM_BYTES, Duration.ofSeconds(1)),
          threads,
          job -> {},
          System::nanoTime,
          () -> {},
          name -> 0);
  private final List<PolledQueue> queues =
      IntStream.range(0, 1_000).mapToObj(i -> new PolledQueue("q" + i, 1, 1, CONFIG)).toList();
  private final QueueRotation rotation = new QueueRotation(queues, Duration.ofHours(1));

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private PolledQueue next() {
    PolledQueue queue =
        Objects.requireNonNull(rotation.next(slots, name -> true, null, null)).queue();
    queue.asked(0);
    // With none, the next hint would be followed a little later.
    queue.answered(1, 1);
    return queue;
  }

  @Test
  @DisplayName("Of a thousand queues that are to be asked, those that were hinted do not wait")
  void hinted() {
    next();
    queues.get(700).hinted();
    assertThat(next()).isSameAs(queues.get(700));

    next();
    for (int i = 700; i < 710; i++) {
      queues.get(i).hinted();
    }
    assertThat(IntStream.range(0, 20).mapToObj(i -> next())).containsAll(queues.subList(700, 710));
  }

  @Test
  @DisplayName("However many hints there are, every queue has its turn")
  void othersHaveTheirTurns() {
    List<PolledQueue> hinted = queues.subList(0, 10);
    int asked = 0;
    while (queues.stream().anyMatch(queue -> !hinted.contains(queue) && queue.isExpected())) {
      hinted.forEach(PolledQueue::hinted);
      next();
      assertThat(++asked).as("claims").isLessThan(3_000);
    }
  }

  @Test
  @DisplayName("W34 a queue that is found while it is removed by hand is not there afterwards")
  void foundWhileRemoved() throws Exception {
    for (PolledQueue queue : queues) {
      var both = new CyclicBarrier(2);
      var finder =
          CompletableFuture.runAsync(
              () -> {
                pass(both);
                rotation.addFound(queue);
              });
      pass(both);
      rotation.remove(queue.name());
      finder.get();
      assertThat(rotation.contains(queue.name())).isFalse();
    }
    assertThat(rotation.size()).isZero();
    assertThat(rotation.add(queues.get(0))).isTrue();
    rotation.remove("never there");
    assertThat(rotation.addFound(new PolledQueue("never there", 1, 1, CONFIG))).isFalse();
  }

  private static void pass(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }
}
