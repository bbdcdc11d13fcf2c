package dev.lease.testkit;

import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Settled;
import dev.lease.testkit.Event.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Checks whether the history of one job or one name keeps the laws. The laws of all leases are
 * here, those of jobs and of names in the subclasses. It has no side effects: a history goes in,
 * violations come out.
 *
 * <p>A law is broken only if it is broken in every order in which the calls can have taken effect.
 * So calls that overlap, and calls with an unknown outcome, get the benefit of the doubt.
 */
abstract class HistoryCheck {

  final String key;
  final Timeline time;
  final List<Event> events;
  final List<Grant> grants;

  private final List<Violation> violations = new ArrayList<>();

  HistoryCheck(String key, List<Event> history) {
    this.key = key;
    this.time = new Timeline(history);
    this.events =
        history.stream().filter(event -> event.key().equals(key) || event.key().isEmpty()).toList();
    this.grants = Grant.of(events);
  }

  /** Checks every job or name of a history. */
  static List<Violation> check(
      List<Event> history, BiFunction<String, List<Event>, HistoryCheck> ofKey) {
    return history.stream()
        .map(Event::key)
        .filter(key -> !key.isEmpty())
        .distinct()
        .sorted()
        .flatMap(key -> ofKey.apply(key, history).violations().stream())
        .toList();
  }

  private List<Violation> violations() {
    oneHolder();
    tokensGrow();
    grants.forEach(this::noStaleWrite);
    grants.forEach(this::holderIsHeard);
    checkMore();
    return violations;
  }

  /** Checks the laws that hold only for jobs, or only for names. */
  abstract void checkMore();

  /** Whether this call is lost once the lease has expired, even if nobody was granted it since. */
  abstract boolean needsLiveLease(Write write);

  /** Whether a second settlement may be accepted because it repeats the first. */
  abstract boolean isEcho(Settled first, Settled second);

  final void broken(Law law, String what, Event... culprits) {
    violations.add(new Violation(law, key, what, List.of(culprits), events));
  }

  final <T extends Event> Stream<T> only(Class<T> kind) {
    return Grant.only(kind, events);
  }

  /** Claims and acquires without a reply; they may have been grants of this key. */
  final List<Granted> unheardGrants() {
    return only(Granted.class).filter(granted -> granted.answer() == Answer.UNKNOWN).toList();
  }

  private void oneHolder() {
    for (int i = 0; i < grants.size(); i++) {
      Grant first = grants.get(i);
      long until = first.trustedUntil(time, first.granted());
      for (Grant second : grants.subList(i + 1, grants.size())) {
        if (second.token() > first.token() && second.granted().span().done() < until) {
          broken(
              Law.ONE_HOLDER,
              "granted again while its holder could trust its lease",
              first.granted(),
              second.granted());
        }
      }
    }
  }

  private void tokensGrow() {
    for (int i = 1; i < grants.size(); i++) {
      Granted smaller = grants.get(i - 1).granted();
      Granted larger = grants.get(i).granted();
      if (smaller.token() == larger.token()) {
        broken(Law.TOKENS_GROW, "two grants have the same token", smaller, larger);
      }
      grants.subList(i, grants.size()).stream()
          .map(Grant::granted)
          .filter(earlier -> earlier.token() > smaller.token())
          .filter(earlier -> earlier.span().isBefore(smaller.span()))
          .findFirst()
          .ifPresent(
              earlier ->
                  broken(Law.TOKENS_GROW, "a later grant has a smaller token", earlier, smaller));
    }
  }

  private void noStaleWrite(Grant grant) {
    for (Write write : grant.writes()) {
      if (write.answer() != Answer.YES) {
        continue;
      }
      grants.stream()
          .filter(later -> later.token() > grant.token())
          .filter(later -> later.granted().span().isBefore(write.span()))
          .findFirst()
          .ifPresent(
              later ->
                  broken(
                      Law.NO_STALE_WRITE,
                      "a call with an old token was accepted after a later grant",
                      grant.granted(),
                      later.granted(),
                      write));
      grant.accepted().stream()
          .filter(settled -> settled.span().isBefore(write.span()))
          .filter(settled -> !(write instanceof Settled second && isEcho(settled, second)))
          .findFirst()
          .ifPresent(
              settled ->
                  broken(
                      Law.NO_STALE_WRITE,
                      "a call was accepted after a settlement or release",
                      grant.granted(),
                      settled,
                      write));
      if (needsLiveLease(write) && grant.hasExpired(time, write.span().sent(), write)) {
        broken(
            Law.NO_STALE_WRITE,
            "a call was accepted after the lease had expired",
            grant.granted(),
            write);
      }
    }
  }

  private void holderIsHeard(Grant grant) {
    for (Write write : grant.writes()) {
      boolean twice = write.span().twice();
      boolean mayBeEcho = twice && write instanceof Settled;
      // A call that was sent twice may itself have shortened the lease before it arrived again.
      Event except = twice ? grant.granted() : write;
      if (write.answer() == Answer.NO
          && !mayBeEcho
          && write.span().done() < grant.trustedUntil(time, except)) {
        broken(
            Law.HOLDER_IS_HEARD,
            "a call was answered lost while the holder could trust its lease",
            grant.granted(),
            write);
      }
    }
  }
}
