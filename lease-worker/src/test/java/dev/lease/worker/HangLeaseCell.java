package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.HangCell.Ground;
import dev.lease.worker.HangCell.NewGround;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One cell of the matrix of hangs for named leases: one program holds the leases A and B, and calls
 * of one kind hang for A.
 */
final class HangLeaseCell {

  private static final String A = HangCell.A.queue();
  private static final String B = HangCell.B.queue();

  /** So often another name is taken and given back during the fault. */
  private static final int TIMES = 30;

  private final NewGround newGround;
  private final Duration lease;
  private final HangResult result;

  HangLeaseCell(NewGround newGround, Duration lease, HangResult result) {
    this.newGround = newGround;
    this.lease = lease;
    this.result = result;
  }

  /** The seam to named leases. */
  static Leases.Builder builder(Backend backend) {
    return Leases.builder(backend);
  }

  /** Until A can be had after the fault. */
  void goesOn() throws Exception {
    try (Ground ground = newGround.open(lease)) {
      Hang hang = ground.hang();
      Backend plain = ground.plain();
      Leases leases = leases(ground.backend(), "one");
      Leases others = leases(plain, "two");
      var ledA = new CountDownLatch(1);
      try {
        HeldLease keptB = leases.tryAcquire(B).orElseThrow();
        var lostB = new AtomicBoolean();
        keptB.onLost(() -> lostB.set(true));
        Optional<HeldLease> heldA =
            result.call == Call.ACQUIRE ? Optional.empty() : leases.tryAcquire(A);
        hang.begin(result.call, A, result.fault);
        if (result.call == Call.ACQUIRE) {
          inBackground(() -> leases.tryAcquire(A).ifPresent(HeldLease::close));
          inBackground(() -> lead(leases, ledA));
        } else if (result.call == Call.RELEASE) {
          inBackground(heldA.orElseThrow()::close);
        }

        long fault = System.nanoTime();
        Instant end = plain.leaseStore().find(B).orElseThrow().asOf().plus(lease.multipliedBy(2));
        result.jobs = TIMES;
        var through = new CountDownLatch(1);
        var hasFailed = new AtomicBoolean();
        boolean sharesTrips =
            ground.backend() instanceof JdbcBackend
                && (result.call == Call.ACQUIRE || result.call == Call.RELEASE);
        inBackground(
            () -> {
              while (result.done < TIMES && result.broken.isEmpty()) {
                try {
                  Optional<HeldLease> taken = leases.tryAcquire("gamma");
                  taken.ifPresent(HeldLease::close);
                  result.done += taken.isPresent() ? 1 : 0;
                } catch (StoreException e) {
                  // A call may share the first trip with the one that hangs.
                  boolean isForgiven = sharesTrips && !hasFailed.getAndSet(true);
                  result.check(isForgiven, "another name failed: " + e);
                }
              }
              through.countDown();
            });
        boolean isThrough = HangCell.comes(() -> through.getCount() == 0) && result.done == TIMES;
        result.rate = result.done / HangCell.seconds(fault);
        result.check(isThrough, "another name was taken " + result.done + " times of " + TIMES);
        hang.othersAreThrough();
        HangCell.comes(
            () ->
                hang.caught() >= 0
                    && plain.leaseStore().find(B).map(it -> it.asOf().isAfter(end)).orElse(true));
        result.check(keptB.isHeld() && !lostB.get(), "B was lost");
        result.lost = lostB.get() ? 1 : 0;
        result.hung = hang.caught();

        hang.end();
        long ended = System.nanoTime();
        // A candidate whose call never returns does not come back, and keeps nobody from leading.
        boolean goesOn =
            (result.call == Call.ACQUIRE && hang.lost() == 0)
                ? HangCell.comes(() -> ledA.getCount() == 0)
                : HangCell.comes(
                    () -> heldA.map(HeldLease::isHeld).orElse(false) || takesAndGivesBack(others));
        result.goesOnAfter = goesOn ? HangCell.seconds(ended) : Double.NaN;
        result.check(goesOn, "A is neither held nor free after the fault");
      } finally {
        hang.end();
        hang.close();
        leases.close();
        others.close();
      }
    }
  }

  /** A close during the fault. */
  void stops() throws Exception {
    try (Ground ground = newGround.open(lease)) {
      closesInTheMiddle(ground);
    }
  }

  private void closesInTheMiddle(Ground ground) throws Exception {
    Hang hang = ground.hang();
    Leases leases = leases(ground.backend(), "one");
    try {
      result.check(leases.tryAcquire(B).isPresent(), "B could not be acquired");
      if (result.call != Call.ACQUIRE) {
        result.check(leases.tryAcquire(A).isPresent(), "A could not be acquired");
      }
      hang.begin(result.call, A, result.fault);
      if (result.call == Call.ACQUIRE) {
        inBackground(() -> leases.tryAcquire(A));
      }
      if (result.call != Call.RELEASE) {
        Instant end =
            ground.plain().leaseStore().find(B).orElseThrow().asOf().plus(lease.dividedBy(2));
        // Whether B outlives the fault is asked by whole(): a slow machine may lose it here.
        HangCell.comes(
            () ->
                hang.caught() > 0
                    || ground.plain().leaseStore().find(B).stream()
                        .allMatch(info -> info.asOf().isAfter(end)));
      }
      long began = System.nanoTime();
      var closed = new CountDownLatch(1);
      inBackground(
          () -> {
            leases.close();
            closed.countDown();
          });
      boolean isFree =
          HangCell.comes(
              () -> ground.plain().leaseStore().find(B).isEmpty() || closed.getCount() == 0);
      result.left = ground.plain().leaseStore().find(B).isPresent() ? 1 : 0;
      result.check(isFree && result.left == 0, "B's name is not free after close");
      hang.othersAreThrough();
      result.check(HangCell.comes(() -> closed.getCount() == 0), "close does not return");
      result.stop = HangCell.seconds(began);
    } finally {
      hang.end();
      hang.close();
      leases.close();
    }
  }

  private Leases leases(Backend backend, String owner) {
    return builder(backend)
        .owner(owner)
        .leaseDuration(lease)
        .pollInterval(Duration.ofMillis(100))
        .build();
  }

  private static boolean takesAndGivesBack(Leases leases) {
    Optional<HeldLease> taken = leases.tryAcquire(A);
    taken.ifPresent(HeldLease::close);
    return taken.isPresent();
  }

  private static void lead(Leases leases, CountDownLatch led) {
    Leader.start(
        leases,
        A,
        new Leader.Listener() {
          @Override
          public void begin(HeldLease lease) {
            led.countDown();
          }

          @Override
          public void end() {}
        });
  }

  private static void inBackground(Runnable task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                // It hung until the test was over, or until it was given up.
              }
            },
            "test-background");
    thread.setDaemon(true);
    thread.start();
  }
}
