package dev.lease.examples.proof;

import dev.lease.examples.shared.StoreName;
import dev.lease.examples.shared.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of a graph whose workers were killed.
 *
 * @param store its store
 * @param plan what was planned
 * @param kills how many workers were killed
 * @param tooSoon how many orders ran before the whole graph was stored
 * @param early whether the statement began before the last order had ended
 * @param done how many orders are DONE
 * @param takenOver how many orders took more than one attempt
 * @param repeated how many orders had their effect more than once
 * @param missing how many orders had no effect
 * @param heldTwice how many jobs were claimed while another attempt held them, or after one had
 *     ended them
 * @param attempts how many attempts the statement took
 * @param sum what it says
 * @param left how many jobs have not ended, or wait
 * @param took how long it took
 */
record GraphResult(
    StoreName store,
    GraphPlan plan,
    int kills,
    long tooSoon,
    boolean early,
    long done,
    long takenOver,
    long repeated,
    long missing,
    long heldTwice,
    int attempts,
    long sum,
    long left,
    Duration took) {

  /** What is wrong; empty if all is well. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    expect(failures, "workers that were killed", plan.kills(), kills);
    expect(failures, "orders that ran before the whole graph was stored", 0, tooSoon);
    if (early) {
      failures.add("the statement began before the last order had ended");
    }
    expect(failures, "orders that are done", plan.orders(), done);
    expect(failures, "orders without their effect", 0, missing);
    expect(failures, "jobs that two attempts held at once", 0, heldTwice);
    expect(failures, "the sum", plan.sum(), sum);
    expect(failures, "jobs that have not ended", 0, left);
    return failures;
  }

  private static void expect(List<String> failures, String what, long expected, long is) {
    if (is != expected) {
      failures.add("%s: %d, not %d".formatted(what, is, expected));
    }
  }

  @Override
  public String toString() {
    return new Table(
            "store",
            "orders",
            "kills",
            "taken over",
            "repeated",
            "missing",
            "held twice",
            "attempts",
            "sum",
            "seconds")
        .row(
            store,
            plan.orders(),
            kills,
            takenOver,
            repeated,
            missing,
            heldTwice,
            attempts,
            sum,
            String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0))
        .toString();
  }
}
