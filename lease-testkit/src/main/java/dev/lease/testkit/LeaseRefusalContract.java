package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A call that throws has changed no lease, as another object shows. */
@Since(3)
abstract class LeaseRefusalContract extends LeaseHistoryContract {

  private final String held = Names.unique("held");
  private final String free = Names.unique("free");

  private final Refusals refusals =
      new Refusals(() -> List.of(record(held), record(free), AllPages.of(other, free)));

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L17 a call that is refused for a name or an owner changes nothing")
  void refusedNames() {
    acquired(held);
    refusals.refused("acquire without an owner", () -> store.acquire(free, absent(), LEASE));
    Texts.BAD_NAMES.forEach(
        (why, bad) ->
            refusals.refused("acquire, owner " + why, () -> store.acquire(free, bad, LEASE)));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L18 a call that is refused for its duration grants nothing and moves no expiry")
  void refusedDurations() {
    Lease lease = acquired(held);
    Refusals.BAD_LEASES.forEach(
        (why, bad) -> {
          refusals.refused("acquire for " + why, () -> store.acquire(free, "kit", bad));
          refusals.refused("renew for " + why, () -> store.renew(lease, bad));
        });
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L26 a call of a closed object changes nothing")
  void callsAfterClose() throws Exception {
    Backend backend = open();
    LeaseStore closed = backend.leaseStore();
    Lease lease = acquired(held);
    close(backend);
    refusals.closed("acquire", () -> closed.acquire(free, "kit", LEASE));
    refusals.closed("renew", () -> closed.renew(lease, LEASE.multipliedBy(2)));
    refusals.closed("release", () -> closed.release(lease));
    refusals.closed("find", () -> closed.find(held));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("L32 a note that is refused is not kept, and its call changes nothing")
  void refusedNotes() {
    if (lacks(Capability.NOTES)) {
      reportAsLacking(Capability.NOTES);
    }
    Lease lease = store.acquire(held, "kit", term, "note").orElseThrow();
    for (String bad : List.of("a\0b", "\uD83D", "x".repeat(8_001))) {
      refusals.refused("acquire with a note", () -> store.acquire(free, "kit", LEASE, bad));
      refusals.refused("renew with a note", () -> store.renew(lease, LEASE, bad));
    }
    refusals.refused("acquire with no note", () -> store.acquire(free, "kit", LEASE, absent()));
    refusals.refused("renew with no note", () -> store.renew(lease, LEASE, absent()));
  }
}
