package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.LeaseStore;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import dev.lease.testkit.InMemoryBackend;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeasesInterleavedTest {

  private static LeaseStore store() {
    return new InMemoryBackend(() -> Instant.EPOCH).leaseStore();
  }

  /** Planted: the keeper looks whether it was closed before it takes its monitor. */
  @Test
  void leavesNoNameTakenAfterAClose() {
    Schedules.search(
        "leases-close",
        () -> {
          var crew = new Crew();
          LeaseStore store = store();
          Leases leases = Leases.of(Parts.of(store));
          crew.go(
              () -> {
                try {
                  leases.tryAcquire("name");
                } catch (IllegalStateException e) {
                  // It was closed sooner.
                }
              });
          crew.go(leases::close);
          crew.join();

          assertThat(store.find("name")).isEmpty();
        });
  }

  /** Planted: a keeper that ends does not look once more for listeners to tell. */
  @Test
  void tellsAListenerThatComesAtTheEnd() {
    Schedules.search(
        "leases-tell",
        () -> {
          var crew = new Crew();
          var told = new CountDownLatch(1);
          var keeper = new LeaseKeeper("owner", OneLease.DURATION);
          var clock = LocalClock.SYSTEM;
          keeper.keep(
              new HeldLease(
                  new OneLease(),
                  OneLease.LEASE,
                  OneLease.DURATION,
                  clock,
                  clock.in(OneLease.DURATION),
                  keeper::tell));
          crew.go(
              () -> {
                keeper.takeNoMore();
                keeper.close();
              });
          crew.go(() -> keeper.tell(told::countDown));
          crew.join();

          told.await();
        });
  }

  /** Planted: a run closes its lease before its work. */
  @Test
  void runsTheWorkOfANameOnce() {
    Schedules.search(
        "leases-run",
        () -> {
          var crew = new Crew();
          LeaseStore store = store();
          Leases leases = Leases.of(Parts.of(store));
          var running = new AtomicInteger();
          var ran = new AtomicInteger();
          var said = new AtomicInteger();
          for (int i = 0; i < 2; i++) {
            crew.go(
                () -> {
                  if (leases.tryRun(
                      "name",
                      lease -> {
                        assertThat(running.incrementAndGet()).isEqualTo(1);
                        assertThat(store.find("name")).isPresent();
                        ran.incrementAndGet();
                        running.decrementAndGet();
                      })) {
                    said.incrementAndGet();
                  }
                });
          }
          crew.join();
          leases.close();

          assertThat(ran).hasValueBetween(1, 2).hasValue(said.get());
          assertThat(store.find("name")).isEmpty();
        });
  }
}
