package dev.lease.jdbc;

/** What a statement does about a row that another transaction has locked. */
enum LockWait {
  /** It waits as long as the transaction may. */
  LONG,
  /** It waits briefly, as some sessions do; then it fails, and has changed nothing. */
  SHORT,
  /** It skips that row. */
  NONE
}
