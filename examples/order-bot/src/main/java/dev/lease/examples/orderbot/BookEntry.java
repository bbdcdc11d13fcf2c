package dev.lease.examples.orderbot;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * An order in the exchange's book.
 *
 * @param key the idempotency key of the request
 * @param order the order
 * @param price the price at which it was placed
 * @param at when it was placed
 */
record BookEntry(String key, Order order, BigDecimal price, Instant at) {}
