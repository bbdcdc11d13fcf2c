package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A lease that a living worker reports as lost.
 *
 * @param worker the worker
 * @param order the order
 * @param token the token of the lease
 * @param at when the worker reported it, or soon after
 */
record LostLease(String worker, String order, long token, Instant at) {

  private static final Pattern SAID =
      Pattern.compile(
          ".* WARN +Job \\S+ (?<order>\\S+) of queue .*, token (?<token>\\d+)\\)"
              + " (lost its lease|was lost before it could be settled"
              // The handler sees it first if it runs before the thread that extends.
              + "|failed; it is tried again after [^:]+: dev\\.lease\\.LeaseLostException).*");

  /** The loss that a line of a worker's log reports, if it reports one. */
  static Optional<LostLease> of(String worker, String line, Instant at) {
    Matcher said = SAID.matcher(line);
    return said.matches()
        ? Optional.of(
            new LostLease(worker, said.group("order"), Long.parseLong(said.group("token")), at))
        : Optional.empty();
  }
}
