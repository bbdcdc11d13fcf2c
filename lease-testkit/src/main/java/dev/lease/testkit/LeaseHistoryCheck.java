package dev.lease.testkit;

import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Ended;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
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

  /** Policy 8: a lease renewed or released too late is lost. */
  @Override
  boolean needsLiveLease(Write write) {
    return true;
  }

  /** A second release is lost, whoever sends it [L14]. */
  @Override
  boolean isEcho(Ended first, Ended second) {
    return false;
  }

  @Override
  void checkMore() {
    only(Granted.class).filter(grant -> grant.answer() == Answer.NO).forEach(this::freeIsGranted);
    only(Found.class).forEach(this::readIsTrue);
    holds.forEach(this::oneRelease);
  }

  private void freeIsGranted(Granted refused) {
    if (holds.stream().noneMatch(hold -> hold.mayBeLive(time, refused.span()))
        && !mayBeHeldUnheard(refused.span())) {
      broken(Law.FREE_IS_GRANTED, "refused, though nobody can hold it", refused);
    }
  }

  private void readIsTrue(Found found) {
    boolean shown = found.answer() == Answer.YES;
    if (shown
        && holds.stream()
            .filter(hold -> hold.token() == found.token())
            .noneMatch(hold -> hold.mayBeLive(time, found.span()))
        && !mayBeHeldUnheard(found.span())) {
      broken(Law.READS_ARE_TRUE, "shown as held, though nobody can hold it so", found);
    }
    if (found.answer() == Answer.NO) {
      holds.stream()
          .filter(hold -> hold.grant().span().isBefore(found.span()))
          .filter(hold -> found.span().done() < hold.trustedUntil(time, found))
          .forEach(
              hold ->
                  broken(
                      Law.READS_ARE_TRUE,
                      "shown as free while its holder may trust its lease",
                      hold.grant(),
                      found));
    }
  }

  private void oneRelease(Hold hold) {
    List<Ended> releases = hold.accepted();
    if (releases.size() > 1) {
      broken(Law.ONE_END, "released twice", hold.grant(), releases.get(0), releases.get(1));
    }
  }

  private boolean mayBeHeldUnheard(Span during) {
    return unheardGrants().stream()
        .anyMatch(
            grant ->
                grant.span().sent() <= during.done()
                    && !time.hasPassed(grant.span().done(), grant.lease(), during.sent()));
  }
}
