package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import dev.lease.worker.StoreCalls.Call;
import dev.lease.worker.StoreCalls.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoreCallsInterleavedTest {

  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final long PATIENCE_IS_OVER = Duration.ofMillis(101).toNanos();

  private static Call<Integer> call(
      Kind kind, CountDownLatch answer, AtomicInteger answered, AtomicInteger failed) {
    return new Call<>(
        kind,
        "q",
        () -> {
          await(answer);
          return 1;
        },
        one -> answered.addAndGet(one),
        e -> failed.incrementAndGet());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Planted: the caller looks whether its call has ended before it takes the lock to leave it. */
  @Test
  void handlesTheAnswerOfACallThatItsCallerLeavesOnce() {
    Schedules.search(
        "calls-leave",
        () -> {
          var crew = new Crew();
          var now = new AtomicLong();
          var lane = Thread.currentThread();
          var inbox = new Inbox(new Signal());
          var answered = new AtomicInteger();
          var failed = new AtomicInteger();
          var calls =
              new StoreCalls(1, Stream::empty, queue -> "", LONGEST, crew, now::get, () -> {});
          crew.go(
              () -> {
                now.set(PATIENCE_IS_OVER);
                LockSupport.unpark(lane);
              });

          calls.make(call(Kind.CLAIM, new CountDownLatch(0), answered, failed), inbox);
          crew.join();
          inbox.empty();

          assertThat(List.of(answered.get(), failed.get())).containsExactly(1, 0);
        });
  }

  /** Planted: a call that has ended tells of its place before it has left it. */
  @Test
  void tellsOfRoomWhenThereIsSome() {
    Schedules.search(
        "calls-room",
        () -> {
          var crew = new Crew();
          var room = new Signal();
          var answered = new AtomicInteger();
          var failed = new AtomicInteger();
          var calls =
              new StoreCalls(
                  1, Stream::empty, queue -> "", LONGEST, crew, System::nanoTime, room::raise);
          var now = new CountDownLatch(0);
          calls.start(call(Kind.CLAIM, now, answered, failed));

          while (!calls.start(call(Kind.CLAIM, now, answered, failed))) {
            room.await(HOUR);
          }
          crew.join();

          assertThat(answered).hasValue(2);
        });
  }

  /** Planted: whoever waits for room is not notified, and waits a second. */
  @Test
  void makesTheCallOfAThreadThatWaitsForRoom() {
    Schedules.search(
        "calls-wait",
        () -> {
          var crew = new Crew();
          var answered = new AtomicInteger();
          var failed = new AtomicInteger();
          var calls =
              new StoreCalls(
                  1, Stream::empty, queue -> "", LONGEST, crew, System::nanoTime, () -> {});
          var now = new CountDownLatch(0);
          long begun = System.nanoTime();
          for (int i = 0; i < 2; i++) {
            crew.go(() -> calls.makeIfRoom(call(Kind.STEP, now, answered, failed)));
          }
          calls.makeIfRoom(call(Kind.FIND, now, answered, failed));
          crew.join();

          assertThat(answered).hasValue(3);
          assertThat(Duration.ofNanos(System.nanoTime() - begun))
              .isLessThan(Duration.ofMillis(900));
        });
  }

  /** Planted: a thread forgets its interrupt before its call can no longer be given up. */
  @Test
  void interruptsNoLaterCallOfAThread() {
    Schedules.search(
        "calls-interrupt",
        () -> {
          var crew = new Crew();
          var now = new AtomicLong();
          var answered = new AtomicInteger();
          var failed = new AtomicInteger();
          var wasInterrupted = new AtomicBoolean();
          var calls =
              new StoreCalls(
                  1,
                  Stream::empty,
                  queue -> "",
                  LONGEST,
                  task ->
                      crew.execute(
                          () -> {
                            task.run();
                            wasInterrupted.set(Thread.interrupted());
                          }),
                  now::get,
                  () -> {});
          calls.start(call(Kind.CLAIM, new CountDownLatch(0), answered, failed));
          now.set(LONGEST.toNanos() + 1);
          calls.giveUp();
          crew.join();

          assertThat(wasInterrupted).isFalse();
          assertThat(answered.get() + failed.get()).isBetween(1, 2);
        });
  }

  /** Planted: the answer of a call does not keep its failure from being told. */
  @Test
  void tellsNoFailureAfterAnAnswer() {
    Schedules.search(
        "calls-given-up",
        () -> {
          var crew = new Crew();
          var now = new AtomicLong();
          var told = new ConcurrentLinkedQueue<String>();
          var calls =
              new StoreCalls(1, Stream::empty, queue -> "", LONGEST, crew, now::get, () -> {});
          calls.start(
              new Call<>(
                  Kind.CLAIM, "q", () -> 1, one -> told.add("answer"), e -> told.add("failure")));
          now.set(LONGEST.toNanos() + 1);
          calls.giveUp();
          crew.join();

          assertThat(List.copyOf(told))
              .isIn(List.of("answer"), List.of("failure"), List.of("failure", "answer"));
        });
  }

  /** Planted: the places of a kind are counted, and the call is entered, under two locks. */
  @Test
  void makesNoMoreCallsAtOnceThanThereArePlaces() {
    Schedules.search(
        "calls-places",
        () -> {
          var crew = new Crew();
          var under = new AtomicInteger();
          var most = new AtomicInteger();
          var calls =
              new StoreCalls(
                  1, Stream::empty, queue -> "", LONGEST, crew, System::nanoTime, () -> {});
          for (int i = 0; i < 3; i++) {
            String queue = "q" + i;
            crew.go(
                () ->
                    calls.start(
                        Call.of(
                            Kind.EXTEND,
                            queue,
                            () -> {
                              most.accumulateAndGet(under.incrementAndGet(), Math::max);
                              under.decrementAndGet();
                            },
                            e -> {})));
          }
          crew.join();

          assertThat(most).hasValueLessThan(2);
        });
  }
}
