package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a soak found.
 *
 * @param counts the last line of its output
 * @param failures what is wrong, in words; empty if all is well
 */
record SoakReport(Counts counts, List<String> failures) {

  /**
   * The settings of a soak, and what it saw.
   *
   * @param store the store
   * @param seed the seed of everything that was drawn
   * @param minutes how long it ran
   * @param bound how long a due job may wait
   * @param troubles the faults that hit the workers
   * @param oldestDue the longest time that a due job of each queue waited
   * @param done how many jobs the store calls done
   * @param limits what was seen of the customers' slots
   */
  record Seen(
      StoreName store,
      long seed,
      int minutes,
      Duration bound,
      List<Trouble> troubles,
      Map<String, Duration> oldestDue,
      long done,
      SoakLimits.Seen limits) {}

  /** The fields of the JSON, in camel case. */
  record Counts(
      String store,
      long seed,
      int minutes,
      Map<Fault, Integer> faults,
      int orders,
      long done,
      int duplicates,
      int lost,
      int repeats,
      int overlaps,
      int leasesLostExplained,
      int leasesLostUnexplained,
      Map<String, Double> oldestDueByQueueS,
      double oldestDueMaxS,
      double oldestDueBoundS,
      double maxRecoveryS,
      int customers,
      int limitChanges,
      int mostAtOnce,
      int crowded,
      double slotIdleMaxS,
      String verdict) {}

  /** Judges a soak. */
  static SoakReport of(Seen seen, Orders orders, Excuses excuses) {
    Verdict verdict = orders.verdict(excuses.excused());
    List<String> failures = new ArrayList<>(excuses.failures());
    failures.addAll(verdict.failures());
    if (seen.done() != orders.asked().size()) {
      failures.add(seen.done() + " of " + orders.asked().size() + " jobs are done");
    }
    List<String> crowded =
        orders.customers().stream()
            .flatMap(
                each -> each.crowded(at -> seen.limits().bounds().at(each.customer(), at)).stream())
            .toList();
    failures.addAll(crowded);
    failures.addAll(seen.limits().leftOver());
    if (seen.limits().longestIdle().compareTo(seen.bound()) > 0) {
      failures.add(
          "a slot of a customer with jobs that were held back was free for %s, which is more than %s"
              .formatted(
                  Durations.shown(seen.limits().longestIdle()), Durations.shown(seen.bound())));
    }
    seen.oldestDue()
        .forEach(
            (queue, age) -> {
              if (age.compareTo(seen.bound()) > 0) {
                failures.add(
                    "a due job of queue %s waited %s, which is more than %s"
                        .formatted(queue, Durations.shown(age), Durations.shown(seen.bound())));
              }
            });
    Counts counts =
        new Counts(
            seen.store().toString(),
            seen.seed(),
            seen.minutes(),
            count(seen.troubles()),
            verdict.orders(),
            seen.done(),
            verdict.duplicates(),
            verdict.lost(),
            verdict.repeats(),
            verdict.overlaps(),
            excuses.excused().size(),
            excuses.unexcused().size(),
            seconds(seen.oldestDue()),
            Durations.seconds(longest(seen.oldestDue().values())),
            Durations.seconds(seen.bound()),
            Durations.seconds(verdict.recovery()),
            orders.customers().size(),
            seen.limits().changes(),
            orders.customers().stream().mapToInt(CustomerTrail::mostAtOnce).max().orElse(0),
            crowded.size(),
            Durations.seconds(seen.limits().longestIdle()),
            failures.isEmpty() ? "good" : "bad");
    return new SoakReport(counts, failures);
  }

  private static Map<Fault, Integer> count(List<Trouble> troubles) {
    Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
    for (Fault fault : Fault.values()) {
      counts.put(fault, 0);
    }
    troubles.forEach(trouble -> counts.merge(trouble.fault(), 1, Integer::sum));
    return new TreeMap<>(counts);
  }

  private static Map<String, Double> seconds(Map<String, Duration> ages) {
    Map<String, Double> seconds = new TreeMap<>();
    ages.forEach((queue, age) -> seconds.put(queue, Durations.seconds(age)));
    return seconds;
  }

  private static Duration longest(Collection<Duration> ages) {
    return ages.stream().max(Duration::compareTo).orElse(Duration.ZERO);
  }
}
