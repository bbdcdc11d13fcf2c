package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.testkit.Event.Answer;
import dev.lease.testkit.Event.Checkpointed;
import dev.lease.testkit.Event.Enqueued;
import dev.lease.testkit.Event.Extended;
import dev.lease.testkit.Event.Found;
import dev.lease.testkit.Event.Granted;
import dev.lease.testkit.Event.Settled;
import dev.lease.testkit.Event.Write;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** The laws of jobs, for histories in which no operator cancels, requeues, deletes or purges. */
final class JobHistoryCheck extends HistoryCheck {

  private final int maxCrashes;
  private final int maxFailures;

  private JobHistoryCheck(String id, List<Event> history) {
    super(id, history);
    this.maxCrashes =
        only(Enqueued.class).mapToInt(Enqueued::maxCrashes).max().orElse(Integer.MAX_VALUE);
    this.maxFailures =
        only(Enqueued.class).mapToInt(Enqueued::maxFailures).max().orElse(Integer.MAX_VALUE);
  }

  static List<Violation> check(List<Event> history) {
    return check(history, JobHistoryCheck::new);
  }

  /** After expiry a settlement is still accepted, but an extension is not (policy 8). */
  @Override
  boolean needsLiveLease(Write write) {
    return write instanceof Extended;
  }

  @Override
  boolean isEcho(Settled first, Settled second) {
    return first.isSameAs(second);
  }

  @Override
  void checkMore() {
    nothingLost();
    settledOnce();
    notBeforeDue();
    attemptsExact();
    only(Found.class).forEach(this::tokenStays);
    firstCheckpoint();
  }

  private void nothingLost() {
    List<Enqueued> calls = only(Enqueued.class).toList();
    List<Enqueued> created = calls.stream().filter(call -> call.answer() == Answer.YES).toList();
    if (created.size() > 1) {
      broken(Law.NOTHING_LOST, "created twice", created.get(0), created.get(1));
    }
    for (Enqueued call : calls) {
      if (call.answer() == Answer.NO && !call.span().twice() && !mayExist(call)) {
        broken(
            Law.NOTHING_LOST,
            "enqueue reported an existing job, though nobody can have created it",
            call);
      }
    }
    for (Grant grant : grants) {
      if (!mayExist(grant.granted())) {
        broken(Law.NOTHING_LOST, "given, though nobody can have created it", grant.granted());
      }
    }
    for (Found found : only(Found.class).toList()) {
      if (found.answer() == Answer.YES && !mayExist(found)) {
        broken(Law.NOTHING_LOST, "found, though nobody can have created it", found);
      }
      if (found.answer() == Answer.NO) {
        events.stream()
            .filter(event -> event.span().isBefore(found.span()))
            .filter(JobHistoryCheck::showsThatItExists)
            .findFirst()
            .ifPresent(event -> broken(Law.NOTHING_LOST, "the job is gone", event, found));
      }
    }
    last()
        .filter(found -> found.state() != null && !found.state().isFinished())
        .ifPresent(
            found ->
                broken(
                    Law.NOTHING_LOST,
                    "the job is unfinished, but no claim gave it in the end",
                    found));
  }

  private static boolean showsThatItExists(Event event) {
    return switch (event.answer()) {
      case YES -> !event.key().isEmpty();
      case NO -> event instanceof Enqueued;
      default -> false;
    };
  }

  /** True if an enqueue can have created the job before this call returned. */
  private boolean mayExist(Event at) {
    return only(Enqueued.class)
        .anyMatch(
            call -> call != at && call.mayHaveHappened() && call.span().sent() <= at.span().done());
  }

  private void settledOnce() {
    for (Grant grant : grants) {
      List<Settled> accepted = grant.accepted();
      for (Settled second : accepted) {
        Settled first = accepted.get(0);
        if (!first.isSameAs(second)) {
          broken(Law.SETTLED_ONCE, "one claim was settled in two ways", first, second);
        }
      }
      accepted.stream()
          .filter(settled -> isFinal(grant, settled))
          .findFirst()
          .ifPresent(settled -> staysFinished(grant, settled));
    }
    only(Found.class)
        .filter(found -> found.state() != null && found.state().isFinished())
        .filter(found -> !isExplained(found))
        .forEach(
            found ->
                broken(
                    Law.SETTLED_ONCE,
                    "the job is finished, though nobody can have settled it like that",
                    found));
  }

