package dev.lease.testkit;

import dev.lease.Backend;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.testkit.Caller.Reply;
import dev.lease.testkit.Event.Answer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Acquires leases, makes random calls with them, and notes the calls in a history. */
final class LeaseCaller {

  private final Caller caller;
  private final List<LeaseStore> stores;
  private final Duration leaseDuration;

  /**
   * The last leases that it was granted. It also makes stale calls, with leases that it has lost.
   */
  private final Deque<Lease> leases = new ArrayDeque<>();

  LeaseCaller(Caller caller, List<Backend> backends, Duration leaseDuration) {
    this.caller = caller;
    this.stores = backends.stream().map(Backend::leaseStore).map(caller.faults::wrap).toList();
    this.leaseDuration = leaseDuration;
  }

  /** Makes a random call with one of these names. */
  void act(List<String> names) {
    int dice = caller.random.nextInt(100);
    if (dice < 40 || leases.isEmpty()) {
      acquire(caller.any(names));
    } else if (dice < 65) {
      renew(caller.any(leases));
    } else if (dice < 85) {
      release(caller.any(leases));
    } else {
      find(caller.any(names));
    }
  }

  void acquire(String name) {
    Reply<Optional<Lease>> reply =
        caller.call(() -> caller.any(stores).acquire(name, caller.toString(), leaseDuration));
    Optional<Lease> granted = reply.value();
    long token = granted == null ? 0 : granted.map(Lease::token).orElse(0L);
    caller.note(
        new Event.Granted(
            reply.span(), name, reply.answer(LeaseCaller::answer), leaseDuration, token, 0));
    if (granted != null) {
      granted.ifPresent(leases::add);
    }
    while (leases.size() > 5) {
      leases.remove();
    }
  }

  /** Renews for the whole lease duration or for half of it, since a renewal may shorten. */
  private void renew(Lease lease) {
    Duration until = caller.random.nextBoolean() ? leaseDuration : leaseDuration.dividedBy(2);
    Reply<Optional<Lease>> reply = caller.call(() -> caller.any(stores).renew(lease, until));
    caller.note(
        new Event.Extended(
            reply.span(), lease.name(), reply.answer(LeaseCaller::answer), lease.token(), until));
  }

  private void release(Lease lease) {
    if (caller.random.nextInt(3) > 0) {
      leases.remove(lease);
    }
    Reply<Boolean> reply = caller.call(() -> caller.any(stores).release(lease));
    caller.note(
        new Event.Settled(
            reply.span(),
            lease.name(),
            reply.answer(freed -> freed ? Answer.YES : Answer.NO),
            lease.token(),
            SettlementKind.RELEASED,
            Duration.ZERO,
            ""));
  }

  /** Reads a name. A read without a reply proves nothing, so it is not noted. */
  void find(String name) {
    Reply<Optional<Lease>> reply = caller.call(() -> caller.any(stores).find(name));
    Optional<Lease> found = reply.value();
    if (found != null) {
      long token = found.map(Lease::token).orElse(0L);
      caller.note(new Event.Found(reply.span(), name, answer(found), token, null, 0, null));
    }
  }

  private static Answer answer(Optional<Lease> lease) {
    return lease.isPresent() ? Answer.YES : Answer.NO;
  }
}
