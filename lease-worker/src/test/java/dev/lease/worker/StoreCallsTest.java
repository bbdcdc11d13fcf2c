package dev.lease.worker;

import static dev.lease.worker.WorkerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoreCallsTest {

  private static final StoreCalls.Kind KIND = StoreCalls.Kind.SETTLE;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicLong skipped = new AtomicLong();
  private final AtomicInteger rooms = new AtomicInteger();
  private final Inbox lane = new Inbox(new Signal());
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<String> told = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    end.countDown();
    threads.shutdown();
  }

  private StoreCalls calls(int queues) {
    return calls(queues, () -> System.nanoTime() + skipped.get());
  }

  /** Those whose caller waits for a quick call for as long as a busy machine takes for it. */
  private StoreCalls patientCalls() {
    return calls(1_000, skipped::get);
  }

  /** With queues a, b, and so on. */
  private StoreCalls calls(int number, LongSupplier nanoTime) {
    return calls(
        IntStream.range(0, number).mapToObj(i -> Character.toString('a' + i)).toList(), nanoTime);
  }

  private StoreCalls calls(List<String> queues, LongSupplier nanoTime) {
    return new StoreCalls(
        StoreCalls.MOST,
        queues::stream,
        queue -> queue.startsWith("west") ? "west" : "",
        Duration.ofHours(1),
        threads,
        nanoTime,
        rooms::incrementAndGet);
  }

  /** A call that waits for the end of the test, whatever interrupts it. */
  private StoreCalls.Call<String> hanging(String queue) {
    return call(
        queue,
        () -> {
          WorkerFixture.passStubbornly(end);
          return "late";
        });
  }

  private StoreCalls.Call<String> quick(String queue) {
    return call(queue, () -> "answer");
  }

  private StoreCalls.Call<String> call(String queue, Supplier<String> send) {
    return new StoreCalls.Call<>(
        KIND,
        queue,
        send,
        answer -> told.add(queue + " " + answer),
        failure -> told.add(queue + " " + failure.getClass().getSimpleName()));
  }

  @Test
  @DisplayName("an answer that comes soon, and a failure, are handled by the caller")
  void soon() {
    StoreCalls calls = calls(1);
    assertThat(calls.make(quick("one"), lane)).isTrue();
    calls.make(
        call(
            "two",
            () -> {
              throw new IllegalStateException("no");
            }),
        lane);
    eventually(
        () -> {
          lane.empty();
          return told.size() == 2;
        });
  }

  @Test
  @DisplayName("a call that lasts is left, and its answer comes to the lane")
  void left() {
    StoreCalls calls = calls(2);
    calls.make(hanging("a"), lane);
    assertThat(calls.isLeft(KIND, "a")).isTrue();
    assertThat(calls.lasting(Duration.ZERO))
        .singleElement()
        .satisfies(
            lasting ->
                assertThat(lasting.reason())
                    .startsWith("a settlement of queue a has not returned for ")
                    .doesNotContain("PT"));
    calls.make(quick("b"), lane);
    eventually(
        () -> {
          lane.empty();
          return told.equals(List.of("b answer"));
        });
    end.countDown();
    eventually(() -> !calls.isLeft(KIND, "a"));
    assertThat(told).as("not before the lane comes to it").hasSize(1);
    eventually(
        () -> {
          lane.empty();
          return told.contains("a late");
        });
  }

  @Test
  @DisplayName("W23 while three queues hang, all others have room, and none has a second call")
  void bound() {
    StoreCalls calls = calls(1_000);
    for (String queue : List.of("a", "b", "c")) {
      calls.start(hanging(queue));
      assertThat(calls.hasRoom(KIND, queue)).as("a second call of %s", queue).isFalse();
    }
    for (int i = 0; i < 20; i++) {
      String queue = "well" + i;
      assertThat(calls.make(quick(queue), lane)).isTrue();
      eventually(() -> !calls.isUnderWay(KIND, queue));
    }
    calls.start(hanging("d"));
    assertThat(calls.make(quick("e"), lane)).as("the fifth").isFalse();
    assertThat(calls.hasRoom(StoreCalls.Kind.CLAIM, "e")).as("another kind").isTrue();
    int before = rooms.get();
    end.countDown();
    eventually(() -> rooms.get() > before);
    eventually(() -> calls.hasRoom(KIND, "e"));
  }

  @Test
  @DisplayName("W23 while all queues of a store hang, those of another store have room")
  void stores() {
    StoreCalls calls = calls(1_000);
    IntStream.range(0, StoreCalls.MOST).forEach(i -> calls.start(hanging("west" + i)));
    assertThat(calls.hasRoom(KIND, "west9")).as("of the same store").isFalse();
    assertThat(calls.make(quick("east"), lane)).isTrue();
  }

  @Test
  @DisplayName("a queue has a second call while each other queue has room for a first one")
  void second() {
    StoreCalls calls = calls(2);
    calls.start(hanging("a"));
    calls.start(hanging("a"));
    calls.start(hanging("a"));
    assertThat(calls.hasRoom(KIND, "a")).isFalse();
    assertThat(calls.make(quick("b"), lane)).isTrue();
  }

  @Test
  @DisplayName("W23 queues of another store leave their room to those of this one")
  void secondBesideAnotherStore() {
    StoreCalls calls = calls(List.of("a", "west1", "west2", "west3"), System::nanoTime);
    calls.start(hanging("a"));
    assertThat(calls.hasRoom(KIND, "a")).as("the only one of its store").isTrue();
    calls.start(hanging("west1"));
    assertThat(calls.make(quick("west1"), lane)).as("two others of its store").isTrue();
    calls.start(hanging("west1"));
    assertThat(calls.hasRoom(KIND, "west1")).as("the last places are theirs").isFalse();
  }

  @Test
  @DisplayName("W29 a call that lasts longer than its store says is given up, and may still answer")
  void givenUp() {
    StoreCalls calls = calls(1_000);
    calls.make(hanging("a"), lane);
    calls.giveUp();
    lane.empty();
    assertThat(told).isEmpty();
    skipped.set(Duration.ofHours(2).toNanos());
    assertThat(calls.hasRoom(KIND, "a")).isFalse();
    calls.giveUp();
    calls.giveUp();
    assertThat(calls.hasRoom(KIND, "a")).isTrue();
    lane.empty();
    assertThat(told).containsExactly("a " + StoreException.class.getSimpleName());
    assertThat(calls.lasting(Duration.ofHours(1))).hasSize(1);
    assertThat(calls.make(quick("a"), lane)).isTrue();
    eventually(
        () -> {
          lane.empty();
          return told.contains("a answer");
        });
    assertThat(calls.lasting(Duration.ofHours(1))).as("another call has worked").isEmpty();
    end.countDown();
    eventually(
        () -> {
          lane.empty();
          return told.contains("a late");
        });
  }

  @Test
  @DisplayName("calls that never return take no place of others, and become fewer and fewer")
  void neverReturning() {
    StoreCalls calls = calls(1_000);
    int made = 0;
    for (int hours = 0; hours < 1_000; hours++) {
      for (int queue = 0; queue < 3; queue++) {
        made += calls.start(hanging("queue" + queue)) ? 1 : 0;
      }
      assertThat(calls.hasRoom(KIND, "well")).isTrue();
      skipped.addAndGet(Duration.ofMinutes(61).toNanos());
      calls.giveUp();
    }
    assertThat(made).isBetween(3 * 8, 3 * 14);
  }

  @Test
  @DisplayName(
      "W29 a call that hung is no reason to wait once another has worked, unless many hang")
  void nowAndThen() {
    StoreCalls calls = patientCalls();
    int hung = 0;
    for (int days = 0; days < 100; days++) {
      hung += calls.start(hanging("a")) ? 1 : 0;
      skipped.addAndGet(Duration.ofHours(2).toNanos());
      calls.giveUp();
      if (days < StoreCalls.MOST) {
        assertThat(calls.make(quick("a"), lane)).isTrue();
        assertThat(told).hasSize(2 * hung);
        assertThat(calls.hasRoom(KIND, "a")).as("after %d that hung", hung).isTrue();
      } else {
        calls.make(quick("a"), lane);
      }
      skipped.addAndGet(Duration.ofDays(1).toNanos());
    }
    assertThat(hung).isBetween(StoreCalls.MOST, 2 * StoreCalls.MOST + 7);
  }

  @Test
  @DisplayName("a caller waits for room while calls of its queue come and go, and not if one lasts")
  void roomForACaller() throws Exception {
    StoreCalls calls = patientCalls();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      callers.add(WorkerFixture.inBackground(() -> calls.makeIfRoom(quick("a"))));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(told).hasSize(50);
    calls.start(hanging("a"));
    calls.makeIfRoom(quick("a"));
    assertThat(told).hasSize(50);
  }

  @Test
  @DisplayName("a caller that has waited for room waits for its call for what is left of a second")
  void aSecondInAll() {
    StoreCalls calls = patientCalls();
    CountDownLatch room = new CountDownLatch(1);
    WorkerFixture.inBackground(
        () ->
            calls.makeIfRoom(
                call(
                    "a",
                    () -> {
                      WorkerFixture.passStubbornly(room);
                      return "first";
                    })));
    eventually(() -> calls.isUnderWay(KIND, "a"));
    CountDownLatch sent = new CountDownLatch(1);
    Thread caller =
        WorkerFixture.inBackground(
            () ->
                calls.makeIfRoom(
                    call(
                        "a",
                        () -> {
                          sent.countDown();
                          WorkerFixture.passStubbornly(end);
                          return "second";
                        })));
    eventually(() -> caller.getState() == Thread.State.TIMED_WAITING);
    skipped.addAndGet(Duration.ofMillis(900).toNanos());
    room.countDown();
    WorkerFixture.passStubbornly(sent);
    skipped.addAndGet(Duration.ofMillis(100).toNanos());
    eventually(() -> !caller.isAlive());
    assertThat(calls.isLeft(KIND, "a")).isTrue();
  }

  @Test
  @DisplayName("W24 where no thread can be made, the caller makes the call")
  void noThread() {
    var calls =
        new StoreCalls(
            StoreCalls.MOST,
            Stream::empty,
            queue -> "",
            Duration.ofHours(1),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            },
            System::nanoTime,
            () -> {});
    assertThat(calls.make(quick("a"), lane)).isTrue();
    assertThat(told).containsExactly("a answer");
  }

  @Test
  @DisplayName("a call on the caller's own thread is told while it lasts, and takes no room")
  void here() {
    StoreCalls calls = calls(1);
    Thread caller =
        WorkerFixture.inBackground(
            () ->
                calls.here(
                    StoreCalls.Kind.STEP,
                    "a",
                    () -> {
                      WorkerFixture.passStubbornly(end);
                      return "";
                    }));
    eventually(() -> calls.lasting(Duration.ZERO).size() == 1);
    assertThat(calls.hasRoom(StoreCalls.Kind.STEP, "a")).isTrue();
    end.countDown();
    eventually(() -> !caller.isAlive());
    assertThat(calls.lasting(Duration.ZERO)).isEmpty();
  }
}
