package dev.lease.testkit;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A law that a history breaks.
 *
 * @param law the law
 * @param key the job or the name
 * @param what what is wrong
 * @param culprits the calls that break the law together
 * @param part all calls for the job or name, and all moves of the store's time
 */
record Violation(Law law, String key, String what, List<Event> culprits, List<Event> part) {

  /** How many calls are shown before the first one that breaks the law. */
  private static final int BEFORE = 8;

  /** What is wrong, and the calls that led to it, in the order in which they were sent. */
  @Override
  public String toString() {
    List<Event> sorted =
        part.stream().sorted(Comparator.comparingLong(event -> event.span().sent())).toList();
    int first = culprits.stream().mapToInt(sorted::indexOf).min().orElse(0);
    int last = culprits.stream().mapToInt(sorted::indexOf).max().orElse(0);
    int from = Math.max(0, first - BEFORE);
    String title =
        "%s: %s%nIts calls from number %d on, in microseconds; > marks those that break the law%n"
            .formatted(key, what, from + 1);
    return sorted.subList(from, last + 1).stream()
        .map(event -> (culprits.contains(event) ? "> " : "  ") + event.span() + event.text())
        .collect(Collectors.joining("\n", title, ""));
  }
}
