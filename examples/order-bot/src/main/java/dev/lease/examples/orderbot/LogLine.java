package dev.lease.examples.orderbot;

import java.time.Instant;

/**
 * What the exchange writes down about a request.
 *
 * @param at when
 * @param step what happened
 * @param request the request
 */
record LogLine(Instant at, Step step, OrderRequest request) {

  /** A request has an ASKED, written before the exchange looks whether it knows the key. */
  enum Step {
    ASKED,
    BOOKED,
    KNOWN,
    REFUSED
  }

  static LogLine now(Step step, OrderRequest request) {
    return new LogLine(Instant.now(), step, request);
  }

  String orderId() {
    return request.order().id();
  }
}
