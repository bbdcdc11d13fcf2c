package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.groupingBy;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What the exchange's book and log say about the workers. The book does not show repeats, so they
 * are counted in the log. An order may be asked for once more for each kill of a worker that had
 * asked for it, and never while a live worker is placing it.
 *
 * @param trails what happened to each order that was asked for
 */
record Verdict(List<Trail> trails) {

  /**
   * Puts together what is known.
   *
   * @param asked the ids of the orders that were asked for
   * @param kills the workers that were killed
   * @param log the exchange's log
   * @param book the exchange's book
   */
  static Verdict of(List<String> asked, List<Kill> kills, List<LogLine> log, List<BookEntry> book) {
    Map<String, List<LogLine>> lines = log.stream().collect(groupingBy(LogLine::orderId));
    Map<String, List<BookEntry>> entries = book.stream().collect(groupingBy(e -> e.order().id()));
    return new Verdict(
        asked.stream()
            .map(
                order ->
                    new Trail(
                        order,
                        entries.getOrDefault(order, List.of()).size(),
                        lines.getOrDefault(order, List.of()),
                        kills.stream().filter(kill -> kill.hit(order)).toList()))
            .toList());
  }

  /** How many of the orders are in the book. */
  int orders() {
    return (int) trails.stream().filter(trail -> trail.entries() > 0).count();
  }

  /** How many of the orders are not in the book. */
  int lost() {
    return trails.size() - orders();
  }

  /** How many entries the book has beyond the first of an order. */
  int duplicates() {
    return trails.stream().mapToInt(trail -> Math.max(0, trail.entries() - 1)).sum();
  }

  /** How many requests came beyond the first of an order. */
  int repeats() {
    return trails.stream().mapToInt(Trail::repeats).sum();
  }

  /** How many requests came while a live worker was placing the same order. */
  int overlaps() {
    return trails.stream().mapToInt(trail -> trail.overlaps().size()).sum();
  }

  /** The longest time from a kill until an order of the killed worker was held again. */
  Duration recovery() {
    return trails.stream()
        .flatMap(trail -> trail.recovery().stream())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** What is wrong, in words; empty if all is well. */
  List<String> failures() {
    return trails.stream().flatMap(trail -> trail.failures().stream()).toList();
  }
}
