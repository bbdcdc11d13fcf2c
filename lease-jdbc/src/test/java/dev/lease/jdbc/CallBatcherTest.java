package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class CallBatcherTest {

  private static final String SLOW = "slow";
  private static final String WAKES_LATE = "late";
  private static final int CALLS = 200;
  private static final int KEYS = 5;
  private static final long LONGER_THAN_PATIENCE = 2_000_000;

  private Duration boarding = Duration.ofMinutes(10);
  private CallBatcher<String, String> batcher = batcher(4, Duration.ofMinutes(10));

  private final List<List<String>> trips = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> tripsOfKey = new ConcurrentHashMap<>();
  private final AtomicInteger mostOfAKey = new AtomicInteger();
  private final AtomicInteger tripsNow = new AtomicInteger();
  private final AtomicInteger mostTrips = new AtomicInteger();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final CountDownLatch endOfHeld = new CountDownLatch(1);

  private static String key(String item) {
    return item.replaceFirst(":.*", "");
  }

  private int size(String item) {
    if (item.equals(WAKES_LATE)) {
      begun.countDown();
      await(end);
    }
    return item.length();
  }

  /** A key is what is before a colon. */
  private CallBatcher<String, String> batcher(int places, Duration patience) {
    return new CallBatcher<>(
        "shout",
        this::trip,
        (item, isLocked, deadline) -> item + (isLocked ? " in line" : " alone"),
        new CallBatcher.Failures() {
          @Override
          public boolean isLockTimeout(StoreException e) {
            return "locked".equals(e.getMessage());
          }

          @Override
          public boolean isOutage(StoreException e) {
            return e.isOutcomeUnknown() || "no connection".equals(e.getMessage());
          }

          @Override
          public Duration callTimeout() {
            return boarding;
          }

          @Override
          public Deadline deadline() {
            return Deadline.in(boarding);
          }
        },
        this::size,
        CallBatcherTest::key,
        places,
        patience);
  }

  /** Answers each in capitals; the slow one's trip waits until the test lets it end. */
  private List<String> trip(List<String> items) {
    List<String> keys = items.stream().map(CallBatcherTest::key).distinct().toList();
    keys.forEach(key -> mostOfAKey.accumulateAndGet(ofKey(key).incrementAndGet(), Math::max));
    mostTrips.accumulateAndGet(tripsNow.incrementAndGet(), Math::max);
    try {
      return answers(items);
    } finally {
      tripsNow.decrementAndGet();
      keys.forEach(key -> ofKey(key).decrementAndGet());
    }
  }

  private AtomicInteger ofKey(String key) {
    return tripsOfKey.computeIfAbsent(key, it -> new AtomicInteger());
  }

  private List<String> answers(List<String> items) {
    trips.add(items);
    if (items.stream().anyMatch(item -> item.endsWith(SLOW))) {
      begun.countDown();
      await(end);
      LockSupport.parkNanos(LONGER_THAN_PATIENCE);
    }
    items.stream().filter(item -> item.startsWith("gate")).forEach(item -> await(gate(item)));
    if (items.contains("held")) {
      await(endOfHeld);
    }
    if (items.stream().anyMatch(item -> item.endsWith("unknown"))) {
      throw StoreException.outcomeUnknown("no answer", null);
    }
    if (items.contains("error")) {
      throw new Error("an error of the driver");
    }
    for (String trouble : List.of("locked", "refused", "no connection")) {
      if (items.contains(trouble)) {
        throw StoreException.notDone(trouble, null);
      }
    }
    return items.stream().map(item -> item.toUpperCase(Locale.ROOT)).toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Calling(Thread thread, CompletableFuture<String> answer) {
    String get() throws Exception {
      return answer.get(1, TimeUnit.MINUTES);
    }
  }

  private Calling calling(String item) {
    var answer = new CompletableFuture<String>();
    var thread =
        new Thread(
            () -> {
              try {
                answer.complete(batcher.call(item));
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              }
            });
    thread.start();
    return new Calling(thread, answer);
  }

  /** Calls, and comes back when the call waits for the trip that is under way. */
  private Calling waiting(String item) {
    Calling calling = calling(item);
    while (calling.thread().getState() != Thread.State.TIMED_WAITING) {
      assertThat(calling.thread().isAlive()).isTrue();
    }
    return calling;
  }

  private Calling slow() {
    Calling slow = calling(SLOW);
    await(begun);
    return slow;
  }

  @Test
  void whoComesAloneGoesAtOnceAndWhoMeetGoTogether() throws Exception {
    assertThat(batcher.call("a")).isEqualTo("A");
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("b"), waiting("c"), waiting("d"));
    end.countDown();

    assertThat(slow.get()).isEqualTo("SLOW");
    assertThat(meeting.get(0).get()).isEqualTo("B");
    assertThat(meeting.get(1).get()).isEqualTo("C");
    assertThat(meeting.get(2).get()).isEqualTo("D");
    assertThat(trips).containsExactly(List.of("a"), List.of(SLOW), List.of("b", "c", "d"));
  }

  @Test
  void whereATripMayHaveDoneSomethingEachThatWentAlongIsTold() throws Exception {
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("unknown"), waiting("neighbour"));
    end.countDown();

    assertThat(slow.get()).isEqualTo("SLOW");
    for (Calling failing : meeting) {
      assertThatThrownBy(failing::get)
          .cause()
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    }
    assertThat(batcher.call("a")).isEqualTo("A");
  }

  @Test
  void whereATripDidNothingEachGoesAlone() throws Exception {
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("refused"), waiting("neighbour"));
    end.countDown();

    assertThat(slow.get()).isEqualTo("SLOW");
    assertThat(meeting.get(0).get()).isEqualTo("refused alone");
    assertThat(meeting.get(1).get()).isEqualTo("neighbour alone");
    assertThatThrownBy(() -> batcher.call("refused")).hasMessage("refused");
  }

  @Test
  void whatIsLockedIsWaitedForAlone() {
    assertThat(batcher.call("locked")).isEqualTo("locked in line");
  }

  @Test
  void whereThereIsNoConnectionNobodyTriesAgainAlone() throws Exception {
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("no connection"), waiting("neighbour"));
    end.countDown();

    assertThat(slow.get()).isEqualTo("SLOW");
    for (Calling failing : meeting) {
      assertThatThrownBy(failing::get).cause().hasMessage("no connection");
    }
  }

  @Test
  void whoWaitsTooLongForATripHasDoneNothing() throws Exception {
    boarding = Duration.ofMillis(1);
    Calling slow = slow();

    assertThatThrownBy(() -> batcher.call("b"))
        .hasMessage("could not shout: other calls of this process took too long");

    end.countDown();
    assertThat(slow.get()).isEqualTo("SLOW");
    assertThat(trips).containsExactly(List.of(SLOW));
  }

  @Test
  void whoIsInterruptedBeforeItsTripHasDoneNothing() throws Exception {
    Calling slow = slow();
    Calling interrupted = waiting("b");
    interrupted.thread().interrupt();

    assertThatThrownBy(interrupted::get)
        .cause()
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
    end.countDown();
    assertThat(slow.get()).isEqualTo("SLOW");
    assertThat(trips).containsExactly(List.of(SLOW));
  }

  @Test
  void whereAnErrorEndsATripEachThatWentAlongIsTold() throws Exception {
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("error"), waiting("neighbour"));
    end.countDown();

    assertThat(slow.get()).isEqualTo("SLOW");
    assertThatThrownBy(() -> meeting.get(0).get()).cause().hasMessage("an error of the driver");
    assertThatThrownBy(() -> meeting.get(1).get())
        .cause()
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    assertThat(batcher.call("a")).isEqualTo("A");
  }

  @Test
  void aTripThatLastsIsNotWaitedForAndItsKeyHasALineOfItsOwnUntilItWorks() throws Exception {
    batcher = batcher(4, Duration.ofMillis(1));
    Calling slow = slow();
    assertThat(batcher.call("b")).isEqualTo("B");
    assertThat(batcher.keysApart()).containsExactly(SLOW);
    assertThat(batcher.call("slow:again")).isEqualTo("SLOW:AGAIN");
    assertThat(batcher.keysApart()).isEmpty();
    assertThat(batcher.call("c")).isEqualTo("C");
    assertThat(slow.answer()).isNotDone();
    end.countDown();
    assertThat(slow.get()).isEqualTo("SLOW");
    assertThat(trips)
        .containsExactly(List.of(SLOW), List.of("b"), List.of("slow:again"), List.of("c"));
  }

  @Test
  void theKeyOfATripThatBeginsLateIsSetApartToo() throws Exception {
    batcher = batcher(4, Duration.ofMillis(1));
    Calling late = calling(WAKES_LATE);
    await(begun);
    assertThat(batcher.call("b")).isEqualTo("B");
    assertThat(batcher.keysApart()).containsExactly(WAKES_LATE);
    end.countDown();
    assertThat(late.get()).isEqualTo("LATE");
    assertThat(batcher.keysApart()).isEmpty();
  }

  @Test
  void whatHangsAgainAndAgainCostsOtherKeysNothing() throws Exception {
    batcher = batcher(4, Duration.ofMillis(1));
    Calling first = slow();
    assertThat(batcher.call("b")).isEqualTo("B");
    // Its key is set apart now: this one has a trip of its own, and the next one waits for that.
    Calling second = calling(SLOW);
    awaitTrips(3);
    Calling third = waiting("slow:third");
    assertThat(batcher.call("c")).isEqualTo("C");
    assertThat(List.of(first, second, third)).noneMatch(it -> it.answer().isDone());
    end.countDown();
    assertThat(first.get()).isEqualTo("SLOW");
    assertThat(second.get()).isEqualTo("SLOW");
    assertThat(third.get()).isEqualTo("SLOW:THIRD");
    assertThat(trips).noneMatch(trip -> trip.size() > 1);
    assertThat(mostOfAKey).hasValue(2);
  }

  @Test
  void aKeyThatHangsNowAndThenTakesThreePlaces() throws Exception {
    batcher = batcher(4, Duration.ofMillis(1));
    List<Calling> hanging = new ArrayList<>(List.of(slow()));
    assertThat(batcher.call("b")).isEqualTo("B");
    assertThat(batcher.call("slow:again")).isEqualTo("SLOW:AGAIN");
    hanging.add(calling("slow:and-slow"));
    awaitTrips(4);
    assertThat(batcher.call("c")).isEqualTo("C");
    hanging.add(calling("slow:still-slow"));
    awaitTrips(6);
    hanging.add(waiting("slow:last"));
    assertThat(batcher.call("d")).isEqualTo("D");
    assertThat(hanging).noneMatch(it -> it.answer().isDone());
    end.countDown();
    for (Calling calling : hanging) {
      calling.get();
    }
    assertThat(mostOfAKey).hasValue(3);
  }

  @Test
  void aKeyThatSharesTripsWithSeveralThatHangGoesOn() throws Exception {
    batcher = batcher(3, Duration.ofMillis(1));
    // A gate takes a place until it is opened. Those who wait meanwhile go together.
    for (int i = 1; i <= 3; i++) {
      calling("gate" + i);
      awaitTrips(i);
    }
    List<Calling> hanging = new ArrayList<>(List.of(waiting("bad:slow"), waiting("key:1")));
    gate("gate1").countDown();
    awaitTrips(4);
    Calling between = waiting("key:2");
    gate("gate2").countDown();
    assertThat(between.get()).isEqualTo("KEY:2");
    calling("gate4");
    awaitTrips(6);
    hanging.addAll(List.of(waiting("worse:slow"), waiting("key:3")));
    gate("gate4").countDown();
    awaitTrips(7);

    Calling after = waiting("key:4");
    gate("gate3").countDown();
    assertThat(after.get()).isEqualTo("KEY:4");

    assertThat(hanging).noneMatch(it -> it.answer().isDone());
    end.countDown();
    for (Calling calling : hanging) {
      calling.get();
    }
    assertThat(trips)
        .contains(List.of("bad:slow", "key:1"), List.of("worse:slow", "key:3"), List.of("key:4"));
  }

  private CountDownLatch gate(String item) {
    return gates.computeIfAbsent(item, it -> new CountDownLatch(1));
  }

  @Test
  void withOnePlaceEachTripIsWaitedFor() throws Exception {
    batcher = batcher(1, Duration.ofMillis(1));
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting("b"), waiting("slow:c"));
    end.countDown();
    slow.get();
    for (Calling calling : meeting) {
      calling.get();
    }
    assertThat(trips).containsExactly(List.of(SLOW), List.of("b", "slow:c"));
  }

  @Test
  void whoWaitsForAPlaceGoesWhenATripEnds() throws Exception {
    batcher = batcher(2, Duration.ofMillis(1));
    Calling slow = slow();
    Calling second = calling("other:" + SLOW);
    awaitTrips(2);
    Calling third = waiting("b");
    assertThat(third.answer()).isNotDone();
    end.countDown();
    assertThat(third.get()).isEqualTo("B");
    slow.get();
    second.get();
  }

  @Test
  void aPlaceGoesToWhoHasWaitedLongest() throws Exception {
    batcher = batcher(2, Duration.ofMillis(1));
    Calling slow = slow();
    Calling held = calling("held");
    awaitTrips(2);
    Calling apart = waiting("slow:again");
    Calling late = waiting("b");
    endOfHeld.countDown();
    assertThat(apart.get()).isEqualTo("SLOW:AGAIN");
    assertThat(late.get()).isEqualTo("B");
    end.countDown();
    slow.get();
    held.get();
    assertThat(trips)
        .containsExactly(List.of(SLOW), List.of("held"), List.of("slow:again"), List.of("b"));
  }

  @Test
  void eachCallIsOnOneTripWhateverLastsAndFails() throws Exception {
    batcher = batcher(3, Duration.ofMillis(1));
    end.countDown();
    List<Callable<List<String>>> callers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String caller = "caller" + i;
      callers.add(() -> callAgainAndAgain(caller));
    }
    List<String> answered = Together.run(callers).stream().flatMap(List::stream).toList();
    assertThat(answered).hasSize(16 * CALLS);
    assertThat(trips.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize(16 * CALLS);
    assertThat(mostTrips).hasValueLessThan(4);
    assertThat(mostOfAKey).hasValueLessThan(4);

    for (int key = 0; key < KEYS; key++) {
      batcher.call("key" + key + ":last");
    }
    assertThat(batcher.keysApart()).isEmpty();
  }

  /** The items whose calls were answered, or failed as they should. */
  private List<String> callAgainAndAgain(String caller) {
    var random = new Random(caller.hashCode());
    List<String> answered = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      String item = "key" + random.nextInt(KEYS) + ":" + caller + "-" + i;
      switch (random.nextInt(20)) {
        case 0 -> item += SLOW;
        case 1 -> item += "unknown";
        default -> {}
      }
      try {
        assertThat(batcher.call(item)).isEqualTo(item.toUpperCase(Locale.ROOT));
      } catch (StoreException e) {
        assertThat(e.isOutcomeUnknown()).isTrue();
      }
      answered.add(item);
    }
    return answered;
  }

  private void awaitTrips(int count) throws Exception {
    Await.until(() -> trips.size() == count);
  }

  @Test
  void aLargeOneDoesNotTakeOthersAlong() throws Exception {
    String large = "x".repeat(1 << 20);
    Calling slow = slow();
    List<Calling> meeting = List.of(waiting(large), waiting("b"), waiting("c"));
    end.countDown();

    slow.get();
    for (Calling calling : meeting) {
      calling.get();
    }
    assertThat(trips).containsExactly(List.of(SLOW), List.of(large), List.of("b", "c"));
  }
}
