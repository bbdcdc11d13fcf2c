package dev.lease.testkit;

/** Rules that every history of a store keeps, however its calls overlap and whatever goes wrong. */
enum Law {
  /** While a holder may trust its lease, nobody else is granted it. */
  ONE_HOLDER,
  /** A grant that began after another one was answered has the larger token. */
  TOKENS_GROW,
  /** No call is accepted after a later grant, after a settlement or release, or too late. */
  NO_STALE_WRITE,
  /** A holder that may trust its lease is not told that it is lost. */
  HOLDER_IS_HEARD,
  /** A job finishes once, as its holder settled it, and is not given again. */
  SETTLED_ONCE,
  /** A job is not given before it is due. */
  NOT_BEFORE_DUE,
  /** Attempts count all claims but the released ones. */
  ATTEMPTS_EXACT,
  /** A job that was created exists until it finishes, and finishes; no other job exists. */
  NOTHING_LOST,
  /** The first value of a step stays, and no value comes from a stale token. */
  FIRST_CHECKPOINT,
  /** An acquire of a name that nobody can hold succeeds. */
  FREE_IS_GRANTED,
  /** A read shows the holder of a name, and nobody if the name is free. */
  READS_ARE_TRUE,
  /** While holders may trust their leases, a key has no more of them than slots. */
  AT_MOST_SLOTS,
  /** When all jobs of a key have ended, the next one can be claimed. */
  SLOT_RETURNS,
  /** A job of a key in order is not given after one that was enqueued later. */
  ORDER_IN_KEY,
  /** Between two jobs of a key with one slot each other key that has jobs gets its turn. */
  EVERY_KEY_GETS_ITS_TURN,
  /** A job of a graph is given only when its graph is complete and all before it have ended. */
  AFTER_PARENTS,
  /** A job of a graph that is done is not given again. */
  STARTS_ONCE,
  /** When all jobs before a job of a graph have ended, and claims have looked, it does not wait. */
  NOTHING_WAITS,
  /** A piece of a graph that is sent again, whatever became of it, is not refused. */
  PIECES_FIT
}
