package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
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
      int suspensions,
      long done,
      int orders,
      int duplicates,
      int lost,
      int repeats,
      int overlaps,
      int crowded,
      int outOfOrder,
      int leasesLostExplained,
      int leasesLostUnexplained,
      double maxRecoveryS) {}

  /**
   * Judges a run.
   *
   * @param store the store
   * @param plan what was asked for
   * @param suspensions how many workers were suspended
   * @param done how many jobs the store calls done
   * @param orders what is known about the orders
   * @param excuses for leases that living workers lost
   */
  static CrashReport of(
      StoreName store, CrashPlan plan, int suspensions, long done, Orders orders, Excuses excuses) {
    int jobs = plan.orders();
    List<Kill> kills = orders.kills();
    Verdict verdict = orders.verdict(excuses.excused());
    List<String> failures = new ArrayList<>(excuses.failures());
    failures.addAll(verdict.failures());
    List<String> crowded =
        orders.customers().stream().flatMap(each -> each.crowded(at -> 1).stream()).toList();
    failures.addAll(crowded);
    List<String> outOfOrder =
        orders.customers().stream().flatMap(each -> each.outOfOrder().stream()).toList();
    failures.addAll(outOfOrder);
    if (done != jobs) {
      failures.add(done + " of " + jobs + " jobs are done");
    }
    if (kills.size() != plan.kills()) {
      failures.add("only " + kills.size() + " of " + plan.kills() + " workers could be killed");
    }
    if (suspensions != plan.suspensions()) {
      failures.add(
          "only " + suspensions + " of " + plan.suspensions() + " workers could be suspended");
    }
    Counts counts =
        new Counts(
            store.toString(),
            jobs,
            kills.size(),
            kills.stream().mapToInt(kill -> kill.inFlight().size()).sum(),
            suspensions,
            done,
            verdict.orders(),
            verdict.duplicates(),
            verdict.lost(),
            verdict.repeats(),
            verdict.overlaps(),
            crowded.size(),
            outOfOrder.size(),
            excuses.excused().size(),
            excuses.unexcused().size(),
            Durations.seconds(verdict.recovery()));
    return new CrashReport(counts, failures);
  }
}
