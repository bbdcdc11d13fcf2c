package dev.lease.examples.orderbot;

/** What happens to workers, their network and their server. */
enum Fault {
  /** A worker is killed with SIGKILL, and another is started. */
  KILL,
  /** A worker is suspended with SIGSTOP, and resumed later. */
  SUSPEND,
  /** The connections of a worker are cut once. */
  CUT,
  /** The connections of a worker are slow. */
  SLOW,
  /** The connections of a worker are open, and nothing gets through. */
  SILENCE,
  /** Another transaction locks the job of an order; in a file, all jobs. */
  LOCK,
  /** The server is killed, and started again. */
  RESTART,
  /** A worker is started with a clock that is wrong by an hour. */
  CLOCK,
  /** The clock of a running worker jumps by an hour, and is wrong from then on, or right again. */
  JUMP,
  /** A worker reports that it was kept from running, by a busy machine or by a SIGSTOP. */
  STALL;

  /** Whether even a correct worker cannot extend its lease during this fault. */
  boolean keepsFromExtending() {
    return switch (this) {
      case SUSPEND, SILENCE, LOCK, RESTART, STALL -> true;
      case KILL, CUT, SLOW, CLOCK, JUMP -> false;
    };
  }
}
