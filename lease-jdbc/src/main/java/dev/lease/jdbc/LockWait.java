package dev.lease.jdbc;

/** What a statement does about a row that another transaction has locked. */
enum LockWait {
  /** It waits as long as its session does: in a caller's transaction that is the caller's wait. */
  LONG,
  /** It waits briefly, also where no setting of a session can say how briefly. */
  SHORT,
  /** It skips that row. */
  NONE
}
