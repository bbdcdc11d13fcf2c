package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.LeaseLostException;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeldLeaseInterleavedTest {

  /** The clock of the machine stands still unless a scenario moves it. */
  private final AtomicLong millis = new AtomicLong();

  private final LocalClock clock = new LocalClock(System::nanoTime, millis::get);

  private HeldLease held(OneLease store, Crew crew) {
    millis.set(0);
    return new HeldLease(
        store, OneLease.LEASE, OneLease.DURATION, clock, clock.in(OneLease.DURATION), crew);
  }

  /** Planted: a release does not take the lock of calls, so that two threads release. */
  @Test
  void losesNothingByTwoThreadsThatCloseIt() {
    Schedules.search(
        "lease-close",
        () -> {
          var crew = new Crew();
          var store = new OneLease();
          HeldLease lease = held(store, crew);
          for (int i = 0; i < 2; i++) {
            crew.go(() -> assertThat(lease.finish()).isTrue());
          }
          crew.go(lease::callStore);
          crew.join();

          assertThat(store.held).isFalse();
          assertThat(lease.isOver()).isTrue();
        });
  }

  /** Planted: a listener is added without the monitor, while the others are told. */
  @Test
  void tellsEachListenerOnceOfALoss() {
    Schedules.search(
        "lease-lost",
        () -> {
          var crew = new Crew();
          var store = new OneLease();
          HeldLease lease = held(store, crew);
          store.held.set(false);
          var told = new AtomicInteger();
          lease.onLost(told::incrementAndGet);
          crew.go(() -> lease.onLost(told::incrementAndGet));
          crew.go(lease::callStore);
          crew.go(lease::callStore);
          crew.join();

          assertThat(told).hasValue(2);
        });
  }

  /** Planted: a close interrupts the work after it has given the monitor back. */
  @Test
  void leavesNoInterruptOnTheThreadOfItsWork() {
    Schedules.search(
        "lease-work",
        () -> {
          var crew = new Crew();
          var store = new OneLease();
          HeldLease lease = held(store, crew);
          var isClosed = new AtomicBoolean();
          crew.go(
              () -> {
                var begun = new AtomicBoolean();
                try {
                  new LeaseRun(lease).run(Duration.ZERO, it -> begun.set(true));
                  assertThat(begun).isTrue();
                } catch (LeaseLostException | IllegalStateException e) {
                  assertThat(isClosed).isTrue();
                }
                // What the thread does next. No interrupt ends it.
                Thread.sleep(1_000);
              });
          crew.go(
              () -> {
                isClosed.set(true);
                lease.close();
              });
          crew.join();

          assertThat(store.held).isFalse();
        });
  }

  /**
   * Planted: whether the lease is held is asked under its monitor, also by who waits for certainty.
   */
  @Test
  void endsADoubtWithoutALock() {
    Schedules.search(
        "lease-doubt",
        () -> {
          var crew = new Crew();
          HeldLease lease = held(new OneLease(), crew);
          millis.set(OneLease.DURATION.toMillis());
          crew.go(lease::checkHeld);
          crew.go(lease::look);
          crew.go(
              () -> {
                lease.checkHeld();
                assertThat(lease.whatEnded()).isNull();
              });
          crew.go(lease::callStore);
          crew.join();
        });
  }
}
