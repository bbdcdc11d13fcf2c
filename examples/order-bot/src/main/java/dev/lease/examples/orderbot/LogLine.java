package dev.lease.examples.orderbot;

import java.time.Instant;

/**
 * A line of the exchange's log.
 *
 * @param at when it was written
 * @param step what happened
 * @param request the request
 */
record LogLine(Instant at, Step step, OrderRequest request) {

  /** ASKED comes first, before the exchange looks at the key; one of the others follows. */
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
