package dev.lease.testkit;

import dev.lease.testkit.Outcome.Status;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many tests there are, and what came of those that were asked.
 *
 * @param all the tests of the contracts, also those that the build left out
 */
record TestCount(long all, int asked, long passed, long failed, long skipped) {

  static TestCount of(Collection<Part> parts) {
    return new TestCount(
        parts.stream().mapToLong(Part::tests).sum(),
        parts.stream().mapToInt(part -> part.outcomes().size()).sum(),
        with(Status.PASSED, parts),
        with(Status.FAILED, parts),
        with(Status.SKIPPED, parts));
  }

  private static long with(Status status, Collection<Part> parts) {
    return parts.stream()
        .flatMap(part -> part.outcomes().stream())
        .filter(outcome -> outcome.is(status))
        .count();
  }

  Map<String, Object> byName() {
    Map<String, Object> byName = new LinkedHashMap<>();
    byName.put("all", all);
    byName.put("asked", asked);
    byName.put("passed", passed);
    byName.put("failed", failed);
    byName.put("skipped", skipped);
    return byName;
  }

  @Override
  public String toString() {
    return "%s: %d passed, %d failed, %d skipped"
        .formatted(asked == all ? asked : asked + " of " + all, passed, failed, skipped);
  }
}
