package dev.lease.worker;

import static dev.lease.worker.WorkerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The subscriptions of queues that come and go, with a lane that the test does. */
class QueueHintsTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final StoreCalls calls =
      new StoreCalls(
          StoreCalls.MOST,
          Stream::empty,
          queue -> "",
          WorkerFixture.FAR,
          threads,
          System::nanoTime,
          () -> {});
  private final InMemoryBackend backend = new InMemoryBackend(new ManualClock());
  private final FaultyQueue jobs = new FaultyQueue(backend.jobQueue());
  private final PolledQueue queue = new PolledQueue("q", 1, 1, WorkerConfig.builder().build());
  private final QueueRotation rotation = new QueueRotation(List.of(queue), Duration.ofHours(1));
  private final Inbox lane = new Inbox(new Signal());
  private final QueueHints hints =
      new QueueHints("test", jobs, calls, lane, rotation::all, () -> {});
  private final AtomicInteger open = new AtomicInteger();
  private final CountDownLatch room = new CountDownLatch(1);

  @BeforeEach
  void count() {
    jobs.onSubscribe =
        (name, call) -> {
          var subscription = call.get();
          open.incrementAndGet();
          return () -> {
            subscription.close();
            open.decrementAndGet();
          };
        };
  }

  @AfterEach
  void end() {
    room.countDown();
    threads.shutdown();
    backend.close();
  }

  private long round() {
    lane.empty();
    return hints.round();
  }

  private void awaitOpen(int count) {
    eventually(
        () ->
            round() == Long.MAX_VALUE
                && !calls.isUnderWay(StoreCalls.Kind.SUBSCRIBE, "hints")
                && open.get() == count);
  }

  /** Takes all places of long calls. */
  private void takeRoom() {
    for (String other : List.of("one", "two")) {
      calls.start(
          StoreCalls.Call.of(
              StoreCalls.Kind.UPKEEP, other, () -> WorkerFixture.passStubbornly(room), e -> {}));
    }
  }

  @Test
  @DisplayName("Q55 a queue whose subscription found no room has hints when there is room")
  void noRoom() {
    takeRoom();
    assertThat(round()).as("comes again").isLessThan(Long.MAX_VALUE);
    assertThat(open).hasValue(0);
    room.countDown();
    awaitOpen(1);
    jobs.hint("q");
    eventually(queue::isHinted);
  }

  @Test
  @DisplayName("W34 the hints of a removed queue end when there is room, and come again with it")
  void removed() {
    awaitOpen(1);
    takeRoom();
    rotation.remove("q");
    hints.changed();
    assertThat(round()).as("comes again").isLessThan(Long.MAX_VALUE);
    assertThat(open).hasValue(1);
    room.countDown();
    awaitOpen(0);

    rotation.add(queue);
    hints.changed();
    awaitOpen(1);
    jobs.hint("q");
    eventually(queue::isHinted);
  }

  @Test
  @DisplayName("W34 a subscription that comes when its queue is gone, or at the end, is closed")
  void late() {
    var fault = jobs.onSubscribe;
    jobs.onSubscribe =
        (name, call) -> {
          WorkerFixture.pass(room);
          return fault.around(name, call);
        };
    rotation.add(new PolledQueue("other", 1, 1, WorkerConfig.builder().build()));
    round();
    rotation.remove("q");
    hints.changed();
    assertThat(round()).as("while a call is under way").isLessThan(Long.MAX_VALUE);
    room.countDown();
    awaitOpen(1);

    hints.end();
    assertThat(open).hasValue(0);
    rotation.add(queue);
    hints.changed();
    assertThat(round()).isEqualTo(Long.MAX_VALUE);
    assertThat(open).hasValue(0);
  }
}
