package dev.lease.testkit;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which clause to look at first where many failed. It is the order of the contract, which goes from
 * what a store does first to what builds on it, with these exceptions: nothing is claimed in a
 * store that does not give a job when it is due [Q14], and what a claim answers [Q11, Q20] shows
 * most faults of the others.
 */
final class ClauseOrder {

  private static final List<String> FIRST = List.of("Q14");
  private static final List<String> LAST = List.of("Q11", "Q20");

  static final Comparator<String> MOST_BASIC_FIRST =
      Comparator.<String>comparingInt(ClauseOrder::group).thenComparing(Comparator.naturalOrder());

  private static final Comparator<Outcome> FIRST_TO_LOOK_AT =
      Comparator.comparing(Outcome::isBroad)
          .thenComparing(failed -> failed.clauses().get(0), MOST_BASIC_FIRST);

  private ClauseOrder() {}

  /** Leases come before jobs. */
  private static int group(String clause) {
    if (clause.startsWith("L")) {
      return 0;
    }
    return FIRST.contains(clause) ? 1 : LAST.contains(clause) ? 3 : 2;
  }

  /** The failed test to begin with. */
  static Optional<Outcome> first(List<Outcome> failed) {
    return failed.stream().min(FIRST_TO_LOOK_AT);
  }
}
