package dev.lease.worker.metrics;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.KeyPage;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import dev.lease.worker.HeldLease;
import dev.lease.worker.Leader;
import dev.lease.worker.Leases;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the queues of a store with Micrometer: how many jobs there are in each state, for how
 * long the oldest due job has been due, how many jobs are held back, how many keys hold jobs back,
 * and how many jobs wait for others of their graphs. Needs {@code io.micrometer:micrometer-core}.
 *
 * <pre>{@code
 * QueueMetrics metrics = QueueMetrics.start(registry, backend);
 * }</pre>
 *
 * <p>Start one in each process. Only one of them, elected by the named lease {@code
 * lease-queue-metrics}, calls {@link JobAdmin#counts()}, every 15 s on a thread of its own. The
 * others have no such meters, nor has any while the store does not answer; if only a part of it
 * does not ({@link StoreCounts#missing}), its queues have none. It looks at no more than 1,000 keys
 * of all queues at a time, where jobs are held back; where there are more, it counts some. A queue
 * whose keys it could not look at has no number of full keys. If the process that reads dies,
 * another one takes over after at most 75 s. The first 100 queues have a tag of their own, and the
 * others are added up as queue {@code other}. Safe for use by many threads.
 */
public final class QueueMetrics implements AutoCloseable {

  static final String LEASE = "lease-queue-metrics";

  private static final Duration INTERVAL = Duration.ofSeconds(15);
  private static final Duration LEASE_DURATION = Duration.ofMinutes(1);
  private static final int MOST_QUEUES = 100;

  /** A store counts the jobs of each key that it lists. */
  private static final int MOST_KEYS = 1_000;

  private static final int PAGE = 100;
  private static final Logger log = LoggerFactory.getLogger(QueueMetrics.class);

  private final JobAdmin admin;
  private final @Nullable Admission admission;
  private final MultiGauge depth;
  private final MultiGauge oldest;
  private final MultiGauge heldBack;
  private final MultiGauge full;
  private final MultiGauge waiting;
  private final Map<Tags, AtomicReference<Number>> depths = new LinkedHashMap<>();
  private final Map<Tags, AtomicReference<Number>> oldests = new LinkedHashMap<>();
  private final Map<Tags, AtomicReference<Number>> heldBacks = new LinkedHashMap<>();
  private final Map<Tags, AtomicReference<Number>> fulls = new LinkedHashMap<>();
  private final Map<Tags, AtomicReference<Number>> waitings = new LinkedHashMap<>();
  private final Duration interval;
  private final Leases leases;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(QueueMetrics::daemon);
  private @Nullable Future<?> reading; // Guarded by this; null if another process reads.
  private boolean failing; // Guarded by this.
  private List<String> missing = List.of(); // Guarded by this.
  private boolean keysFail; // Only for the thread.

  private QueueMetrics(MeterRegistry registry, Backend backend, Duration interval) {
    this.admin = backend.jobAdmin();
    this.admission = backend.capabilities().contains(Capability.KEYS) ? backend.admission() : null;
    this.interval = interval;
    this.leases =
        Leases.builder(backend).leaseDuration(LEASE_DURATION).pollInterval(interval).build();
    depth =
        MultiGauge.builder("lease.queue.depth")
            .baseUnit("jobs")
            .description("Jobs of a queue, by state")
            .register(registry);
    oldest =
        MultiGauge.builder("lease.queue.oldest")
            .baseUnit("seconds")
            .description("For how long the oldest due job has been due, 0 if there is none")
            .register(registry);
    heldBack =
        MultiGauge.builder("lease.jobs.held_back")
            .baseUnit("jobs")
            .description("Jobs that are due and wait for a slot of their key, or of their queue")
            .register(registry);
    full =
        MultiGauge.builder("lease.keys.full")
            .baseUnit("keys")
            .description("Keys that have no slot for jobs that are due")
            .register(registry);
    waiting =
        MultiGauge.builder("lease.jobs.waiting_for_parts")
            .baseUnit("jobs")
            .description("Jobs that wait for other parts of their graphs")
            .register(registry);
  }

  /**
   * Starts to measure. Returns at once, whether or not the store can be reached.
   *
   * @param registry takes the meters
   * @param backend the store
   * @return what measures, until it is closed; close it before the store
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#LEASES} or {@link dev.lease.Capability#ADMIN}
   */
  public static QueueMetrics start(MeterRegistry registry, Backend backend) {
    return start(Limits.notNull("registry", registry), backend, INTERVAL);
  }

  static QueueMetrics start(MeterRegistry registry, Backend backend, Duration interval) {
    var metrics = new QueueMetrics(registry, backend, interval);
    Leader.start(
        metrics.leases,
        LEASE,
        new Leader.Listener() {
          @Override
          public void begin(HeldLease lease) {
            metrics.begin();
          }

          @Override
          public void end() {
            metrics.end();
          }
        });
    return metrics;
  }

  private static Thread daemon(Runnable task) {
    var thread = new Thread(task, LEASE);
    thread.setDaemon(true);
    return thread;
  }

  /** Ends the measuring and removes the meters. Another process takes over. */
  @Override
  public void close() {
    leases.close();
    thread.shutdown();
  }

  private synchronized void begin() {
    reading =
        thread.scheduleWithFixedDelay(this::read, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  private synchronized void end() {
    if (reading != null) {
      reading.cancel(false);
      reading = null;
    }
    report(List.of(), Map.of());
  }

  private void read() {
    try {
      StoreCounts answer = admin.counts();
      List<QueueCounts> counts = answer.queues();
      Map<String, Integer> fullKeys = fullKeys(counts);
      whileReading(
          () -> {
            failing = false;
            note(answer.missing());
            report(counts, fullKeys);
          });
    } catch (RuntimeException | Error e) {
      whileReading(() -> failed(e));
    }
  }

  /** How many keys of a queue hold jobs back; without the queues at which it could not look. */
  private Map<String, Integer> fullKeys(List<QueueCounts> counts) {
    Map<String, Integer> full = new HashMap<>();
    try {
      look(counts, full);
      keysFail = false;
    } catch (RuntimeException | Error e) {
      whileReading(() -> keysFailed(e));
    }
    return full;
  }

  private void keysFailed(Throwable failure) {
    if (!keysFail) {
      log.warn(
          "The keys cannot be listed; those that are full are not measured, and it is tried again"
              + " every {}",
          interval,
          failure);
    }
    keysFail = true;
  }

  /** Looks at {@link #MOST_KEYS} at most, and only where jobs are held back. */
  private void look(List<QueueCounts> counts, Map<String, Integer> full) {
    List<String> queues = new ArrayList<>();
    for (QueueCounts queue : counts) {
      if (queue.heldBack() == 0 || admission == null) {
        full.put(queue.queue(), 0);
      } else {
        queues.add(queue.queue());
      }
    }
    int pages = MOST_KEYS / PAGE;
    for (String queue : queues) {
      String after = null;
      for (boolean more = true; more && pages > 0; pages--) {
        KeyPage page = Objects.requireNonNull(admission).keys(queue, after, PAGE);
        int here = (int) page.keys().stream().filter(key -> key.heldBack() > 0).count();
        full.merge(queue, here, Integer::sum);
        after = page.next();
        more = after != null;
      }
    }
  }

  /** An answer that comes after the end is not reported: another process reports by now. */
  private synchronized void whileReading(Runnable news) {
    if (reading != null) {
      news.run();
    }
  }

  private void failed(Throwable failure) {
    report(List.of(), Map.of());
    if (!failing) {
      log.warn(
          "The queues cannot be counted, and are not measured; it is tried again every {}",
          interval,
          failure);
    }
    failing = true;
  }

  private void note(List<String> missingNow) {
    if (!missing.containsAll(missingNow)) {
      log.warn(
          "The queues of {} cannot be counted, and are not measured; it is tried again every {}",
          Limits.oneLine(String.join(", ", missingNow)),
          interval);
    }
    missing = missingNow;
  }

  private void report(List<QueueCounts> counts, Map<String, Integer> fullKeys) {
    Map<Tags, Long> jobs = new LinkedHashMap<>();
    Map<Tags, Long> withoutSlot = new LinkedHashMap<>();
    Map<Tags, Long> behindOthers = new LinkedHashMap<>();
    Map<Tags, Integer> keys = new LinkedHashMap<>();
    Map<Tags, Double> ages = new LinkedHashMap<>();
    for (int i = 0; i < counts.size(); i++) {
      QueueCounts queue = counts.get(i);
      Tags tags = Tags.of("queue", i < MOST_QUEUES ? queue.queue() : "other");
      ages.merge(tags, age(queue), Math::max);
      withoutSlot.merge(tags, queue.heldBack(), Long::sum);
      behindOthers.merge(tags, queue.waitingForParts(), Long::sum);
      Integer here = fullKeys.get(queue.queue());
      if (here != null) {
        keys.merge(tags, here, Integer::sum);
      }
      for (JobState state : JobState.values()) {
        jobs.merge(
            tags.and("state", state.name().toLowerCase(Locale.ROOT)),
            queue.count(state),
            Long::sum);
      }
    }
    register(depth, depths, jobs);
    register(oldest, oldests, ages);
    register(heldBack, heldBacks, withoutSlot);
    register(waiting, waitings, behindOthers);
    register(full, fulls, keys);
  }

  private static double age(QueueCounts queue) {
    return queue.oldestDue() == null
        ? 0
        : Math.max(0, Duration.between(queue.oldestDue(), queue.asOf()).toMillis() / 1_000.0);
  }

  private static void register(
      MultiGauge gauge, Map<Tags, AtomicReference<Number>> rows, Map<Tags, ? extends Number> news) {
    rows.keySet().retainAll(news.keySet());
    news.forEach(
        (tags, value) -> rows.computeIfAbsent(tags, it -> new AtomicReference<>()).set(value));
    // A row that is there is not registered anew: a scrape at that moment would find it twice.
    gauge.register(
        rows.entrySet().stream()
            .map(row -> Row.of(row.getKey(), row.getValue(), it -> it.get().doubleValue()))
            .toList());
  }
}
