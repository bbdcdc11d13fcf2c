package dev.lease.testkit;

import dev.lease.testkit.Observation.Difference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place where a store did something else than the reference.
 *
 * @param calls the calls, up to the one after which both differed
 * @param listing the calls as source text
 * @param tolerance by how much durations may differ
 * @param difference what differed; null if the store threw
 * @param thrown what the store threw, or null
 */
record Disagreement<S extends Subject>(
    List<NumberedCall<S>> calls,
    CallListing listing,
    Duration tolerance,
    @Nullable Difference difference,
    @Nullable Throwable thrown) {

  /** What differed, in words. */
  String words() {
    if (difference == null) {
      return "the reference answered the last call, but the store threw " + thrown;
    }
    return "found = "
        + difference.place().object()
        + "\n"
        + difference.place().code("found")
        + "\nexpected: "
        + JavaSource.of(difference.expected())
        + "\nbut was:  "
        + JavaSource.of(difference.found());
  }

  /** The source text of a test that fails in the same way. */
  String test(String name, List<String> before) {
    List<String> statements = new ArrayList<>(before);
    statements.addAll(listing.statements(assertion()));
    return "@Test\nvoid "
        + name
        + "() throws Exception {\n  "
        + String.join("\n  ", statements)
        + "\n}\n";
  }

  private List<String> assertion() {
    if (difference == null) {
      return List.of("// the last call threw " + thrown);
    }
    return List.of(
        "var found = " + difference.place().object() + ";",
        "assertThat(" + difference.place().code("found") + ")" + isExpected(difference.expected()));
  }

  private String isExpected(@Nullable Object expected) {
    if (expected == null) {
      return ".isNull();";
    }
    return expected instanceof Duration && !tolerance.isZero()
        ? ".isCloseTo(" + JavaSource.of(expected) + ", " + JavaSource.of(tolerance) + ");"
        : ".isEqualTo(" + JavaSource.of(expected) + ");";
  }
}
