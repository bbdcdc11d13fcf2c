package dev.lease.redis;

/**
 * Whether a request takes the urgent or the normal one of the two connections to a server.
 * Extensions, renewals and settlements are urgent: they must not wait behind a large enqueue, or
 * behind the answer to a large claim.
 */
enum Urgency {
  URGENT,
  NORMAL
}
