package dev.lease.examples.proof;

import java.time.Duration;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What happened when workers were struck at every point of one way.
 *
 * @param way how effects were made
 * @param strike what was done to the workers
 * @param points the result at each point
 * @param took how long the run took
 */
record ProofResult(ProofWay way, ProofStrike strike, List<Point> points, Duration took) {

  /**
   * What happened to the job whose worker was struck at a point.
   *
   * @param point the point
   * @param taken whether another worker went on with it
   * @param attempts how many attempts it took
   * @param disturbed whether a worker that had lost the job changed it while another held it
   * @param missing how many of its effects were never made
   * @param doubled how many were made more than once
   * @param stale how many were repeated by a worker that had lost the job
   */
  record Point(
      ProofPoint point,
      boolean taken,
      int attempts,
      boolean disturbed,
      long missing,
      long doubled,
      long stale) {

    /** Whether a step was struck after its effect, and before its value was kept. */
    private boolean isStruckInTheGap() {
      return ProofWay.STEPS_OF_A_JOB.stream()
          .anyMatch(step -> point.equals(ProofPoint.afterEffect(step)));
    }

    /**
     * Whether no more effects were doubled than steps without keys double: one if the worker was
     * struck in the gap, and one for each attempt that was lost for another reason, as on a busy
     * machine.
     */
    private boolean isDoubledAsSteps(ProofStrike strike) {
      // The strike costs an attempt only where another worker went on with the job.
      int lostOtherwise = Math.max(0, attempts - (taken ? 2 : 1));
      // A worker suspended before its commit commits later; one that was killed there never does.
      boolean inTheGap =
          isStruckInTheGap() || (strike == ProofStrike.STOP && point.isBeforeCommit());
      return doubled <= lostOtherwise + (inTheGap ? 1 : 0);
    }
  }

  long effects() {
    return (long) points.size() * ProofWay.STEPS_OF_A_JOB.size();
  }

  long sum(ToLongFunction<Point> count) {
    return points.stream().mapToLong(count).sum();
  }

  long taken() {
    return points.stream().filter(Point::taken).count();
  }

  /** What is wrong; empty if all is well. */
  List<String> failures() {
    return points.stream().filter(point -> !isGood(point)).map(this::failure).toList();
  }

  private boolean isGood(Point point) {
    if (point.missing > 0 || point.disturbed) {
      return false;
    }
    return switch (way) {
      case KEYS, TRANSACTION -> point.doubled == 0;
      // The same write, made again, changes nothing.
      case FENCE -> point.stale == 0 && point.isDoubledAsSteps(strike);
      case STEPS ->
          point.isDoubledAsSteps(strike) && (point.doubled > 0 || !point.isStruckInTheGap());
      case NOTHING -> point.doubled > 0 || mayBeRight(point.point);
    };
  }

  /** Whether there was nothing to double yet, or no attempt left to double it. */
  private boolean mayBeRight(ProofPoint point) {
    if (point.equals(ProofPoint.beforeEffect(ProofWay.STEPS_OF_A_JOB.get(0)))) {
      return strike == ProofStrike.KILL;
    }
    return point.equals(ProofPoint.AFTER_SETTLEMENT);
  }

  private String failure(Point point) {
    boolean proves = point.missing > 0 || point.doubled > 0 || point.disturbed;
    return proves
        ? "%s, %s at '%s': %d effects missing, %d doubled, %d stale, in %d attempts%s"
            .formatted(
                way.shown(),
                strike.shown(),
                point.point,
                point.missing,
                point.doubled,
                point.stale,
                point.attempts,
                point.disturbed ? ", and the job was disturbed" : "")
        : "%s, %s: nothing was doubled at '%s', so the proof proves nothing"
            .formatted(way.shown(), strike.shown(), point.point);
  }
}
