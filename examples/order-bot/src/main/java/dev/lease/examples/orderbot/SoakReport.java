package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a soak found.
 *
 * @param counts the line that it ends with
 * @param failures what is wrong, in words; empty if all is well
 */
record SoakReport(Counts counts, List<String> failures) {

  /** A lease is extended when a third of it has passed: less than that costs no worker a lease. */
  private static final int SHARE = 3;

  /** For how many leases it looks back where the exchange was never asked. */
  private static final int LOOK_BACK = 4;

  /**
   * What a soak was, and what it saw.
   *
   * @param store the store
   * @param seed decided on all that was drawn
   * @param minutes how long it ran
   * @param lease how long the workers held a job
   * @param bound how long a due job may wait
   * @param troubles what befell the workers
   * @param lost the leases that living workers lost
   * @param oldestDue how long the oldest due job of each queue waited at most
   * @param done how many jobs the store calls done
   */
  record Seen(
      StoreName store,
      long seed,
      int minutes,
      Duration lease,
      Duration bound,
      List<Trouble> troubles,
      List<LostLease> lost,
      Map<String, Duration> oldestDue,
      long done) {}

  /** What the exchange knows, and who was killed. */
  record Orders(List<String> asked, List<Kill> kills, List<LogLine> log, List<BookEntry> book) {}

  /** The names are those of the JSON, but for the case. */
  record Counts(
      String store,
      long seed,
      int minutes,
      Map<SoakFault, Integer> faults,
      int orders,
      long done,
      int duplicates,
      int lost,
      int repeats,
      int overlaps,
      int leasesLostExplained,
      int leasesLostUnexplained,
      double oldestDueMaxS,
      double oldestDueBoundS,
      double maxRecoveryS,
      String verdict) {}

  /** Judges. */
  static SoakReport of(Seen seen, Orders orders) {
    List<String> failures = new ArrayList<>();
    List<Kill> excuses = new ArrayList<>(orders.kills());
    for (LostLease lease : seen.lost()) {
      Optional<Kill> excuse = excuse(lease, seen, orders.log());
      excuse.ifPresentOrElse(
          excuses::add,
          () ->
              failures.add(
                  "%s lost its lease of %s, token %d, at %s, and nothing had befallen it"
                      .formatted(lease.worker(), lease.order(), lease.token(), lease.at())));
    }
    int unexplained = failures.size();
    Verdict verdict = Verdict.of(orders.asked(), excuses, orders.log(), orders.book());
    failures.addAll(verdict.failures());
    if (seen.done() != orders.asked().size()) {
      failures.add(seen.done() + " of " + orders.asked().size() + " jobs are done");
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
            seen.lost().size() - unexplained,
            unexplained,
            Durations.seconds(longest(seen.oldestDue().values())),
            Durations.seconds(seen.bound()),
            Durations.seconds(verdict.recovery()),
            failures.isEmpty() ? "good" : "bad");
    return new SoakReport(counts, failures);
  }

  /**
   * Present if what befell a worker, since it had the order, kept it from extending its lease for
   * so long that it could not but lose it: as if it had been killed with that order alone.
   */
  private static Optional<Kill> excuse(LostLease lease, Seen seen, List<LogLine> log) {
    Instant since =
        log.stream()
            .filter(line -> line.orderId().equals(lease.order()))
            .filter(line -> line.request().token() == lease.token())
            .map(line -> line.at().minus(seen.lease()))
            .findFirst()
            .orElse(lease.at().minus(seen.lease().multipliedBy(LOOK_BACK)));
    List<Trouble> reasons =
        seen.troubles().stream().filter(trouble -> !trouble.kept(lease, since).isZero()).toList();
    Duration kept =
        reasons.stream()
            .map(trouble -> trouble.kept(lease, since))
            .reduce(Duration.ZERO, Duration::plus);
    return kept.compareTo(seen.lease().dividedBy(SHARE)) < 0
        ? Optional.empty()
        : reasons.stream()
            .map(Trouble::from)
            .min(Instant::compareTo)
            .map(from -> new Kill(lease.worker(), from, Map.of(lease.order(), lease.token())));
  }

  private static Map<SoakFault, Integer> count(List<Trouble> troubles) {
    Map<SoakFault, Integer> counts = new EnumMap<>(SoakFault.class);
    for (SoakFault fault : SoakFault.values()) {
      counts.put(fault, 0);
    }
    troubles.forEach(trouble -> counts.merge(trouble.fault(), 1, Integer::sum));
    return new TreeMap<>(counts);
  }

  private static Duration longest(Collection<Duration> ages) {
    return ages.stream().max(Duration::compareTo).orElse(Duration.ZERO);
  }
}
