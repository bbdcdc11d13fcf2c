package dev.lease.redis;

/**
 * Which of the two connections to a server a request takes. Extensions, renewals and settlements
 * are urgent: they must not wait behind a large enqueue, or behind the answer to a large claim.
 */
enum Lane {
  URGENT,
  NORMAL
}
