package dev.lease.testkit;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What came of a test.
 *
 * @param type the name of the store's class of tests
 * @param test the test's display name, which begins with its clauses
 * @param status what came of it
 * @param why the failure's message, or why it was skipped; empty if it passed
 * @param exception what the store threw, if that is why the test failed; else empty
 * @param isBroad whether it looks at many clauses at once or depends on chance
 */
record Outcome(
    String type, String test, Status status, String why, String exception, boolean isBroad)
    implements Serializable {

  enum Status {
    PASSED,
    FAILED,
    SKIPPED
  }

  private static final Pattern CLAUSES = Pattern.compile("((?:[LQ]\\d\\d )+)\\S.*", Pattern.DOTALL);

  /** The clauses that the test is for. */
  List<String> clauses() {
    Matcher clauses = CLAUSES.matcher(test);
    return clauses.matches() ? List.of(clauses.group(1).strip().split(" ")) : List.of();
  }

  boolean is(Status other) {
    return status == other;
  }
}
