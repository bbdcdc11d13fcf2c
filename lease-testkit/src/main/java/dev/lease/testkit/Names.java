package dev.lease.testkit;

import java.util.concurrent.ThreadLocalRandom;

/** Names that no other test has, since all tests of a class share one store. */
final class Names {

  private static final long FIRST_OF_10_DIGITS = Long.parseLong("1000000000", 36);
  private static final long LAST_OF_10_DIGITS = Long.parseLong("zzzzzzzzzz", 36);

  private Names() {}

  /** Short, since people read it in reports, and in random order, like the ids of real jobs. */
  static String unique(String what) {
    return what
        + "-"
        + Long.toString(
            ThreadLocalRandom.current().nextLong(FIRST_OF_10_DIGITS, LAST_OF_10_DIGITS), 36);
  }
}
