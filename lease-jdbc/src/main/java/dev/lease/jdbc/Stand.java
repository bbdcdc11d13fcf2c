package dev.lease.jdbc;

import dev.lease.Limits;

/**
 * Where a job is, as the tens of its stored priority say: see the script of the tables. From 10 on
 * the units are 9 less the priority.
 */
final class Stand {

  /** From here on claims do not look. */
  private static final int CLOSED = 10;

  private static final int SHELF = 10;
  private static final int WAITING = 20;
  private static final int ADMITTED = 30;
  private static final int LATER = 40;

  private Stand() {}

  static boolean isOpen(int stored) {
    return stored < CLOSED;
  }

  /** Whether it has a slot of its key. */
  static boolean hasSlot(int stored) {
    return isOpen(stored) || (stored / ADMITTED == 1 && stored < LATER);
  }

  /** Whether it waits for other parts of its graph. */
  static boolean waits(int stored) {
    return stored >= WAITING && stored < ADMITTED;
  }

  static int priority(int stored) {
    return isOpen(stored) ? stored : Limits.MAX_PRIORITY - stored % CLOSED;
  }

  /** Without a slot. If it is not due, {@link #later} is right. */
  static int onShelf(int priority) {
    return SHELF + Limits.MAX_PRIORITY - priority;
  }

  /** Waits for other parts of its graph. */
  static int waiting(int priority) {
    return WAITING + Limits.MAX_PRIORITY - priority;
  }

  /** With a slot of its key, and without one of its queue. */
  static int admitted(int priority) {
    return ADMITTED + Limits.MAX_PRIORITY - priority;
  }

  /** Without a slot, and not due. */
  static int later(int priority) {
    return LATER + Limits.MAX_PRIORITY - priority;
  }
}
