package dev.lease.redis;

import java.util.Locale;

/** The scripts, each in a file of its own that carries its name and says what it does. */
enum Script {
  ACQUIRE,
  RENEW,
  RELEASE,
  FIND_LEASE,
  LIST_LEASES,
  ENQUEUE(true),
  CLAIM(true),
  SETTLE(true),
  EXTEND(true),
  PROGRESS(true),
  CHECKPOINT(true),
  CHECKPOINTS(true),
  FIND(true),
  LIST(true),
  COUNTS(true),
  RESET(true),
  CANCEL(true),
  REQUEUE(true),
  DELETE(true),
  PAUSE(true),
  RESUME(true),
  PURGE(true);

  /** Whether it works on a queue, and so begins with what these share. */
  final boolean onQueue;

  Script() {
    this(false);
  }

  Script(boolean onQueue) {
    this.onQueue = onQueue;
  }

  String file() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-') + ".lua";
  }
}
