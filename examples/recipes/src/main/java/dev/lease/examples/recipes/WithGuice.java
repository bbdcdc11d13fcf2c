package dev.lease.examples.recipes;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.JdbcModule;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerLifecycle;
import dev.lease.worker.guice.WorkerModule;
import java.nio.file.Files;
import java.time.Duration;

/**
 * Puts store, worker, client and handler together with Guice. You see which module provides what, a
 * handler with a dependency of its own, and what starts the worker, stops it and closes the store.
 */
final class WithGuice {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  /** Something of your own that the handler needs. */
  static final class Exchange {
    void place(String product) {
      System.out.println("the exchange has an order of " + product);
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
    Injector injector =
        Guice.createInjector(
            new JdbcModule(JdbcConfig.of("jdbc:sqlite:" + file)),
            new WorkerModule(WorkerConfig.builder().concurrency(2).build()),
            new AbstractModule() {
              @Override
              protected void configure() {
                bind(Exchange.class).toInstance(new Exchange());
                JobHandlerBinder.newBinder(binder()).bind(PLACE_ORDER, PlaceOrder.class);
              }
            });
    try (WorkerLifecycle lifecycle = injector.getInstance(WorkerLifecycle.class)) {
      lifecycle.start();
      JobClient client = injector.getInstance(JobClient.class);
      String id = client.enqueue(PLACE_ORDER, "tea").id();
      System.out.println(
          "the job is " + client.await(PLACE_ORDER, id, Duration.ofSeconds(30)).state());
    }
  }
}
