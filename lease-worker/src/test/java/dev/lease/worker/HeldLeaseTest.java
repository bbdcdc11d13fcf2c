package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.LeaseLostException;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Named leases on a store whose calls hang, fail, or are answered too late. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class HeldLeaseTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration FAR = Duration.ofHours(1);

  /** A lease by which the store's time is read. */
  private static final String CLOCK = "clock";

  private LeaseStores.Opened opened;
  private FaultyLeases store;
  private final AtomicLong nanosAhead = new AtomicLong();
  private final AtomicLong millisAhead = new AtomicLong();
  private Leases leases;
  private final Logs logs = new Logs();

  @BeforeEach
  void open() {
    opened = LeaseStores.SQLITE.open(LeaseStores.SQLITE.newAddress(), LeaseStores.PATIENCE);
    opened.store().acquire(CLOCK, "test", FAR);
    store = new FaultyLeases(opened.store());
    var clock =
        new LocalClock(
            () -> System.nanoTime() + nanosAhead.get(),
            () -> System.currentTimeMillis() + millisAhead.get());
    leases = Leases.builder(Parts.of(store)).leaseDuration(FAR).build(clock);
  }

  @AfterEach
  void close() {
    leases.close();
    logs.close();
    opened.close();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(2)).until(condition);
  }

  private HeldLease acquire(String name) {
    return leases.tryAcquire(name).orElseThrow();
  }

  /** Makes leases due to be renewed, at a later time of the store, whose clock has milliseconds. */
  private void passAThird() {
    Instant now = storeTime();
    eventually(() -> storeTime().isAfter(now));
    nanosAhead.addAndGet(FAR.toNanos() * 2 / 5);
  }

  private Instant storeTime() {
    return opened.store().find(CLOCK).orElseThrow().asOf();
  }

  private boolean isTaken(String name) {
    return opened.store().find(name).isPresent();
  }

  @Test
  @DisplayName("W25 a call that hangs does not hold up the renewal of another lease")
  void hangs() throws Exception {
    var asked = new CountDownLatch(1);
    var over = new CountDownLatch(1);
    store.onRenew =
        (name, call) -> {
          if (name.equals("hangs")) {
            asked.countDown();
            WorkerFixture.passStubbornly(over);
          }
          return call.get();
        };
    try (HeldLease hanging = acquire("hangs")) {
      passAThird();
      eventually(() -> asked.getCount() == 0);
      HeldLease other = acquire("other");
      Instant asOf = other.lease().asOf();
      passAThird();
      eventually(() -> other.lease().asOf().isAfter(asOf));
      assertThat(hanging.isHeld()).isTrue();
      over.countDown();
    }
  }

  @Test
  @DisplayName("W25 an Error of the store does not end the renewals")
  void storeThrowsError() {
    var failures = new AtomicInteger();
    store.onRenew =
        (name, call) -> {
          if (failures.incrementAndGet() < 3) {
            throw new StackOverflowError();
          }
          return call.get();
        };
    try (HeldLease lease = acquire("error")) {
      Instant asOf = lease.lease().asOf();
      passAThird();
      eventually(() -> lease.lease().asOf().isAfter(asOf));
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  @DisplayName("W26 a renewal that is answered too late changes nothing, and frees no name")
  void answeredTooLate() {
    var told = new CountDownLatch(1);
    store.onRenew =
        (name, call) -> {
          var answer = call.get();
          nanosAhead.addAndGet(FAR.toNanos());
          return answer;
        };
    HeldLease lease = acquire("late");
    lease.onLost(told::countDown);
    passAThird();
    eventually(() -> told.getCount() == 0);
    assertThat(lease.isHeld()).isFalse();
    // Whoever works under it needs time to stop.
    assertThat(isTaken("late")).isTrue();
    lease.close();
    assertThat(isTaken("late")).isFalse();
  }

  @Test
  @DisplayName("W26 the holder believes in a lease for as long as the store has granted it")
  void grantedShorter() {
    store.onAcquire = (name, call) -> opened.store().acquire(name, "owner", Duration.ofMinutes(10));
    HeldLease lease = acquire("shorter");
    store.onRenew =
        (name, call) -> {
          throw StoreException.notDone("down", null);
        };
    nanosAhead.addAndGet(Duration.ofMinutes(9).toNanos());
    assertThat(lease.isHeld()).isTrue();
    nanosAhead.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(lease.isHeld()).isFalse();
  }

  @Test
  @DisplayName("W26 a lease whose grant took longer than it lasts is not handed out, but released")
  void grantedTooLate() {
    store.onAcquire =
        (name, call) -> {
          var answer = call.get();
          nanosAhead.addAndGet(FAR.toNanos());
          return answer;
        };
    assertThatThrownBy(() -> leases.tryAcquire("too late"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("took longer to answer than the lease lasts");
    assertThat(isTaken("too late")).isFalse();
  }

  @Test
  @DisplayName("W25 a release that fails is tried again until the name is free")
  void releaseFails() {
    var tries = new AtomicInteger();
    store.onRelease =
        (name, call) -> {
          if (tries.incrementAndGet() < 3) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    acquire("release").close();
    eventually(() -> !isTaken("release"));
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("could not be released: down; this is tried again until the lease expires in ")
        .doesNotContain("PT");
  }

  @Test
  @DisplayName("W25 a name stays taken for its time though the call that does so fails at first")
  void atLeastFails() throws Exception {
    var tries = new AtomicInteger();
    store.onRenew =
        (name, call) -> {
          if (tries.incrementAndGet() < 3) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    assertThat(leases.tryRun("at least", FAR.multipliedBy(3), lease -> {})).isTrue();
    eventually(() -> opened.store().find("at least").orElseThrow().remaining().compareTo(FAR) > 0);
  }

  @Test
  @DisplayName("W25 a release that was done, and whose answer was lost, is no loss")
  void releaseAnswerLost() throws Exception {
    store.onRelease =
        (name, call) -> {
          store.onRelease = (again, same) -> same.get();
          assertThat(call.get()).isTrue();
          Thread.currentThread().interrupt();
          throw StoreException.outcomeUnknown("interrupted", null);
        };
    assertThat(leases.tryRun("released", lease -> {})).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(isTaken("released")).isFalse();
    assertThat(logs.at(Level.WARN).toString()).doesNotContain("was lost before");
  }

  @Test
  @DisplayName("W26 the caller hears of a loss though its work threw something else")
  void throwsAndLost() {
    var failure = new IllegalArgumentException("of the work");
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "both",
                    lease -> {
                      opened.store().release(lease.lease());
                      throw failure;
                    }))
        .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failure));
  }

  @Test
  @DisplayName("W26 a lost lease frees its name, however long that was to stay taken")
  void atLeastAndLost() {
    store.onRenew =
        (name, call) -> {
          assertThat(call.get()).isPresent();
          nanosAhead.addAndGet(FAR.toNanos());
          throw StoreException.outcomeUnknown("too late", null);
        };
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "lost",
                    FAR.multipliedBy(9),
                    lease -> {
                      passAThird();
                      WorkerFixture.passStubbornly(lost(lease));
                    }));
    assertThat(isTaken("lost")).isFalse();
  }

  @Test
  @DisplayName("W25 an Error of the work comes through, and the name is free")
  void workThrowsError() {
    var error = new StackOverflowError();
    assertThatThrownBy(
            () ->
                leases.tryRun(
                    "error",
                    lease -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(isTaken("error")).isFalse();
  }

  @Test
  @DisplayName("W26 a lease that is lost between the end of its work and its close counts as lost")
  void lostBeforeClose() {
    store.onRenew = (name, call) -> Optional.empty();
    HeldLease lease = acquire("before close");
    CountDownLatch lost = lost(lease);
    passAThird();
    eventually(() -> lost.getCount() == 0);
    assertThat(lease.finish()).isFalse();
  }

  @Test
  @DisplayName("W26 an interrupt that came from elsewhere stays, though the lease is lost as well")
  void interruptedFromElsewhere() {
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "interrupted",
                    lease -> {
                      opened.store().release(lease.lease());
                      Thread.currentThread().interrupt();
                      Thread.sleep(1);
                    }));
    assertThat(Thread.interrupted()).isTrue();
  }

  private static CountDownLatch lost(HeldLease lease) {
    var latch = new CountDownLatch(1);
    lease.onLost(latch::countDown);
    return latch;
  }

  @Test
  @DisplayName("W26 an answer from before a suspension ends no doubt")
  void staleAnswer() {
    var clock = new LocalClock(nanosAhead::get, millisAhead::get);
    var time = new LeaseTime(clock.in(FAR));
    LocalClock.Deadline before = clock.in(FAR);
    millisAhead.set(FAR.toMillis() * 2);
    assertThat(time.hasExpired()).isFalse();
    assertThat(time.isDoubtful()).isTrue();
    time.extended(before);
    assertThat(time.isDoubtful()).isTrue();
    time.extended(clock.in(FAR));
    assertThat(time.isDoubtful()).isFalse();
  }

  @Test
  @DisplayName("W26 the caller is told when the store says at the release that the lease was lost")
  void lostAtRelease() {
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> leases.tryRun("lost", lease -> opened.store().release(lease.lease())))
        .withMessageContaining("was lost while its work ran");
  }

  @Test
  @DisplayName("W25 an interrupt that breaks the release does not keep the name taken, and stays")
  void interruptedRelease() {
    var first = new AtomicBoolean(true);
    store.onRelease =
        (name, call) -> {
          if (first.getAndSet(false)) {
            Thread.currentThread().interrupt();
            throw StoreException.notDone("interrupted", null);
          }
          return call.get();
        };
    acquire("interrupted").close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(isTaken("interrupted")).isFalse();
  }

  @Test
  @DisplayName("W25 a lease that is closed under its work is released when the work has ended")
  void closedUnderWork() {
    var takenAfterClose = new AtomicBoolean();
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "work",
                    lease -> {
                      Thread closer = WorkerFixture.inBackground(lease::close);
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        closer.join();
                        takenAfterClose.set(isTaken("work"));
                      }
                    }))
        .withMessageContaining("was closed while its work ran");
    assertThat(takenAfterClose).isTrue();
    assertThat(isTaken("work")).isFalse();
    assertThat(Thread.interrupted()).as("an interrupt is left").isFalse();
  }

  @Test
  @DisplayName("W25 work that closes the leases itself does not wait for its own end")
  void workClosesAll() {
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(() -> leases.tryRun("itself", lease -> leases.close()))
        .withMessageContaining("was closed while its work ran");
    assertThat(Thread.interrupted()).as("an interrupt is left").isFalse();
    assertThat(isTaken("itself")).isFalse();
  }

  @ParameterizedTest(name = "the inner work throws InterruptedException: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("W26 where two leases of one thread are lost, the outer work is interrupted as well")
  void nested(boolean innerThrows) {
    store.onRenew = (name, call) -> Optional.empty();
    var outerInterrupted = new AtomicBoolean();
    assertThatExceptionOfType(LeaseLostException.class)
        .isThrownBy(
            () ->
                leases.tryRun(
                    "outer",
                    outer -> {
                      CountDownLatch outerLost = lost(outer);
                      try {
                        leases.tryRun(
                            "inner",
                            inner -> {
                              passAThird();
                              WorkerFixture.passStubbornly(lost(inner));
                              WorkerFixture.passStubbornly(outerLost);
                              if (innerThrows) {
                                throw new InterruptedException();
                              }
                              Thread.currentThread().interrupt();
                            });
                      } catch (LeaseLostException e) {
                        outerInterrupted.set(Thread.currentThread().isInterrupted());
                      }
                    }));
    assertThat(outerInterrupted).isTrue();
    assertThat(Thread.interrupted()).as("an interrupt is left").isFalse();
  }

  @Test
  @DisplayName(
      "W26 a listener that throws keeps no other from being told, and a close tells nobody")
  void listeners() {
    store.onRenew = (name, call) -> Optional.empty();
    var told = new AtomicInteger();
    HeldLease closed = acquire("closed");
    closed.onLost(() -> told.addAndGet(100));
    closed.close();
    HeldLease lease = acquire("listeners");
    lease.onLost(
        () -> {
          throw new IllegalStateException("of the listener");
        });
    lease.onLost(told::incrementAndGet);
    passAThird();
    eventually(() -> told.get() == 1);
    eventually(() -> !logs.at(Level.ERROR).isEmpty());
    assertThat(logs.at(Level.ERROR).get(0)).contains("a listener that was told so threw");
  }

  @Test
  @DisplayName(
      "W26 while only the wall clock says that a lease has expired it does not count as held")
  void doubt() {
    var asked = new CountDownLatch(1);
    var answer = new CountDownLatch(1);
    store.onRenew =
        (name, call) -> {
          asked.countDown();
          WorkerFixture.passStubbornly(answer);
          return call.get();
        };
    try (HeldLease lease = acquire("doubt")) {
      millisAhead.set(FAR.toMillis());
      assertThat(lease.isHeld()).isFalse();
      eventually(() -> asked.getCount() == 0);
      assertThat(lease.isHeld()).isFalse();
      answer.countDown();
      lease.checkHeld();
      assertThat(lease.isHeld()).isTrue();
    }
  }

  @Test
  @DisplayName("W26 a doubt that the store does not answer within 10 s ends in a loss")
  void doubtUnanswered() {
    var over = new CountDownLatch(1);
    store.onRenew =
        (name, call) -> {
          WorkerFixture.passStubbornly(over);
          return call.get();
        };
    HeldLease lease = acquire("doubt");
    millisAhead.set(FAR.toMillis());
    assertThat(lease.isHeld()).isFalse();
    nanosAhead.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThatExceptionOfType(LeaseLostException.class).isThrownBy(lease::checkHeld);
    over.countDown();
  }

  @Test
  @DisplayName("W26 a wall clock that is set back ends no doubt, and the doubt ends in time")
  void doubtAndSetBack() {
    var time = new LeaseTime(new LocalClock(nanosAhead::get, millisAhead::get).in(FAR));
    millisAhead.set(FAR.toMillis() * 2);
    assertThat(time.hasExpired()).isFalse();
    millisAhead.set(0);
    assertThat(time.hasExpired()).isFalse();
    assertThat(time.isDoubtful()).isTrue();
    nanosAhead.set(Duration.ofSeconds(10).toNanos());
    assertThat(time.hasExpired()).isTrue();
  }

  @Test
  @DisplayName(
      "W25 closing a lease that was lost by a doubt frees its name, or says that it cannot")
  void closeAfterDoubt() {
    store.onRenew =
        (name, call) -> {
          throw StoreException.notDone("down", null);
        };
    store.onRelease =
        (name, call) -> {
          if (name.equals("stays")) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    HeldLease lease = acquire("doubt");
    HeldLease stays = acquire("stays");
    CountDownLatch lost = lost(lease);
    CountDownLatch staysLost = lost(stays);
    millisAhead.set(FAR.toMillis());
    eventually(() -> !lease.isHeld() && !stays.isHeld());
    nanosAhead.addAndGet(Duration.ofSeconds(10).toNanos());
    eventually(() -> lost.getCount() == 0 && staysLost.getCount() == 0);
    lease.close();
    assertThat(isTaken("doubt")).isFalse();
    stays.close();
    assertThat(isTaken("stays")).isTrue();
    assertThat(logs.at(Level.WARN).toString())
        .contains("was lost, and could not be released: down; in the store it expires by itself");
  }
}
