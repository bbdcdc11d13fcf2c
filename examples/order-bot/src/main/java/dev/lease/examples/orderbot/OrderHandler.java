package dev.lease.examples.orderbot;

import dev.lease.worker.JobContext;
import dev.lease.worker.JobHandler;
import java.math.BigDecimal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places an order. It may be killed at any line, and the next attempt begins at the first. By the
 * idempotency key the exchange sees that it is the same order.
 */
final class OrderHandler implements JobHandler<Order> {

  private static final Logger LOG = LoggerFactory.getLogger(OrderHandler.class);

  private final ExchangeClient exchange;
  private final String worker;

  OrderHandler(ExchangeClient exchange, String worker) {
    this.exchange = exchange;
    this.worker = worker;
  }

  @Override
  public void handle(Order order, JobContext job) throws Exception {
    LOG.info("{}: attempt {}", order.id(), job.attempt());
    job.progress(10, "asking the price");
    BigDecimal price = exchange.price(order.symbol());
    job.progress(40, "ordering " + order + " at " + price);
    job.checkActive();
    BookEntry booked =
        exchange.place(
            new OrderRequest(job.idempotencyKey(), order, worker, job.attempt(), job.token()));
    job.progress(100, "booked at " + booked.price());
    LOG.info("{}: booked {} at {}", order.id(), order, booked.price());
  }
}
