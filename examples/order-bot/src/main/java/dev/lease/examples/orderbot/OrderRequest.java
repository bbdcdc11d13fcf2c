package dev.lease.examples.orderbot;

/**
 * A worker's request for an order.
 *
 * @param key the idempotency key, the same over all attempts of the job
 * @param order the order
 * @param worker the worker that asks
 * @param attempt which attempt of the job it is
 * @param token the fencing token under which the worker has the job
 */
record OrderRequest(String key, Order order, String worker, int attempt, long token) {}
