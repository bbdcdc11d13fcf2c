package dev.lease.examples.orderbot;

import dev.lease.worker.JobType;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks the exchange for.
 *
 * @param id the id of the order, and of the job that places it
 * @param symbol what to buy
 * @param quantity how much of it; the exchange refuses anything below 1
 * @param customer whose order it is, and the key of its job; null if nobody limits customers
 */
record Order(String id, String symbol, int quantity, @Nullable String customer) {

  /** An order of this quantity or more is large, and the exchange takes longer to fill it. */
  static final int LARGE = 1000;

  /** Nobody sells this at first: the exchange takes such an order with the second attempt. */
  private static final String SCARCE = "SAFFRON";

  private static final List<String> SYMBOLS = List.of("COCOA", "COFFEE", "COPPER", "COTTON");

  /** An order without a customer. */
  Order(String id, String symbol, int quantity) {
    this(id, symbol, quantity, null);
  }

  /** The type of the jobs that place orders. */
  static JobType<Order> jobs(String queue) {
    return JobType.of(queue, "place-order", Order.class);
  }

  /** The n-th order of a series; its number has at least two digits. */
  static Order random(String series, int n, Random random) {
    return new Order(
        String.format(Locale.ROOT, "%s-%02d", series, n),
        SYMBOLS.get(random.nextInt(SYMBOLS.size())),
        1 + random.nextInt(100));
  }

  /** The same order, but large. */
  Order large() {
    return new Order(id, symbol, LARGE + quantity, customer);
  }

  /** The same order, with a quantity that the exchange refuses. */
  Order refusable() {
    return new Order(id, symbol, 0, customer);
  }

  /** The same order, of a customer. */
  Order of(String itsCustomer) {
    return new Order(id, symbol, quantity, itsCustomer);
  }

  /** The same order, but of what nobody sells at first. */
  Order scarce() {
    return new Order(id, SCARCE, quantity, customer);
  }

  boolean isScarce() {
    return symbol.equals(SCARCE);
  }

  @Override
  public String toString() {
    return quantity + " " + symbol;
  }
}
