package dev.lease.examples.orderbot;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A lease that a living worker says it has lost.
 *
 * @param worker who
 * @param order of which order
 * @param token under which token
 * @param at when it said so, or soon after
 */
record LostLease(String worker, String order, long token, Instant at) {

  private static final Pattern SAID =
      Pattern.compile(
          ".* WARN +Job \\S+ (?<order>\\S+) of queue .*, token (?<token>\\d+)\\)"
              + " (lost its lease|was lost before it could be settled).*");

  /** What a line of a worker's log says of it. */
  static Optional<LostLease> of(String worker, String line, Instant at) {
    Matcher said = SAID.matcher(line);
    return said.matches()
        ? Optional.of(
            new LostLease(worker, said.group("order"), Long.parseLong(said.group("token")), at))
        : Optional.empty();
  }
}
