package dev.lease.examples.proof;

import dev.lease.examples.orderbot.StoreName;
import java.util.ArrayList;
import java.util.List;

/** The ways in which an effect is kept from being made twice, and what is left without them. */
enum ProofWay {
  /** Each effect is a step, and goes out under an idempotency key. */
  KEYS("steps, and keys for the outside"),

  /**
   * Each effect is a step in one transaction with its checkpoint, the last one with the settlement.
   */
  TRANSACTION("steps in a transaction"),

  /** Each effect is a step, and a write that a smaller token cannot make after a larger one. */
  FENCE("steps, and fenced writes"),

  /**
   * Each effect is a step, and no more: who dies between the effect and its note makes it again.
   */
  STEPS("steps alone (must double)"),

  /** Neither steps nor keys: what must go wrong, or the proof proves nothing. */
  NOTHING("nothing (must double)");

  /** What a job does, one after the other. */
  static final List<String> STEPS_OF_A_JOB = List.of("charge", "reserve", "place", "confirm");

  private final String shown;

  ProofWay(String shown) {
    this.shown = shown;
  }

  /** Whether this is to be struck so, where that says something that others do not. */
  boolean isStruckBy(ProofStrike strike, StoreName store) {
    return switch (this) {
      case KEYS -> true;
      case TRANSACTION -> !store.isRedis();
      case FENCE, NOTHING -> strike != ProofStrike.MEET;
      case STEPS -> strike == ProofStrike.KILL;
    };
  }

  /** Whether its effects are in the database of the store, and not in the outside world. */
  boolean isInDatabase(StoreName store) {
    return !store.isRedis() && (this == TRANSACTION || this == FENCE);
  }

  /** Where a worker is struck: all of the points at which what has happened so far differs. */
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
   * The points at which it is struck so. Two meet in a step or before the settlement, where there
   * is a job left to take: between steps the local deadline alone turns a late one away.
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

  /** Whether another worker cannot take the job, or not do it, while one is stopped there. */
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
    // What the last transaction writes before it settles locks nothing but a file as a whole.
    return !settles || store.isFile() || point.equals(ProofPoint.beforeCommit("confirm"));
  }

  String shown() {
    return shown;
  }
}
