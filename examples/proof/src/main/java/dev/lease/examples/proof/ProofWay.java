package dev.lease.examples.proof;

import dev.lease.examples.shared.StoreName;
import java.util.ArrayList;
import java.util.List;

/** The ways to make no effect twice, and what happens without them. */
enum ProofWay {
  /** Each effect is a step, and goes out under an idempotency key. */
  KEYS("steps and keys"),

  /**
   * Each effect is a step that commits with its checkpoint; the last one commits with the
   * settlement.
   */
  TRANSACTION("steps in a transaction"),

  /** Each effect is a step, and a write that is refused under a smaller token than the last. */
  FENCE("steps and fenced writes"),

  /**
   * Each effect is a step, without a key. After a death between the effect and the end of its step,
   * the effect is made again.
   */
  STEPS("steps only (must double)"),

  /** Neither steps nor keys. This must go wrong, or the proof proves nothing. */
  NOTHING("nothing (must double)");

  /** The effects of a job, in their order. */
  static final List<String> STEPS_OF_A_JOB = List.of("charge", "reserve", "place", "confirm");

  private final String shown;

  ProofWay(String shown) {
    this.shown = shown;
  }

  /** Whether the proof strikes this way in this manner; some pairs would show nothing new. */
  boolean isStruckBy(ProofStrike strike, StoreName store) {
    return switch (this) {
      case KEYS -> true;
      case TRANSACTION -> !store.isRedis();
      case FENCE, NOTHING -> strike != ProofStrike.MEET;
      case STEPS -> strike == ProofStrike.KILL;
    };
  }

  /** Whether its effects are in the database of the store, not in the outside world. */
  boolean isInDatabase(StoreName store) {
    return !store.isRedis() && (this == TRANSACTION || this == FENCE);
  }

  /** The points at which a worker is struck: every point at which something new has happened. */
  List<ProofPoint> points(StoreName store) {
    boolean betweenSteps = this != NOTHING && this != STEPS;
    List<ProofPoint> points = new ArrayList<>();
    if (betweenSteps) {
      points.add(ProofPoint.before(STEPS_OF_A_JOB.get(0)));
    }
    for (String step : STEPS_OF_A_JOB) {
      points.add(ProofPoint.beforeEffect(step));
      points.add(ProofPoint.afterEffect(step));
      if (isInDatabase(store)) {
        points.add(ProofPoint.beforeCommit(step));
      }
      if (betweenSteps) {
        points.add(ProofPoint.after(step));
      }
    }
    points.add(ProofPoint.BEFORE_SETTLEMENT);
    points.add(ProofPoint.AFTER_SETTLEMENT);
    return points;
  }

  /**
   * The points at which a strike hits. Two workers can meet in a step or before the settlement,
   * where the job can still be taken. Between steps, the local deadline alone stops a late worker.
   */
  List<ProofPoint> points(ProofStrike strike, StoreName store) {
    return strike == ProofStrike.MEET
        ? points(store).stream().filter(point -> isMeeting(point, store)).toList()
        : points(store);
  }

  private boolean isMeeting(ProofPoint point, StoreName store) {
    boolean settles = point.equals(ProofPoint.BEFORE_SETTLEMENT) && this != TRANSACTION;
    return settles || (point.isInStep() && !holds(point, store));
  }

  /** Whether another worker cannot take or finish the job while one is suspended there. */
  boolean holds(ProofPoint point, StoreName store) {
    if (this == FENCE) {
      return point.isBeforeCommit();
    }
    if (this != TRANSACTION || !point.isInStep()) {
      return false;
    }
    boolean settles = point.isIn("confirm");
    if (point.equals(ProofPoint.beforeEffect("confirm"))) {
      return false;
    }
    // Before it settles, the last transaction locks nothing; in a file, any write locks everything.
    return !settles || store.isFile() || point.equals(ProofPoint.beforeCommit("confirm"));
  }

  String shown() {
    return shown;
  }
}
