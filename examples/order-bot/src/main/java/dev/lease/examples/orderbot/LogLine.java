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

  /**
   * ASKED comes first, before the exchange looks at the key; BOOKED, KNOWN or REFUSED follows.
   * TURNED_AWAY stands alone: the exchange did not begin with the request.
   */
  enum Event {
    ASKED,
    BOOKED,
    KNOWN,
    REFUSED,
    TURNED_AWAY
  }

  static LogLine now(Event event, OrderRequest request) {
    return new LogLine(Instant.now(), event, request);
  }

  boolean isAsked() {
    return event == Event.ASKED;
  }

  String orderId() {
    return request.order().id();
  }
}
