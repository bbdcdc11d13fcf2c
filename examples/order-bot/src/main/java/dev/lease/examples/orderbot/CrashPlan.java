package dev.lease.examples.orderbot;

import dev.lease.KeyLimit;

/**
 * What a crash test does: how many of what.
 *
 * @param orders how many orders
 * @param kills how many workers to kill
 * @param suspensions how many workers to suspend
 * @param customers how many customers the orders are of; 0 for orders without a customer
 * @param limit for the orders of each customer, if there are customers
 * @param seed decides the orders, and which worker is hit when
 */
record CrashPlan(int orders, int kills, int suspensions, int customers, KeyLimit limit, long seed) {

  /** One at a time, as they were enqueued. */
  static final KeyLimit IN_ORDER = KeyLimit.of(1).inOrder();

  /** Orders without customers, and workers that are killed. */
  static CrashPlan of(int orders, int kills, long seed) {
    return new CrashPlan(orders, kills, 0, 0, IN_ORDER, seed);
  }

  int strikes() {
    return kills + suspensions;
  }
}
