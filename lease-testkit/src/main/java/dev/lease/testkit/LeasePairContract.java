package dev.lease.testkit;

import dev.lease.Capability;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.testkit.PairOfCalls.Call;
import dev.lease.testkit.PairOfCalls.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Races, by a rule: each pair of calls on one name, while it is held, expired or released, answers
 * and ends as if one call had come after the other [L30].
 */
@Since(2)
abstract class LeasePairContract extends LeaseRaceContract {

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("L30 two calls at once on a held name end as if one came after the other")
  void pairsOnAHeldName() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(this::held, this::left).race(calls());
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("L30 two calls at once on an expired name end as if one came after the other")
  void pairsOnAnExpiredName() throws Exception {
    takeLongLeases();
    Race.Start<Lease> expired =
        count -> {
          List<Lease> leases = held(count);
          expireLeases();
          return leases;
        };
    new PairOfCalls<>(PairOfCalls.inAdvance(expired), this::left).race(calls());
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("L30 two calls at once on a released name end as if one came after the other")
  void pairsOnAReleasedName() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(this::released, this::left).race(calls());
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("L30 of two calls at once with notes, the note and the lease are of the same call")
  void pairsWithNotes() throws Exception {
    if (lacks(Capability.NOTES)) {
      reportAsLacking(Capability.NOTES);
    }
    takeLongLeases();
    Call<Lease> renew = new Call<>("renew with a note", this::renewWithNote);
    new PairOfCalls<>(this::held, this::left)
        .race(List.of(renew), List.of(renew, find(), release()));
    Call<Lease> acquire = new Call<>("acquire with a note", this::acquireWithNote);
    new PairOfCalls<>(this::released, this::left).race(List.of(acquire), List.of(acquire, find()));
  }

  /** The two renew for times that differ, so that what is left tells whose time it is. */
  private String renewWithNote(Side<Lease> side) {
    return store(side)
        .renew(side.on(), side.isFirst() ? PairOfCalls.LONG : LEASE, side.by())
        .map(lease -> "renewed" + note(lease))
        .orElse("lost");
  }

  private String acquireWithNote(Side<Lease> side) {
    return store(side)
        .acquire(side.on().name(), side.by(), LEASE, "note " + side.by())
        .map(lease -> "granted" + note(lease))
        .orElse("refused");
  }

  /** Leases of names that nobody else uses. */
  private List<Lease> held(int count) {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leases.add(bare.one.leaseStore().acquire(Names.unique("pair"), "before", term).orElseThrow());
    }
    return leases;
  }

  private List<Lease> released(int count) {
    List<Lease> leases = held(count);
    leases.forEach(bare.one.leaseStore()::release);
    return leases;
  }

  private List<Call<Lease>> calls() {
    return List.of(
        new Call<>("acquire", this::acquire),
        new Call<>(
            "renew",
            side ->
                store(side).renew(side.on(), PairOfCalls.LONG).isPresent() ? "renewed" : "lost"),
        release(),
        find());
  }

  private Call<Lease> release() {
    return new Call<>("release", side -> store(side).release(side.on()) ? "released" : "lost");
  }

  private Call<Lease> find() {
    return new Call<>("find", side -> shown(store(side).find(side.on().name()), side.on()));
  }

  private LeaseStore store(Side<Lease> side) {
    return (side.isFirst() ? bare.one : bare.two).leaseStore();
  }

  private String acquire(Side<Lease> side) {
    Optional<Lease> granted = store(side).acquire(side.on().name(), side.by(), LEASE);
    return granted.map(lease -> "granted, the token " + grown(lease, side.on())).orElse("refused");
  }

  private static String grown(Lease lease, Lease before) {
    return lease.token() > before.token() ? "grew" : "did not grow";
  }

  /** What is left of a name, which is free then: many held leases would fill lists. */
  private String left(Lease before) {
    Optional<Lease> found = bare.two.leaseStore().find(before.name());
    found.ifPresent(bare.two.leaseStore()::release);
    return shown(found, before);
  }

  private static String shown(Optional<Lease> found, Lease before) {
    return found
        .map(
            lease ->
                "held by %s%s%s, the token %s"
                    .formatted(
                        lease.owner(),
                        PairOfCalls.howLong(Duration.between(lease.asOf(), lease.expiresAt())),
                        note(lease),
                        lease.token() == before.token() ? "is the same" : grown(lease, before)))
        .orElse("free");
  }

  private static String note(Lease lease) {
    return lease.note() == null ? "" : " with the note " + lease.note();
  }
}
