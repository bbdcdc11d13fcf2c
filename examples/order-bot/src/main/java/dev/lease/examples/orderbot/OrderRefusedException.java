package dev.lease.examples.orderbot;

/** The exchange has understood the order and does not want it, now or later. */
final class OrderRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  OrderRefusedException(String message) {
    super(message);
  }
}
