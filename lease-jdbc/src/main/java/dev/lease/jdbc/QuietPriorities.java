package dev.lease.jdbc;

import dev.lease.Limits;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which priorities of a queue the next look leaves out, because the last one found no jobs there
 * [Q11]: where looks walk over dead entries, an empty priority may cost as much as a full one. It
 * does not change, but for the times of hints, which all of a queue share; they are used only while
 * the map of queues computes.
 */
final class QuietPriorities {

  private static final int LEVELS = Limits.MAX_PRIORITY + 1;

  private final boolean[] quiet;

  /** The local time of the last hint for each priority, or a later one; null before the first. */
  private final @Nullable Long[] hinted;

  private final boolean asksAll;

  /** The local time at which the last look began that asked for all. */
  private final long allAsked;

  /** How long it took. */
  private final long allTook;

  /** Before the first look. */
  QuietPriorities() {
    this(new boolean[LEVELS], new Long[LEVELS], false, 0, 0);
  }

  private QuietPriorities(
      boolean[] quiet, @Nullable Long[] hinted, boolean asksAll, long allAsked, long allTook) {
    this.quiet = quiet;
    this.hinted = hinted;
    this.asksAll = asksAll;
    this.allAsked = allAsked;
    this.allTook = allTook;
  }

  /** Whether the next look asks for a priority. */
  boolean isAsked(int priority) {
    return asksAll || !quiet[priority];
  }

  /**
   * The same at a time: the next look asks for all once the last one that did so is long enough
   * ago.
   *
   * @param times how many times as long as that look took
   */
  QuietPriorities at(long time, int times) {
    return asksAll || time - allAsked < times * allTook
        ? this
        : new QuietPriorities(quiet, hinted, true, allAsked, allTook);
  }

  /**
   * The same after a hint for the priorities in a range. A look under way can still be noted.
   *
   * @param time looks that began until then may have missed the jobs
   */
  QuietPriorities hinted(int from, int to, long time) {
    for (int priority = from; priority <= to; priority++) {
      if (!hasMissedHint(priority, time)) {
        hinted[priority] = time;
      }
    }
    return IntStream.rangeClosed(from, to).noneMatch(priority -> quiet[priority])
        ? this
        : with(priority -> quiet[priority] && (priority < from || priority > to));
  }

  /**
   * The same after a look.
   *
   * @param all whether it asked for all priorities
   * @param seen the priorities in which it saw jobs, also those from which it took none
   */
  QuietPriorities after(boolean all, Set<Integer> seen, long began, long took) {
    QuietPriorities next =
        with(
            priority ->
                (all || isAsked(priority))
                    ? !seen.contains(priority) && !hasMissedHint(priority, began)
                    : quiet[priority]);
    return all || asksAll ? new QuietPriorities(next.quiet, hinted, false, began, took) : next;
  }

  private boolean hasMissedHint(int priority, long began) {
    Long last = hinted[priority];
    return last != null && last - began >= 0;
  }

  private QuietPriorities with(IntPredicate isQuiet) {
    boolean[] next = new boolean[LEVELS];
    for (int priority = 0; priority < LEVELS; priority++) {
      next[priority] = isQuiet.test(priority);
    }
    return new QuietPriorities(next, hinted, asksAll, allAsked, allTook);
  }
}
