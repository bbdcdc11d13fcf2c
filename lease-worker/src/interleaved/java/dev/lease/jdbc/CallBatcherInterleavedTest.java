package dev.lease.jdbc;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.StoreException;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CallBatcherInterleavedTest {

  private static final Duration AN_HOUR = Duration.ofNanos(HOUR);

  private static final CallBatcher.Failures FAILURES =
      new CallBatcher.Failures() {
        @Override
        public boolean isLockTimeout(StoreException e) {
          return false;
        }

        @Override
        public boolean isOutage(StoreException e) {
          return e.isOutcomeUnknown();
        }

        @Override
        public Duration callTimeout() {
          return AN_HOUR;
        }

        @Override
        public Deadline deadline() {
          return Deadline.in(AN_HOUR);
        }
      };

  /** The calls that were made; each goes to the database once. */
  private final Queue<String> made = new ConcurrentLinkedQueue<>();

  private CallBatcher<String, String> batcher(
      int places, Duration patience, Function<List<String>, List<String>> trip) {
    return new CallBatcher<>(
        "shout",
        trip,
        (item, isLocked, deadline) -> {
          made.add(item + " alone");
          return upper(item);
        },
        FAILURES,
        String::length,
        item -> item,
        places,
        patience);
  }

  private List<String> trip(List<String> items) {
    made.addAll(items);
    return items.stream().map(CallBatcherInterleavedTest::upper).toList();
  }

  private static String upper(String item) {
    return item.toUpperCase(Locale.ROOT);
  }

  private void search(String name, Schedules.Scenario scenario) {
    Schedules.search(
        name,
        () -> {
          made.clear();
          scenario.run();
        });
  }

  /** Planted: a trip takes those that wait without the lock. */
  @Test
  void makesEachCallOnceAndAnswersIt() {
    search(
        "batcher-once",
        () -> {
          var crew = new Crew();
          var batcher = batcher(1, AN_HOUR, this::trip);
          for (String item : List.of("a", "b", "c", "d")) {
            crew.go(() -> assertThat(batcher.call(item)).isEqualTo(upper(item)));
          }
          crew.join();

          assertThat(made).containsExactlyInAnyOrder("a", "b", "c", "d");
        });
  }

  /** Planted: a caller is told that its call was made before its answer is there. */
  @Test
  void answersBeforeItWakes() {
    search(
        "batcher-answer",
        () -> {
          var crew = new Crew();
          var batcher = batcher(2, AN_HOUR, this::trip);
          for (String item : List.of("a", "b", "c", "d")) {
            crew.go(() -> assertThat(batcher.call(item)).isEqualTo(upper(item)));
          }
          crew.join();

          assertThat(made).containsExactlyInAnyOrder("a", "b", "c", "d");
        });
  }

  /** Planted: a caller that gives up does not look whether a trip has taken it meanwhile. */
  @Test
  void makesNoCallOfAThreadThatItHasToldSo() {
    search(
        "batcher-interrupt",
        () -> {
          var crew = new Crew();
          var batcher = batcher(1, AN_HOUR, this::trip);
          crew.go(() -> assertThat(batcher.call("a")).isEqualTo("A"));
          crew.go(() -> assertThat(batcher.call("b")).isEqualTo("B"));
          var told = new ConcurrentLinkedQueue<String>();
          var interrupted =
              new Thread(
                  () -> {
                    try {
                      told.add(batcher.call("c"));
                    } catch (StoreException e) {
                      told.add(e.isOutcomeUnknown() ? "unknown" : "not done");
                    }
                    assertThat(Thread.interrupted()).isTrue();
                  });
          interrupted.start();
          interrupted.interrupt();
          interrupted.join();
          crew.join();

          assertThat(told).containsExactly(made.contains("c") ? "C" : "not done");
        });
  }

  /** Planted: the end of a trip that threw lets no further trip begin. */
  @Test
  void goesOnAfterATripThatThrows() {
    search(
        "batcher-throws",
        () -> {
          var crew = new Crew();
          var trips = new AtomicInteger();
          var batcher =
              batcher(
                  1,
                  AN_HOUR,
                  items -> {
                    if (trips.incrementAndGet() == 1) {
                      throw new IllegalStateException("the first trip fails");
                    }
                    return trip(items);
                  });
          var failed = new AtomicInteger();
          for (String item : List.of("a", "b", "c")) {
            crew.go(
                () -> {
                  try {
                    assertThat(batcher.call(item)).isEqualTo(upper(item));
                  } catch (IllegalStateException e) {
                    failed.incrementAndGet();
                  }
                });
          }
          crew.join();

          assertThat(failed.get() + made.size()).isEqualTo(3);
          assertThat(failed).hasValueLessThan(2);
        });
  }

  /** Planted: a trip that lasts keeps its place in the common line. */
  @Test
  void waitsForNoTripThatLasts() {
    search(
        "batcher-lasts",
        () -> {
          var crew = new Crew();
          var begun = new CountDownLatch(1);
          var others = new CountDownLatch(2);
          var batcher =
              batcher(
                  2,
                  Duration.ofMillis(100),
                  items -> {
                    if (items.contains("slow")) {
                      begun.countDown();
                      await(others);
                    }
                    return trip(items);
                  });
          crew.go(() -> assertThat(batcher.call("slow")).isEqualTo("SLOW"));
          begun.await();
          for (String item : List.of("a", "b")) {
            crew.go(
                () -> {
                  assertThat(batcher.call(item)).isEqualTo(upper(item));
                  others.countDown();
                });
          }
          crew.join();

          assertThat(made).containsExactlyInAnyOrder("slow", "a", "b");
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
