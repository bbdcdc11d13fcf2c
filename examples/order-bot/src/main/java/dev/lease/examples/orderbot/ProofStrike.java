package dev.lease.examples.orderbot;

/** What befalls a worker. */
enum ProofStrike {
  /** It is killed with SIGKILL. */
  KILL,

  /**
   * It is stopped with SIGSTOP until its job has gone elsewhere, and then goes on as if nothing
   * was.
   */
  STOP
}
