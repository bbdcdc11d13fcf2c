package dev.lease.redis;

/**
 * Which of the two connections to a server a request takes. What keeps a lease alive never waits
 * behind a large enqueue, or behind the answer to a large claim.
 */
enum Lane {
  URGENT,
  NORMAL
}
