package dev.lease.examples.orderbot;

import dev.lease.examples.leasecli.StoreName;
import java.util.ArrayList;
import java.util.List;

/**
 * What a crash test found.
 *
 * @param counts the last line of its output
 * @param failures what is wrong, in words; empty if all is well
 */
record CrashReport(Counts counts, List<String> failures) {

  /** The fields of the JSON, in camel case. */
  record Counts(
      String store,
      int jobs,
      int kills,
      int killedInFlight,
      long done,
      int orders,
      int duplicates,
      int lost,
      int repeats,
      int overlaps,
      int leasesLostExplained,
      int leasesLostUnexplained,
      double maxRecoveryS) {}

  /**
   * Judges a run.
   *
   * @param store the store
   * @param killsAsked how many kills were asked for
   * @param done how many jobs the store calls done
   * @param orders what is known about the orders
   * @param excuses for leases that living workers lost
   */
  static CrashReport of(
      StoreName store, int killsAsked, long done, Orders orders, Excuses excuses) {
    int jobs = orders.asked().size();
    List<Kill> kills = orders.kills();
    Verdict verdict = orders.verdict(excuses.excused());
    List<String> failures = new ArrayList<>(excuses.failures());
    failures.addAll(verdict.failures());
    if (done != jobs) {
      failures.add(done + " of " + jobs + " jobs are done");
    }
    if (kills.size() != killsAsked) {
      failures.add("only " + kills.size() + " of " + killsAsked + " workers could be killed");
    }
    Counts counts =
        new Counts(
            store.toString(),
            jobs,
            kills.size(),
            kills.stream().mapToInt(kill -> kill.inFlight().size()).sum(),
            done,
            verdict.orders(),
            verdict.duplicates(),
            verdict.lost(),
            verdict.repeats(),
            verdict.overlaps(),
            excuses.excused().size(),
            excuses.unexcused().size(),
            Durations.seconds(verdict.recovery()));
    return new CrashReport(counts, failures);
  }
}
