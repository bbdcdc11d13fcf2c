package dev.lease.testkit;

/** What holds for every history of a store, however its calls overlap and whatever goes wrong. */
enum Law {
  /** Nobody else is granted what a holder may still trust to be its own. */
  ONE_HOLDER,
  /** A grant that began after another was answered has the larger token. */
  TOKENS_GROW,
  /** What comes after a later grant, after the end of the hold, or too late is not accepted. */
  NO_STALE_WRITE,
  /** Who may trust its lease is not told that it is lost. */
  HOLDER_IS_HEARD,
  /** A job ends once, as it was told to, and is not given again. */
  SETTLED_ONCE,
  /** A job is given when it is due, not before. */
  NOT_BEFORE_DUE,
  /** The attempts are the claims without those that were released. */
  ATTEMPTS_EXACT,
  /** A job that was created is there until it ends, and ends; one that was not is not. */
  NOTHING_LOST,
  /** The first value of a step stays, and none comes from a stale token. */
  FIRST_CHECKPOINT,
  /** A name that nobody can hold is granted. */
  FREE_IS_GRANTED,
  /** A read shows who holds a name, and no one else. */
  READS_ARE_TRUE
}
