package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobContext;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "figures",
    description = {
      "Draws what Micrometer says of a worker on SQLite: in the second quarter of the time there are",
      "more jobs than it can do, and in the last quarter another program locks the store."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class FiguresCommand implements Callable<Integer> {

  private static final JobType<String> ORDER = JobType.of("orders", "place-order", String.class);
  private static final int SLOTS = 4;
  private static final int CALM = 4;
  private static final int FLOOD = 12;
  private static final int STEP = 2;
  private static final Duration BATCHES = Duration.ofMillis(100);
  private static final int SHORTEST = 16; // A step for each eighth.
  private static final double FAILING = 0.03;

  @Option(names = "--out", required = true, paramLabel = "FILE.svg", description = "the picture")
  private Path out;

  @Option(names = "--seconds", paramLabel = "N", description = "how long (${DEFAULT-VALUE})")
  private int seconds = 120;

  @Spec private CommandSpec spec;
  private volatile int second;

  @Override
  public Integer call() throws Exception {
    if (seconds < SHORTEST) {
      throw new ParameterException(
          spec.commandLine(), "--seconds must be " + SHORTEST + " or more, was " + seconds);
    }
    var figures = new Figures();
    var metrics = WorkerMetrics.of(figures.registry());
    ScheduledExecutorService producer = Executors.newSingleThreadScheduledExecutor();
    try (Scratch scratch = Scratch.create()) {
      String url = "jdbc:sqlite:" + scratch.path().resolve("jobs.db");
      JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(1));
      try (JdbcBackend backend = JdbcBackend.open(config);
          Worker worker = worker(backend, metrics)) {
        metrics.watch(worker);
        QueueMetrics queues = QueueMetrics.start(figures.registry(), backend);
        worker.start();
        var client = JobClient.of(backend);
        Future<?> producing =
            producer.scheduleAtFixedRate(
                () -> produce(client), 0, BATCHES.toMillis(), TimeUnit.MILLISECONDS);
        watch(figures, url);
        producing.cancel(false);
        producer.shutdown();
        producer.awaitTermination(1, TimeUnit.MINUTES);
        queues.close();
      }
    } finally {
      producer.shutdownNow();
    }
    Plot.draw(figures.panels(), out);
    return 0;
  }

  private static Worker worker(Backend backend, WorkerMetrics metrics) {
    return Worker.builder(backend)
        .config(WorkerConfig.builder().concurrency(SLOTS).build())
        .listen(metrics)
        .handle(ORDER, FiguresCommand::place, RetryPolicy.fixed(Duration.ofSeconds(1)))
        .build();
  }

  private static void place(String order, JobContext context) throws Exception {
    TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(20, 60));
    if (ThreadLocalRandom.current().nextDouble() < FAILING) {
      throw new IllegalStateException("on purpose");
    }
  }

  private void produce(JobClient client) {
    int jobs = second >= seconds / 4 && second < seconds / 2 ? FLOOD : CALM;
    try {
      client.enqueue(
          Collections.nCopies(jobs, "tea").stream()
              .map(order -> client.job(ORDER, order).build())
              .toList());
    } catch (StoreException e) {
      // The customer comes back later.
    }
  }

  private void watch(Figures figures, String url) throws SQLException, InterruptedException {
    try (Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      statement.execute("pragma busy_timeout = 10000");
      boolean locked = false;
      for (int now = 0; now < seconds; now += STEP) {
        second = now;
        boolean lock = now >= seconds * 3 / 4 && now < seconds * 7 / 8;
        if (lock != locked) {
          statement.execute(lock ? "begin exclusive" : "rollback");
          locked = lock;
        }
        TimeUnit.SECONDS.sleep(STEP);
        figures.sample(now + STEP);
      }
    }
  }
}
