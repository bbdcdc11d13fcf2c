package dev.lease.examples.orderbot;

import com.google.inject.Binder;
import com.google.inject.Guice;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.JobQueue;
import dev.lease.examples.shared.StoreOptions;
import dev.lease.worker.HandlerOptions;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.WorkerLifecycle;
import dev.lease.worker.guice.WorkerModule;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a worker until it is stopped. */
@Command(
    name = "worker",
    description = {
      "Runs a worker until Ctrl-C or SIGTERM. Then it releases its unfinished jobs.",
      "Without --exchange it uses the exchange at port 7070, or starts one there."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class WorkerCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerCommand.class);

  /** What it logs, after its name, when it has started. */
  static final String TAKES_JOBS = " takes jobs from ";

  private static final RetryPolicy RETRY =
      RetryPolicy.exponential(Duration.ofMillis(500), Duration.ofSeconds(10))
          .neverRetryOn(OrderRefusedException.class);

  @Mixin private StoreOptions options;

  @Option(
      names = QueueOptions.NAME,
      paramLabel = "NAME",
      defaultValue = QueueOptions.DEFAULT,
      description = "the queue (${DEFAULT-VALUE}); repeat the option for several")
  private List<String> queues;

  @SuppressWarnings("unused") // picocli calls it.
  @Mixin
  private ParentOption parent;

  @Option(names = "--name", paramLabel = "NAME", description = "the owner of its leases")
  private String name = "worker-" + ProcessHandle.current().pid();

  @Option(
      names = "--concurrency",
      converter = Counts.OneOrMore.class,
      paramLabel = "N",
      defaultValue = "4",
      description = "orders at once (${DEFAULT-VALUE})")
  private int concurrency;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "how long a job stays with a dead worker (${DEFAULT-VALUE})")
  private Duration lease;

  @Option(
      names = "--poll",
      paramLabel = "TIME",
      defaultValue = "500ms",
      description = "how often it looks for jobs (${DEFAULT-VALUE})")
  private Duration poll;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "2s",
      description = "how long running orders may go on when it stops (${DEFAULT-VALUE})")
  private Duration grace;

  @Option(names = "--exchange", paramLabel = "URL", description = "where the exchange is")
  private @Nullable URI exchange;

  private final UnaryOperator<JobQueue> wrapper;

  WorkerCommand() {
    this(UnaryOperator.identity());
  }

  /** Puts something between the worker and its store. */
  WorkerCommand(UnaryOperator<JobQueue> wrapper) {
    this.wrapper = wrapper;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    // Here a wrong name is refused in its own words, and not in those of an injector.
    List<JobType<Order>> types = queues.stream().distinct().map(Order::jobs).toList();
    Store store = Store.openForWorker(options.name(), lease);
    URI exchangeUrl = exchange != null ? exchange : defaultExchange();
    Guice.createInjector(
            new WorkerModule(config()), binder -> bind(binder, store, types, exchangeUrl))
        .getInstance(WorkerLifecycle.class)
        .start();
    Stalls.watch();
    LOG.info("{}{}{}", name, TAKES_JOBS, options.name());
    Thread.currentThread().join();
    return 0;
  }

  private void bind(Binder binder, Store store, List<JobType<Order>> types, URI exchangeUrl) {
    binder
        .bind(Backend.class)
        .toInstance(BackendView.of(store.backend()).withJobQueue(wrapper.apply(store.jobQueue())));
    OrderHandler handler = new OrderHandler(new ExchangeClient(exchangeUrl), name);
    JobHandlerBinder handlers = JobHandlerBinder.newBinder(binder);
    types.forEach(
        type -> handlers.bind(type, handler, HandlerOptions.builder().retry(RETRY).build()));
  }

  private WorkerConfig config() {
    return WorkerConfig.builder()
        .name(name)
        .concurrency(concurrency)
        .leaseDuration(lease)
        .pollInterval(poll)
        .stopGrace(grace)
        // An order takes long: a job that waits here would start sooner on another worker.
        .lookAhead(0)
        .build();
  }

  private static URI defaultExchange() throws IOException, InterruptedException {
    URI url = URI.create("http://localhost:" + ExchangeCommand.PORT);
    if (!new ExchangeClient(url).answers()) {
      @SuppressWarnings("resource") // It lives as long as the process.
      Exchange own =
          new Exchange(ExchangeCommand.PORT, ExchangeCommand.DIRECTORY, ExchangeCommand.FILL);
      LOG.info(
          "started an exchange at {}, with its book in {}", own.url(), ExchangeCommand.DIRECTORY);
    }
    return url;
  }
}
