package dev.lease.cli;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether the jobs that match are changed, and how many at most; otherwise they are counted. */
final class Consent {

  private static final String INTERRUPTED = "the command was interrupted.";

  @Option(
      names = "--yes",
      description = "do it to the jobs that match now, and no more; without it, they are counted")
  private boolean yes;

  @Option(
      names = "--expect",
      paramLabel = "N",
      description = "do it to the jobs that match if they are N at most, and otherwise to none")
  private @Nullable Long expected;

  boolean isGiven() {
    return yes || expected != null;
  }

  /**
   * Does it to the jobs that were counted, if that is wanted, and prints what was or would be done.
   *
   * @param done what it does to jobs, such as {@code cancelled}
   * @param why why it may not be done to a job that was counted
   * @param work the work, which may be cut short
   * @param action does it to so many jobs at most, piece by piece
   * @param isAnyLeft whether jobs match now to which it was not done
   * @return whether it is done to all, or there are jobs to which it would be done
   */
  boolean act(
      Output out,
      String done,
      String why,
      Tally tally,
      LongWork work,
      LongConsumer action,
      BooleanSupplier isAnyLeft) {
    if (!isGiven()) {
      return tally.print(out, done);
    }
    long most = expected == null ? tally.total() : expected;
    if (tally.total() > most) {
      return tally.printTooMany(out, most);
    }
    action.accept(most);
    return tally.printDone(out, done, work.cutShort() ? INTERRUPTED : why, work.done(), isAnyLeft);
  }
}
