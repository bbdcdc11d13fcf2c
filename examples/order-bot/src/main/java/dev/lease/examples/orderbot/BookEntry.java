package dev.lease.examples.orderbot;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * An order that was placed.
 *
 * @param key the idempotency key that it was asked for with
 * @param order the order
 * @param price at what price
 * @param at when
 */
record BookEntry(String key, Order order, BigDecimal price, Instant at) {}
