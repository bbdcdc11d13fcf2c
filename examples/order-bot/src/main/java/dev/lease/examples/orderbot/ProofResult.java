package dev.lease.examples.orderbot;

import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What came of striking workers at the points of one way.
 *
 * @param way how effects were kept from being made twice
 * @param strike what befell the workers
 * @param points one a point, all of which were reached
 * @param took how long it took
 */
record ProofResult(ProofWay way, ProofStrike strike, List<Point> points, Duration took) {

  /**
   * What became of the job whose worker was struck at a point.
   *
   * @param point the point
   * @param taken whether another worker went on with it
   * @param missing how many of its effects were never made
   * @param doubled how many were made more than once
   * @param stale how many were made again by who had lost the job already
   */
  record Point(ProofPoint point, boolean taken, long missing, long doubled, long stale) {

    static Point of(ProofPoint point, boolean taken, ProofEffects effects) {
      String job = point.name();
      return new Point(
          point, taken, effects.missing(job), effects.doubled(job), effects.stale(job));
    }
  }

  long effects() {
    return (long) points.size() * ProofWay.STEPS.size();
  }

  long sum(ToLongFunction<Point> count) {
    return points.stream().mapToLong(count).sum();
  }

  long taken() {
    return points.stream().filter(Point::taken).count();
  }

  /** What should not be; empty if all is well. */
  List<String> failures() {
    return points.stream().filter(point -> !isGood(point)).map(this::failure).toList();
  }

  private boolean isGood(Point point) {
    if (point.missing > 0) {
      return false;
    }
    return switch (way) {
      case KEYS, TRANSACTION -> point.doubled == 0;
      // The same write made again is the same.
      case FENCE -> point.stale == 0;
      case NOTHING -> point.doubled > 0 || mayBeRight(point.point);
    };
  }

  /** Whether there was nothing to double yet, or nobody to double it. */
  private boolean mayBeRight(ProofPoint point) {
    if (point.equals(ProofPoint.beforeEffect(ProofWay.STEPS.get(0)))) {
      return strike == ProofStrike.KILL;
    }
    return point.equals(ProofPoint.AFTER_SETTLEMENT);
  }

  private String failure(Point point) {
    return way == ProofWay.NOTHING && point.missing == 0
        ? "%s, %s: nothing was doubled at '%s', so the proof proves nothing"
            .formatted(way, strike, point.point)
        : "%s, %s at '%s': %d effects missing, %d doubled, %d made by who had lost the job"
            .formatted(way, strike, point.point, point.missing, point.doubled, point.stale);
  }
}
