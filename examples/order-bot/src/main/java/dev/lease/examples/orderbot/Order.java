package dev.lease.examples.orderbot;

import dev.lease.worker.JobType;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a job asks the exchange for.
 *
 * @param id the order, and the job that places it
 * @param symbol what to buy
 * @param quantity how much of it; the exchange refuses anything below 1
 */
record Order(String id, String symbol, int quantity) {

  /** The quantity from which on an order is large: the exchange takes its time over it. */
  static final int LARGE = 1000;

  private static final List<String> SYMBOLS = List.of("COCOA", "COFFEE", "COPPER", "COTTON");

  /** The jobs that place orders. */
  static JobType<Order> jobs(String queue) {
    return JobType.of(queue, "place-order", Order.class);
  }

  /** The n-th order of a series, with a number of two digits at least. */
  static Order random(String series, int n, Random random) {
    return new Order(
        String.format(Locale.ROOT, "%s-%02d", series, n),
        SYMBOLS.get(random.nextInt(SYMBOLS.size())),
        1 + random.nextInt(100));
  }

  /** The same order, but large. */
  Order large() {
    return new Order(id, symbol, LARGE + quantity);
  }

  /** The same order, in a way that the exchange refuses. */
  Order refusable() {
    return new Order(id, symbol, 0);
  }

  @Override
  public String toString() {
    return quantity + " " + symbol;
  }
}
