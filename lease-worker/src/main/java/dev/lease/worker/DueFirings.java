package dev.lease.worker;

import dev.lease.worker.Schedule.Missed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The firings of a schedule that are due, after its policy for missed ones.
 *
 * @param firings those that fire, oldest first
 * @param last the last one that is dealt with
 */
record DueFirings(List<Instant> firings, Instant last) {

  /** A firing that is later than this was missed. */
  static final Duration GRACE = Duration.ofMinutes(1);

  /**
   * Decides which firings there are.
   *
   * @param first the first one that is not dealt with yet, not after {@code now}
   * @param most how many may fire at once; the others are due then as well
   */
  static DueFirings of(Timing timing, Missed missed, Instant first, Instant now, int most) {
    if (timing.afterLast()) {
      return new DueFirings(List.of(first), first);
    }
    if (missed == Missed.ALL) {
      List<Instant> all = new ArrayList<>();
      for (Instant at = first; !at.isAfter(now) && all.size() < most; at = timing.next(at)) {
        all.add(at);
      }
      return new DueFirings(all, all.get(all.size() - 1));
    }
    Instant last = timing.last(first, now);
    boolean fires = missed == Missed.ONE || !isLate(last, now);
    return new DueFirings(fires ? List.of(last) : List.of(), last);
  }

  static boolean isLate(Instant planned, Instant now) {
    return planned.isBefore(now.minus(GRACE));
  }
}
