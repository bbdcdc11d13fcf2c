package dev.lease.examples.orderbot;

/** What happens to workers, their network and their server. */
enum Fault {
  /** A worker is killed with SIGKILL, and another is started. */
  KILL,
  /** A worker is stopped with SIGSTOP, and goes on later. */
  SUSPEND,
  /** The connections of a worker are cut once. */
  CUT,
  /** The connections of a worker are slow. */
  SLOW,
  /** The connections of a worker are open, and nothing gets through. */
  SILENCE,
  /** Another transaction locks the job of an order; in a file, all of them. */
  LOCK,
  /** The server is killed, and started again. */
  RESTART,
  /** A worker is started with a clock that is wrong by an hour. */
  CLOCK,
  /** The clock of a worker jumps by an hour while it works: it is wrong from then on, or right. */
  JUMP,
  /** A worker was kept from running, as it says itself: by the machine, or since it was stopped. */
  STALL;

  /** Whether a worker cannot extend its lease meanwhile, however well it is made. */
  boolean keepsFromExtending() {
    return switch (this) {
      case SUSPEND, SILENCE, LOCK, RESTART, STALL -> true;
      case KILL, CUT, SLOW, CLOCK, JUMP -> false;
    };
  }
}
