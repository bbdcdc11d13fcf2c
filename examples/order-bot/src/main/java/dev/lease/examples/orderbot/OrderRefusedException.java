package dev.lease.examples.orderbot;

/** The exchange refuses the order; asking again would not help. */
final class OrderRefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  OrderRefusedException(String message) {
    super(message);
  }
}
