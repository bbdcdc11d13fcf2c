package dev.lease.examples.orderbot;

import dev.lease.Backend;
import dev.lease.Enqueued;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Enqueues orders. */
@Command(name = "create-jobs", description = "Enqueues jobs, each of which places one order.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class CreateJobsCommand implements Callable<Integer> {

  @Parameters(paramLabel = "N", converter = Counts.OneOrMore.class, description = "how many")
  private int count;

  @Mixin private QueueOptions options;

  @Option(
      names = "--attempts",
      converter = Counts.OneOrMore.class,
      paramLabel = "N",
      description = "how often a job may crash, and how often it may fail (${DEFAULT-VALUE})")
  private int attempts = 10;

  @Option(
      names = "--refused",
      converter = Counts.NoneOrMore.class,
      paramLabel = "N",
      description = "how many of them the exchange refuses; these jobs fail (${DEFAULT-VALUE})")
  private int refused = 0;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (refused > count) {
      throw new ParameterException(
          spec.commandLine(), "--refused may be " + count + " at most, the number of orders");
    }
    Random random = new Random();
    String series = "order-" + Integer.toString(random.nextInt(36 * 36 * 36 * 36), 36);
    List<Order> orders = new ArrayList<>();
    for (int n = 1; n <= count; n++) {
      Order order = Order.random(series, n, random);
      orders.add(n <= refused ? order.refusable() : order);
    }
    try (Store store = Store.open(options.name())) {
      long created =
          enqueue(store.backend(), options.queue(), attempts, orders).stream()
              .filter(Enqueued::created)
              .count();
      System.out.println("Created " + created + " jobs, named " + series + "-..");
    }
    return 0;
  }

  /**
   * Each job has the id of its order, so enqueueing it again does not create a second job. Its key
   * is the customer.
   */
  static List<Enqueued> enqueue(Backend store, String queue, int attempts, List<Order> orders) {
    JobClient client = JobClient.of(store);
    JobType<Order> type = Order.jobs(queue).withMaxCrashes(attempts).withMaxFailures(attempts);
    return client.enqueue(
        orders.stream()
            .map(order -> client.job(type, order.id(), order).key(order.customer()).build())
            .toList());
  }
}