  private void staysFinished(Grant grant, Settled settled) {
    grants.stream()
        .map(Grant::granted)
        .filter(
            granted -> granted.token() > grant.token() || settled.span().isBefore(granted.span()))
        .findFirst()
        .ifPresent(
            granted ->
                broken(Law.SETTLED_ONCE, "given again after it was finished", settled, granted));
    only(Found.class)
        .filter(found -> settled.span().isBefore(found.span()) && found.answer() == Answer.YES)
        .filter(
            found -> found.state() != finalState(settled) || !settled.note().equals(found.note()))
        .findFirst()
        .ifPresent(
            found ->
                broken(
                    Law.SETTLED_ONCE, "the job did not finish as it was settled", settled, found));
  }

  /** Whether the settlement finishes the job: also a retry that is the last failure does. */
  private boolean isFinal(Grant grant, Settled settled) {
    return switch (settled.how()) {
      case DONE, FAILED, CANCELLED -> true;
      case RETRY -> grant.granted().failures() + 1 >= maxFailures;
      case RELEASED -> false;
    };
  }

  private boolean mayFinish(Settled settled) {
    return settled.how().state().isFinished()
        || grants.stream()
            .filter(grant -> grant.token() == settled.token())
            .anyMatch(grant -> isFinal(grant, settled));
  }

  private static JobState finalState(Settled settled) {
    return settled.how() == SettlementKind.RETRY ? JobState.FAILED : settled.how().state();
  }

  private boolean isExplained(Found found) {
    long failures = retries(Long.MAX_VALUE, settled -> settled.answer() == Answer.YES);
    boolean ranOut = found.state() == JobState.FAILED && found.attempts() - failures >= maxCrashes;
    return ranOut
        || only(Settled.class)
            .filter(this::mayFinish)
            .anyMatch(
                settled ->
                    settled.mayHaveHappened()
                        && settled.token() == found.token()
                        && settled.span().sent() <= found.span().done()
                        && finalState(settled) == found.state()
                        && Objects.equals(settled.note(), found.note()));
  }

  private void notBeforeDue() {
    for (int i = 0; i < grants.size(); i++) {
      for (Settled settled : grants.get(i).accepted()) {
        if (settled.how() != SettlementKind.RETRY && settled.how() != SettlementKind.RELEASED) {
          continue;
        }
        long due = time.mayHavePassed(firstSent(grants.get(i), settled), settled.delay());
        grants.subList(i + 1, grants.size()).stream()
            .map(Grant::granted)
            .filter(granted -> granted.span().done() < due)
            .findFirst()
            .ifPresent(
                granted ->
                    broken(
                        Law.NOT_BEFORE_DUE, "given before the delay was over", settled, granted));
      }
    }
  }

  /**
   * When the settlement was sent first: a repeated one may be accepted, but changes nothing [Q30].
   */
  private static long firstSent(Grant grant, Settled settled) {
    return grant
        .settlements()
        .filter(same -> same.mayHaveHappened() && same.how() == settled.how())
        .filter(same -> same.delay().equals(settled.delay()))
        .mapToLong(same -> same.span().sent())
        .min()
        .orElseThrow();
  }

  private void attemptsExact() {
    int least = 0;
    int most = 0;
    long since = Long.MIN_VALUE;
    for (Grant grant : grants) {
      Granted granted = grant.granted();
      most += unheard(since, granted.span().done());
      int attempt = granted.attempt();
      if (attempt < least + 1 || attempt > most + 1 || attempt > mostAttempts()) {
        broken(
            Law.ATTEMPTS_EXACT,
            "given as attempt %d, but %s was expected, of at most %d"
                .formatted(attempt, range(least + 1, most + 1), mostAttempts()),
            granted);
      }
      checkFailures(granted);
      least = attempt - (mayBeReleased(grant) ? 1 : 0);
      most = attempt - (isReleased(grant) ? 1 : 0);
      since = granted.span().sent();
    }
    Optional<Found> last = last().filter(found -> found.answer() == Answer.YES);
    if (last.isPresent()) {
      most += unheard(since, last.get().span().done());
      int attempts = last.get().attempts();
      if (attempts < least || attempts > most || attempts > mostAttempts()) {
        broken(
            Law.ATTEMPTS_EXACT,
            "%d attempts in the end, but %s were expected, of at most %d"
                .formatted(attempts, range(least, most), mostAttempts()),
            last.get());
      }
    }
  }

