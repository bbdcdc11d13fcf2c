package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.testkit.LeaseCalls.Acquire;
import dev.lease.testkit.LeaseCalls.Release;
import dev.lease.testkit.LeaseCalls.Renew;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Random calls for named leases. */
final class LeaseModel extends ModelCheck<LeaseSubject> {

  private static final List<LeaseForgery> FORGERIES = List.of(LeaseForgery.values());

  private final List<Backend> store;
  private final StoreTime.Tested time;

  LeaseModel(StoreFixture fixture, List<Backend> store, Supplier<Instant> clock) {
    this.store = store;
    this.time = new StoreTime.Tested(fixture, clock);
  }

  @Override
  LeaseSubject reference() {
    StoreTime.Followed followed = time.followed();
    return new LeaseSubject(followed.reference(), followed, null);
  }

  @Override
  LeaseSubject tested(LeaseSubject reference, boolean isThorough) {
    return new LeaseSubject(store, time, new CallListing());
  }

  @Override
  List<String> beginning() {
    return List.of("String name = UUID.randomUUID() + \"-\";");
  }

  @Override
  ModelCall<LeaseSubject> next(Random random, LeaseSubject reference) {
    List<Integer> granted = reference.granted();
    int days = 1 + random.nextInt(2);
    int call = random.nextInt(10);
    if (granted.isEmpty() || call < 3) {
      return new Acquire(
          LeaseSubject.NAMES.get(random.nextInt(LeaseSubject.NAMES.size())),
          random.nextBoolean() ? "one" : "two",
          days);
    }
    if (call < 5 && time.isMovable()) {
      return Advance.next(random, time.isFrozen());
    }
    int recent = Math.min(random.nextInt(granted.size()), random.nextInt(5));
    int acquire = granted.get(granted.size() - 1 - recent);
    LeaseForgery forgery =
        random.nextInt(4) == 0
            ? FORGERIES.get(random.nextInt(FORGERIES.size()))
            : LeaseForgery.NONE;
    return call < 8 ? new Renew(acquire, forgery, days) : new Release(acquire, forgery);
  }
}
