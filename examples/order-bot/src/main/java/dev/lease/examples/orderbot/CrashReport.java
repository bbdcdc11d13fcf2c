package dev.lease.examples.orderbot;

import java.util.ArrayList;
import java.util.List;

/**
 * What a crash test found.
 *
 * @param counts the line that it ends with
 * @param failures what is wrong, in words; empty if all is well
 */
record CrashReport(Counts counts, List<String> failures) {

  /** The names are those of the JSON, but for the case. */
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
      double maxRecoveryS) {}

  /**
   * Adds to the verdict what the exchange does not know.
   *
   * @param store the store
   * @param killsAsked how many workers were to be killed
   * @param kills the workers that were killed
   * @param done how many jobs the store calls done
   * @param verdict what the exchange knows
   */
  static CrashReport of(
      StoreName store, int killsAsked, List<Kill> kills, long done, Verdict verdict) {
    int jobs = verdict.trails().size();
    List<String> failures = new ArrayList<>(verdict.failures());
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
            Durations.seconds(verdict.recovery()));
    return new CrashReport(counts, failures);
  }
}
