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
  FAILED_ATTEMPTS,
  COUNTS,
  RESET,
  CANCEL,
  REQUEUE,
  CHANGE,
  DELETE,
  PAUSE,
  RESUME,
  PURGE;

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
