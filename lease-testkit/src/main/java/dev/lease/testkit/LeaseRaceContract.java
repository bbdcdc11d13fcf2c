package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Named leases: two calls that race for the last moment of a lease [L04, L27, L28]. */
abstract class LeaseRaceContract extends LeaseListContract {

  /** A lease that is about to expire, and when it does. */
  record Held(Lease lease, TestTime.Expiry expiry) {}

  private List<Held> acquired(int count) {
    List<Held> rounds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Duration leaseDuration = time.upToRound(i);
      long asked = System.nanoTime();
      var lease = bareStore().acquire(unique("race"), "kit", leaseDuration).orElseThrow();
      rounds.add(new Held(lease, time.expiry(asked, leaseDuration)));
    }
    return rounds;
  }

  private LeaseStore bareStore() {
    return bare.one.leaseStore();
  }

  private LeaseStore bareOther() {
    return bare.two.leaseStore();
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("L27 when a lease expires, a renewal and a rival's acquire never both succeed")
  void renewAgainstAcquire() throws Exception {
    LeaseStore mine = bareStore();
    LeaseStore rivals = bareOther();
    new Race<Held>(count -> time.aboutToEnd(count, this::acquired))
        .run(
            it -> {
              time.await(it.expiry());
              return mine.renew(it.lease(), LEASE);
            },
            it -> {
              time.meet(it.expiry());
              return rivals.acquire(it.lease().name(), "rival", LEASE);
            },
            (it, renewed, acquired) -> {
              assertThat(renewed.isPresent() && acquired.isPresent())
                  .as("both the renewal and the rival's acquire succeeded")
                  .isFalse();
              if (time.isFrozen()) {
                assertThat(renewed.isPresent() || acquired.isPresent())
                    .as(
                        "the renewal or the rival's acquire succeeded: exactly at the expiry, the"
                            + " first call wins")
                    .isTrue();
              }
              acquired.ifPresent(
                  lease -> assertThat(lease.token()).as("token").isGreaterThan(it.lease().token()));
              for (Lease lease : renewed.or(() -> acquired).stream().toList()) {
                assertThat(record(lease.name())).as("the record").contains(withoutAsOf(lease));
                // A thousand held leases would fill the list that other tests read.
                assertThat(rivals.release(lease)).as("release by the winner").isTrue();
              }
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("L28 after an accepted release the name is free, even if a renewal was under way")
  void releaseAgainstRenew() throws Exception {
    LeaseStore mine = bareStore();
    LeaseStore others = bareOther();
    new Race<>(
            count -> {
              List<Lease> leases = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                leases.add(mine.acquire(unique("L28"), "kit", LEASE).orElseThrow());
              }
              return leases;
            })
        .run(
            mine::release,
            lease -> others.renew(lease, LEASE.multipliedBy(2)),
            (lease, released, renewed) -> {
              assertThat(released).as("release by the holder").isTrue();
              assertThat(mine.find(lease.name())).as("find after the release").isEmpty();
            });
  }
}
