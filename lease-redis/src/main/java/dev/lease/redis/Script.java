package dev.lease.redis;

import java.util.Locale;

/** The scripts. Each is a file of the same name in {@code lua}, whose head says what it does. */
enum Script {
  ACQUIRE,
  RENEW,
  RELEASE,
  FIND_LEASE,
  LIST_LEASES,
  ENQUEUE,
  CLAIM,
  SETTLE,
  SETTLE_AND_CLAIM,
  EXTEND,
  PROGRESS,
  CHECKPOINT,
  CHECKPOINTS,
  FIND,
  LIST,
  LIST_STEPS,
  FAILED_ATTEMPTS,
  ACTIONS,
  PURGE_ACTIONS,
  COUNTS,
  RESET,
  REPAIR,
  CANCEL,
  REQUEUE,
  CHANGE,
  DELETE,
  PAUSE,
  RESUME,
  PURGE,
  FORGET,
  LIMIT,
  CLOSE_KEY,
  APPLY,
  KEYS,
  ADD_PIECE,
  DISCARD_GRAPH,
  FIND_GRAPH,
  LIST_PARTS,
  LIST_MEMBERS;

  /**
   * Whether the caller relies on its effect after a failover. If another script is lost, a job runs
   * again, or a name stays taken until its lease expires: callers have to expect that anyway.
   */
  boolean mustSurvive() {
    return switch (this) {
      case ACQUIRE, RENEW, ENQUEUE, SETTLE, CHECKPOINT -> true;
      case CANCEL, REQUEUE, CHANGE, DELETE, PAUSE, RESUME, LIMIT, CLOSE_KEY, ADD_PIECE -> true;
      default -> false;
    };
  }

  Urgency urgency() {
    return switch (this) {
      case RENEW, EXTEND, SETTLE -> Urgency.URGENT;
      default -> Urgency.NORMAL;
    };
  }

  String file() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
