package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The jobs of Lease, through its public API. */
final class LeaseJobs implements Subject {

  private static final int TUNED_CONCURRENCY = 4;
  private static final int TUNED_LOOK_AHEAD = 1000;
  private static final Duration QUICK_LEASE = Duration.ofSeconds(1);
  private static final Duration QUICK_POLL = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofHours(12);

  /** The first number of jobs that are in the way; no job of a drain has it. */
  private static final long IN_THE_WAY = 1L << 40;

  /**
   * The payload of a job.
   *
   * @param id the number of the job
   * @param stamp when it was enqueued, in microseconds
   */
  record Body(long id, long stamp) {}

  private final Target target;
  private final List<JobType<Body>> types;
  private final int busy;
  private final Keys keys;
  private @Nullable Backend backend;
  private @Nullable JobClient client;
  private @Nullable OpenTransactions transactions;
  private @Nullable Worker worker;

  LeaseJobs(Target target) {
    this.target = target;
    keys = Keys.of(target.settings());
    types =
        target.settings().queues().stream()
            .map(queue -> JobType.of(queue, "job", Body.class))
            .toList();
    busy = target.settings().number("busy", types.size());
  }

  @Override
  public void setUp() {
    LeaseBackend.migrate(target);
  }

  private Backend backend() {
    if (backend == null) {
      backend = LeaseBackend.open(target);
    }
    return backend;
  }

  @Override
  public void openClient() {
    client = JobClient.of(backend());
    types.forEach(type -> keys.limit(backend(), type.queue()));
    if (target.settings().has("open")) {
      transactions =
          new OpenTransactions(
              (JdbcBackend) backend(), target.url(), target.settings().number("open", 0));
    }
  }

  private JobClient client() {
    return Objects.requireNonNull(client, "not open");
  }

  private JobType<Body> type(long id) {
    return types.get((int) Math.floorMod(id, (long) busy));
  }

  private NewJob.Builder job(long id, long stamp) {
    return client().job(type(id), new Body(id, stamp)).key(keys.key(id));
  }

  @Override
  public void enqueue(long id, long stamp) throws SQLException, InterruptedException {
    NewJob job = job(id, stamp).build();
    if (transactions == null) {
      client().enqueue(job);
    } else {
      transactions.enqueue(List.of(job));
    }
  }

  @Override
  public void enqueueAll(long first, int count, long stamp) {
    client()
        .enqueue(
            LongStream.range(first, first + count).mapToObj(id -> job(id, stamp).build()).toList());
  }

  @Override
  public void obstruct(Obstacle kind, int count) {
    switch (kind) {
      case LATER ->
          client()
              .enqueue(
                  LongStream.range(IN_THE_WAY, IN_THE_WAY + count)
                      .mapToObj(id -> job(id, 0).due(Due.after(LONG)).build())
                      .toList());
      case HELD -> {
        enqueueAll(IN_THE_WAY, count, 0);
        claim(count);
      }
      case FINISHED -> {
        enqueueAll(IN_THE_WAY, count, 0);
        List<Settlement> done = new ArrayList<>();
        claim(count).forEach(job -> done.add(Settlement.done(job.lease())));
        backend().jobQueue().settle(done);
      }
    }
  }

  private List<ClaimedJob> claim(int count) {
    return backend()
        .jobQueue()
        .claim(ClaimRequest.of(types.get(0).queue(), "in-the-way", count, LONG))
        .jobs();
  }

  @Override
  public void prepareWorker(Handling handling) {
    Worker.Builder builder = Worker.builder(backend()).config(config());
    for (JobType<Body> type : types) {
      builder.handle(type, (body, context) -> handling.run(body.id(), body.stamp()));
    }
    worker = builder.build();
  }

  private WorkerConfig config() {
    Settings settings = target.settings();
    WorkerConfig.Builder config = WorkerConfig.builder();
    if (settings.isTuned()) {
      config.concurrency(TUNED_CONCURRENCY).lookAhead(TUNED_LOOK_AHEAD);
    }
    if (settings.isQuick()) {
      config.leaseDuration(QUICK_LEASE).pollInterval(QUICK_POLL);
    }
    if (settings.has("concurrency")) {
      config.concurrency(settings.number("concurrency", 0));
    }
    if (settings.has("look-ahead")) {
      config.lookAhead(settings.number("look-ahead", 0));
    }
    if (settings.has("lease")) {
      config.leaseDuration(Duration.ofMillis(settings.number("lease", 0)));
    }
    if (settings.has("poll")) {
      config.pollInterval(Duration.ofMillis(settings.number("poll", 0)));
    }
    return config.build();
  }

  @Override
  public void startWorker() {
    Objects.requireNonNull(worker, "not prepared").start();
  }

  @Override
  public long left() {
    List<String> queues = types.stream().map(JobType::queue).toList();
    return backend().jobAdmin().counts().queues().stream()
        .filter(counts -> queues.contains(counts.queue()))
        .mapToLong(LeaseJobs::unfinished)
        .sum();
  }

  private static long unfinished(QueueCounts counts) {
    return counts.count(JobState.PENDING)
        + counts.count(JobState.RETRY)
        + counts.count(JobState.PROCESSING);
  }

  @Override
  public void close() {
    if (worker != null) {
      worker.close();
    }
    if (backend != null) {
      backend.close();
      backend = null;
    }
  }
}
