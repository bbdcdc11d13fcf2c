package dev.lease.worker.metrics;

import static dev.lease.worker.WorkerStatus.State.STOPPED;

import dev.lease.FinishedJob;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.worker.JobEvent;
import dev.lease.worker.JobEvent.End;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerListener;
import dev.lease.worker.WorkerStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/**
 * Measures workers with Micrometer: what becomes of their jobs, how long these wait and run, and
 * what the workers are doing. It does not call the store. Needs {@code
 * io.micrometer:micrometer-core}. The page {@code docs/observability.md} of this module has a table
 * of the meters.
 *
 * <pre>{@code
 * WorkerMetrics metrics = WorkerMetrics.of(registry);
 * Worker worker = Worker.builder(backend).listen(metrics).handle(TYPE, handler).build();
 * metrics.watch(worker);
 * }</pre>
 *
 * <p>Make one for a registry, and use it for all workers of the process: the meters add them up.
 * The first 100 types have tags of their own, and so has each type with a handler here. All others
 * are counted together as type {@code other}. The first 100 queues have tags of their own, and all
 * others are counted together as queue {@code other}. Safe for use by many threads.
 */
public final class WorkerMetrics implements WorkerListener {

  private static final int MOST_TYPES = 100;
  private static final int MOST_QUEUES = 100;
  private static final String OTHER = "other";

  private static final long LONGEST_BUCKET = 10_000_000;

  /** 1 ms, 3 ms, 10 ms, and so on, so that a system can compute percentiles over all nodes. */
  private static final Duration[] BUCKETS =
      LongStream.iterate(1, millis -> millis <= LONGEST_BUCKET, millis -> 10 * millis)
          .flatMap(millis -> LongStream.of(millis, 3 * millis))
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private record Type(String queue, String name) {}

  /** Meters that are there from the first job of a type on, so that an alarm sees each step. */
  private record Meters(Tags tags, Counter claims, Timer waited, Counter lost) {}

  private final MeterRegistry registry;
  private final MeterProvider<Counter> claims;
  private final MeterProvider<Timer> wait;
  private final MeterProvider<Timer> run;
  private final MeterProvider<Counter> settled;
  private final MeterProvider<Counter> lost;
  private final MeterProvider<Counter> spent;
  private final MeterProvider<Timer> extendLag;
  private final Timer outages;
  private final Map<Type, Meters> types = new ConcurrentHashMap<>();
  private final Set<String> queues = ConcurrentHashMap.newKeySet();
  private final List<Worker> workers = new CopyOnWriteArrayList<>();

  private WorkerMetrics(MeterRegistry registry) {
    this.registry = registry;
    claims = counter("lease.claims", "jobs", "Jobs that were claimed");
    settled = counter("lease.settled", "attempts", "Attempts that have ended");
    lost = counter("lease.lost", "jobs", "Jobs that were no longer held when their attempt ended");
    spent = counter("lease.spent", "jobs", "Jobs that a claim or a reset finished");
    wait = timer("lease.wait", "From when a job was due until it was claimed");
    run = timer("lease.run", "How long handlers ran");
    extendLag = timer("lease.extend.lag", "How late leases were extended");
    outages =
        Timer.builder("lease.outage.length")
            .description("Outages of the store that are over")
            .register(registry);
    gauge(
        "lease.outage",
        "workers",
        "Workers that cannot reach the store",
        status -> status.outage() == null ? 0 : 1);
    gauge(
        "lease.slots",
        "slots",
        "Handlers that can run at once",
        status -> status.running() ? status.concurrency() : 0);
    gauge("lease.active", "jobs", "Jobs whose handlers run", status -> status.active().size());
    gauge("lease.stuck", "slots", "Slots of handlers that do not return", WorkerStatus::stuck);
    gauge("lease.waiting", "jobs", "Jobs that were claimed ahead", WorkerStatus::waiting);
    gauge("lease.unsettled", "jobs", "Jobs with a settlement to repair", WorkerStatus::unsettled);
  }

  /**
   * Makes a listener, and registers its meters.
   *
   * @param registry takes the meters
   * @return what measures each worker that it listens to
   */
  public static WorkerMetrics of(MeterRegistry registry) {
    return new WorkerMetrics(Limits.notNull("registry", registry));
  }