  /** With one crash or one failure more the job would be finished. */
  private long mostAttempts() {
    return (long) maxCrashes + maxFailures - 1;
  }

  /** The failures that a claim tells are the retries of the grants before. */
  private void checkFailures(Granted granted) {
    int failures = granted.failures();
    int crashes = granted.attempt() - 1 - failures;
    if (failures >= maxFailures || crashes >= maxCrashes) {
      broken(
          Law.ATTEMPTS_EXACT,
          "given after %d failures of %d, and %d crashes of %d"
              .formatted(failures, maxFailures, crashes, maxCrashes),
          granted);
    }
    long least = retries(granted.token(), settled -> settled.answer() == Answer.YES);
    long most = retries(granted.token(), Settled::mayHaveHappened);
    if (failures < least || failures > most) {
      broken(
          Law.ATTEMPTS_EXACT,
          "given with %d failures, but %d to %d were expected".formatted(failures, least, most),
          granted);
    }
  }

  private long retries(long beforeToken, Predicate<Settled> condition) {
    return grants.stream()
        .filter(grant -> grant.token() < beforeToken)
        .filter(
            grant ->
                grant
                    .settlements()
                    .anyMatch(one -> one.how() == SettlementKind.RETRY && condition.test(one)))
        .count();
  }

  private static String range(int least, int most) {
    return least == most ? String.valueOf(least) : least + " to " + most;
  }

  /** How many claims without a reply may have taken effect between two moments. */
  private int unheard(long since, long until) {
    return Math.toIntExact(
        unheardGrants().stream()
            .filter(claim -> claim.span().sent() <= until && claim.span().done() >= since)
            .count());
  }

  private static boolean isReleased(Grant grant) {
    return grant.accepted().stream().anyMatch(settled -> settled.how() == SettlementKind.RELEASED);
  }

  private static boolean mayBeReleased(Grant grant) {
    return isReleased(grant)
        || (grant.accepted().isEmpty()
            && grant
                .settlements()
                .anyMatch(
                    settled ->
                        settled.how() == SettlementKind.RELEASED && settled.mayHaveHappened()));
  }

  private void tokenStays(Found found) {
    if (found.answer() != Answer.YES) {
      return;
    }
    grants.stream()
        .filter(grant -> grant.granted().span().isBefore(found.span()))
        .filter(grant -> found.token() < grant.token())
        .findFirst()
        .ifPresent(
            grant ->
                broken(
                    Law.TOKENS_GROW,
                    "find showed a smaller token than was granted",
                    grant.granted(),
                    found));
  }

  private void firstCheckpoint() {
    Map<String, Checkpointed> firsts = new HashMap<>();
    for (Checkpointed call :
        only(Checkpointed.class).filter(one -> one.answer() == Answer.YES).toList()) {
      Checkpointed first = firsts.putIfAbsent(call.step(), call);
      if (first != null && !first.kept().equals(call.kept())) {
        broken(Law.FIRST_CHECKPOINT, "a step has two values", first, call);
      }
      boolean written =
          only(Checkpointed.class)
              .anyMatch(
                  write ->
                      write.step().equals(call.step())
                          && write.value().equals(call.kept())
                          && write.mayHaveHappened()
                          && write.span().sent() <= call.span().done());
      if (!written) {
        broken(Law.FIRST_CHECKPOINT, "a step has a value that nobody can have stored", call);
      }
    }
  }

  /** The find that came after all other calls, if there is one. */
  private Optional<Found> last() {
    return only(Found.class)
        .max(Comparator.comparingLong(found -> found.span().sent()))
        .filter(
            found ->
                events.stream()
                    .allMatch(
                        event ->
                            event == found
                                || event.span().done() == Span.NEVER
                                || event.span().isBefore(found.span())));
  }
}
