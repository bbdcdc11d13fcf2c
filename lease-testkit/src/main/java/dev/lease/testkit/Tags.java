package dev.lease.testkit;

import java.util.Set;

/** The tags of tests that a build may want to leave out or to run on their own. */
final class Tags {

  /** Takes long, and may fail by chance for a rule that the test is not about. */
  static final String RACE = "race";

  /** Fails whatever rule is broken, so it does not tell which one. */
  static final String MODEL = "model";

  /** Looks at more than its clause, as what is made by a rule does, so it may fail for others. */
  static final String RULE = "rule";

  /** Makes whole sequences of calls and compares them with the reference, as the model does. */
  static final String STATE = "state";

  /** Looks at many clauses at once. */
  static final String HISTORY = "history";

  /** Needs a store whose server is reached over a network. */
  static final String NETWORK = "network";

  /**
   * Tests whose failure does not tell which clause is broken, or is left to chance. None of them
   * depends on when a lease expires, so a slow machine is no excuse for them.
   */
  static final Set<String> BROAD = Set.of(RACE, MODEL, STATE, HISTORY, NETWORK);

  private Tags() {}
}
