package dev.lease.testkit;

import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Settled;
import dev.lease.testkit.Event.Write;
import java.util.List;

/** The laws of named leases. */
final class LeaseHistoryCheck extends HistoryCheck {

  private LeaseHistoryCheck(String name, List<Event> history) {
    super(name, history);
  }

  static List<Violation> check(List<Event> history) {
    return check(history, LeaseHistoryCheck::new);
  }

  /** A lease that is renewed or released too late is lost (policy 8). */
  @Override
  boolean needsLiveLease(Write write) {
    return true;
  }

  /** A second release is lost, even if it only repeats the first [L14]. */
  @Override
  boolean isEcho(Settled first, Settled second) {
    return false;
  }

  @Override
  void checkMore() {
    only(Granted.class)
        .filter(granted -> granted.answer() == Answer.NO)
        .forEach(this::freeIsGranted);
    only(Found.class).forEach(this::readIsTrue);
    grants.forEach(this::oneRelease);
  }

  private void freeIsGranted(Granted refused) {
    if (grants.stream().noneMatch(grant -> grant.mayBeLive(time, refused.span()))
        && !mayBeHeldUnheard(refused.span())) {
      broken(
          Law.FREE_IS_GRANTED,
          "an acquire was refused, though nobody can have held the name",
          refused);
    }
  }

  private void readIsTrue(Found found) {
    boolean shown = found.answer() == Answer.YES;
    if (shown
        && grants.stream()
            .filter(grant -> grant.token() == found.token())
            .noneMatch(grant -> grant.mayBeLive(time, found.span()))
        && !mayBeHeldUnheard(found.span())) {
      broken(Law.READS_ARE_TRUE, "find showed a lease that nobody can have held", found);
    }
    if (found.answer() == Answer.NO) {
      grants.stream()
          .filter(grant -> grant.granted().span().isBefore(found.span()))
          .filter(grant -> found.span().done() < grant.trustedUntilRead(time, found))
          .forEach(
              grant ->
                  broken(
                      Law.READS_ARE_TRUE,
                      "find showed the name as free while its holder could trust its lease",
                      grant.granted(),
                      found));
    }
  }

  private void oneRelease(Grant grant) {
    List<Settled> releases = grant.accepted();
    if (releases.size() > 1) {
      broken(Law.SETTLED_ONCE, "released twice", grant.granted(), releases.get(0), releases.get(1));
    }
  }

  private boolean mayBeHeldUnheard(Span during) {
    return unheardGrants().stream()
        .anyMatch(
            granted ->
                granted.span().sent() <= during.done()
                    && !time.hasPassed(granted.span().done(), granted.lease(), during.sent()));
  }
}
