package dev.lease.examples.orderbot;

import java.time.Instant;

/**
 * A line of the exchange's log.
 *
 * @param at when it was written
 * @param event what happened
 * @param request the request
 */
record LogLine(Instant at, Event event, OrderRequest request) {

  /** ASKED comes first, before the exchange looks at the key; one of the others follows. */
  enum Event {
    ASKED,
    BOOKED,
    KNOWN,
    REFUSED
  }

  static LogLine now(Event event, OrderRequest request) {
    return new LogLine(Instant.now(), event, request);
  }

  String orderId() {
    return request.order().id();
  }
}
