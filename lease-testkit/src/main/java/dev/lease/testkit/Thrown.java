package dev.lease.testkit;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** Exceptions of a store, where one of them fails many tests. */
final class Thrown {

  private static final int FEW = 3;
  private static final int LONGEST = 200;

  /** Causes may go round in a circle. */
  static final int DEEPEST = 100;

  private Thrown() {}

  /** The exception behind a failure, without what differs from test to test; empty if none is. */
  static String by(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
      root = root.getCause();
    }
    if (root instanceof AssertionError) {
      return "";
    }
    String text =
        root.toString().replaceAll("-[0-9a-z]{10}\\b", "-*").replaceAll("\\s+", " ").strip();
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }

  /** A line for each of the most frequent exceptions that several tests met. */
  static List<String> inSeveral(List<Outcome> failed) {
    return failed.stream()
        .filter(test -> !test.exception().isEmpty())
        .collect(groupingBy(Outcome::exception, LinkedHashMap::new, toList()))
        .values()
        .stream()
        .filter(tests -> tests.size() > 1)
        .sorted(Comparator.comparingInt((List<Outcome> tests) -> -tests.size()))
        .limit(FEW)
        .map(Thrown::line)
        .toList();
  }

  private static String line(List<Outcome> tests) {
    Outcome first = ClauseOrder.first(tests).orElseThrow();
    return String.format(
        Locale.ROOT,
        "The same exception in %d tests, first in %s: %s",
        tests.size(),
        String.join(" ", first.clauses()),
        first.exception());
  }
}
