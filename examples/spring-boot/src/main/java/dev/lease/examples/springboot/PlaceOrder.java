package dev.lease.examples.springboot;

import dev.lease.jdbc.spring.SpringSteps;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.Step;
import dev.lease.worker.TypedJobHandler;
import org.springframework.stereotype.Component;

/** Charges an order once, under a key, and books it once, in one transaction with its step. */
@Component
record PlaceOrder(Payments payments, Orders orders, SpringSteps steps)
    implements TypedJobHandler<Shop.Order> {

  @Override
  public JobType<Shop.Order> type() {
    return Shop.PLACE;
  }

  @Override
  public void handle(Shop.Order order, JobContext context) throws Exception {
    String receipt =
        context.step(
            "charge", String.class, () -> payments.charge(order, context.idempotencyKey()));
    context.step(
        Step.of("book", String.class),
        steps,
        connection -> {
          orders.book(order, receipt);
          return receipt;
        });
  }
}
