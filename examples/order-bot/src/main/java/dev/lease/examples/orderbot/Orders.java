package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is known about the orders that were asked for.
 *
 * @param asked the ids of the orders, as they were enqueued
 * @param kills the workers that were killed
 * @param log the exchange's log
 * @param book the exchange's book
 */
record Orders(List<String> asked, List<Kill> kills, List<LogLine> log, List<BookEntry> book) {

  /**
   * Judges the orders.
   *
   * @param excused the excused losses of leases, each as if its worker had been killed
   */
  Verdict verdict(List<Kill> excused) {
    return Verdict.of(asked, Stream.concat(kills.stream(), excused.stream()).toList(), log, book);
  }

  /** What the exchange saw of each customer. */
  List<CustomerTrail> customers() {
    Map<String, List<LogLine>> lines =
        log.stream()
            .filter(line -> line.request().order().customer() != null)
            .collect(groupingBy(line -> line.request().order().customer(), TreeMap::new, toList()));
    return lines.entrySet().stream()
        .map(each -> CustomerTrail.of(each.getKey(), asked, each.getValue()))
        .toList();
  }
}