  private MeterProvider<Counter> counter(String name, String unit, String description) {
    return Counter.builder(name).baseUnit(unit).description(description).withRegistry(registry);
  }

  private MeterProvider<Timer> timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .withRegistry(registry);
  }

  private void gauge(
      String name, String unit, String description, ToDoubleFunction<WorkerStatus> value) {
    Gauge.builder(name, () -> statuses().stream().mapToDouble(value).sum())
        .baseUnit(unit)
        .description(description)
        .register(registry);
  }

  /**
   * Adds a worker to the gauges, which read its {@link Worker#status} when they are read, until it
   * has stopped. Its jobs are measured if this is among its listeners, whether or not it is
   * watched. The counters of its types are there from now on, in the queues that it has now, so
   * that an alarm sees the first step of each.
   *
   * @param worker the worker
   */
  public void watch(Worker worker) {
    workers.add(Limits.notNull("worker", worker));
    WorkerStatus status = worker.status();
    for (String queue : status.queues()) {
      for (String type : status.types(queue)) {
        types.computeIfAbsent(new Type(tag(queue), type), this::register);
      }
    }
    statuses();
  }

  /** What the workers do that have not stopped; those that have are let go. */
  private List<WorkerStatus> statuses() {
    List<WorkerStatus> statuses = new ArrayList<>();
    for (Worker worker : List.copyOf(workers)) {
      WorkerStatus status = worker.status();
      if (status.state() == STOPPED) {
        workers.remove(worker);
      } else {
        statuses.add(status);
      }
    }
    return statuses;
  }

  @Override
  public void claimed(JobEvent job) {
    Meters meters = meters(job);
    meters.claims().increment();
    meters.waited().record(job.waited());
  }

  @Override
  public void started(JobEvent job) {
    // It has a handler, so its name comes from the program, and there are few of its kind.
    types.computeIfAbsent(new Type(tag(job.queue()), job.type()), this::register);
  }

  @Override
  public void attemptEnded(JobEvent job) {
    Meters meters = meters(job);
    End end = Objects.requireNonNull(job.end());
    Tags tags = meters.tags().and("outcome", outcome(end));
    settled.withTags(tags).increment();
    if (!job.ran().isZero()) {
      run.withTags(tags).record(job.ran());
    }
    if (end == End.LOST) {
      meters.lost().increment();
    }
  }

  /** What the store has: a job that succeeded is DONE, and one that was retried is in RETRY. */
  private static String outcome(End end) {
    return switch (end) {
      case SUCCEEDED -> "done";
      case RETRIED -> "retry";
      default -> end.name().toLowerCase(Locale.ROOT);
    };
  }

  @Override
  public void spent(FinishedJob job) {
    spent.withTags(spentAs(meters(job.queue(), job.type()).tags(), job.state())).increment();
  }

  private static Tags spentAs(Tags tags, JobState state) {
    return tags.and("state", state.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public void extended(String worker, String queue, Duration lag) {
    extendLag.withTag("queue", tag(queue)).record(lag);
  }

  @Override
  public void outageEnded(String worker, Duration length) {
    outages.record(length);
  }

  private Meters meters(JobEvent job) {
    return meters(job.queue(), job.type());
  }

  /** Queues may be found in the store, so their names are without bound. */
  private String tag(String queue) {
    if (queues.contains(queue)) {
      return queue;
    }
    return queues.size() < MOST_QUEUES && queues.add(queue) ? queue : OTHER;
  }

  private Meters meters(String queue, String name) {
    Type type = new Type(tag(queue), name);
    Meters known = types.get(type);
    if (known != null) {
      return known;
    }
    return types.size() < MOST_TYPES
        ? types.computeIfAbsent(type, this::register)
        : register(new Type(type.queue(), OTHER));
  }

  /** Registers the meters of a type; answers those that are registered, if it was done before. */
  private Meters register(Type type) {
    Tags tags = Tags.of("queue", type.queue(), "type", type.name());
    for (End end : End.values()) {
      settled.withTags(tags.and("outcome", outcome(end)));
    }
    spent.withTags(spentAs(tags, JobState.FAILED));
    spent.withTags(spentAs(tags, JobState.CANCELLED));
    return new Meters(tags, claims.withTags(tags), wait.withTags(tags), lost.withTags(tags));
  }
}
