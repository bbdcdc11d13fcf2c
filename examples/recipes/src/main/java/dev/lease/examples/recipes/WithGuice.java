package dev.lease.examples.recipes;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.JdbcModule;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerModule;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;

/**
 * Puts store, worker, client and handler together with Guice. You see which module provides what,
 * and a handler with a dependency of its own. Guice neither starts nor stops the worker and does
 * not close the store; the program does.
 */
final class WithGuice {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  /** Something of your own that the handler needs. */
  static final class Exchange {
    private final CountDownLatch placed = new CountDownLatch(1);

    void place(String product) {
      System.out.println("the exchange has an order of " + product);
      placed.countDown();
    }
  }

  static final class PlaceOrder implements JobHandler<String> {
    private final Exchange exchange;

    @Inject
    PlaceOrder(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void handle(String product, JobContext context) {
      exchange.place(product);
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    Exchange exchange = new Exchange();
    Injector injector =
        Guice.createInjector(
            new JdbcModule(JdbcConfig.of("jdbc:sqlite:" + file)),
            new WorkerModule(WorkerConfig.builder().concurrency(2).build()),
            new AbstractModule() {
              @Override
              protected void configure() {
                bind(Exchange.class).toInstance(exchange);
                JobHandlerBinder.newBinder(binder()).bind(PLACE_ORDER, PlaceOrder.class);
              }
            });
    try (JdbcBackend backend = injector.getInstance(JdbcBackend.class);
        Worker worker = injector.getInstance(Worker.class)) {
      worker.start();
      String id = injector.getInstance(JobClient.class).enqueue(PLACE_ORDER, "tea").id();
      exchange.placed.await();
      worker.stop();
      System.out.println(
          "the job is " + backend.jobQueue().find("orders", id).orElseThrow().state());
    }
  }
}
