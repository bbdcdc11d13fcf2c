package dev.lease.testkit;

import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.OperatorAction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The data that the backend objects of one in-memory store share. Guarded by its own monitor. */
class InMemoryData {

  final NavigableMap<String, Lease> leases = new TreeMap<>(Utf8.ORDER);

  /** The last token of each name. It outlives the lease. */
  final Map<String, Long> leaseTokens = new HashMap<>();

  final Set<String> pausedQueues = new TreeSet<>(Utf8.ORDER);

  /** The acts of operators, in their order. They outlive what they were about [Q90]. */
  final NavigableMap<Long, OperatorAction> actions = new TreeMap<>();

  final List<WorkHints> listeners = new ArrayList<>();

  private final InstantSource clock;
  private final Map<String, Map<String, InMemoryJob>> queues = new TreeMap<>(Utf8.ORDER);

  /** The dedup keys that stay taken for a time, by queue and by the ids of their jobs. */
  private final Map<String, Map<String, KeptKey>> kept = new HashMap<>();

  /** The limits of keys, by queue. They outlive the jobs. */
  private final Map<String, InMemoryLimits> limits = new HashMap<>();

  /** The queues that have had jobs with keys. In the others all jobs are open from the start. */
  private final Set<String> limited = new HashSet<>();

  /** The graphs, by queue. */
  private final Map<String, InMemoryGraphs> graphs = new HashMap<>();

  private long jobsMade;
  private long actionsMade;

  /** The largest token of all removed jobs and names, so that one made anew gets a larger one. */
  private long largestRemovedToken;

  InMemoryData(InstantSource clock) {
    this.clock = clock;
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** Makes a token that grows for ever, without a sequence (policy 2). */
  long nextToken(long previous, Instant now) {
    return Math.max(previous + 1, micros(now));
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  long nextJobToken(InMemoryJob job, Instant now) {
    return nextToken(Math.max(job.token(), largestRemovedToken), now);
  }

  long nextLeaseToken(String name, Instant now) {
    long previous = leaseTokens.getOrDefault(name, 0L);
    return nextToken(Math.max(previous, largestRemovedToken), now);
  }

  /** Forgets the tokens of names, but for the largest, so that names do not pile up [L25]. */
  void forgetNames(Predicate<String> forgotten) {
    leaseTokens
        .entrySet()
        .removeIf(
            name -> {
              boolean isForgotten = forgotten.test(name.getKey());
              if (isForgotten) {
                remembered(name.getValue());
              }
              return isForgotten;
            });
  }

  void remembered(long removedToken) {
    largestRemovedToken = Math.max(largestRemovedToken, removedToken);
  }

  InMemoryJob newJob(NewJob input, Instant now) {
    return new InMemoryJob(input, jobsMade++, now);
  }

  Set<String> queueNames() {
    return queues.keySet();
  }

  Collection<InMemoryJob> jobs(String queue) {
    return queues.getOrDefault(queue, Map.of()).values();
  }

  /** All jobs, or those of one queue, in the order in which they were enqueued. */
  List<InMemoryJob> inOrder(@Nullable String queue) {
    Stream<InMemoryJob> jobs =
        queue == null
            ? queues.values().stream().flatMap(of -> of.values().stream())
            : jobs(queue).stream();
    return jobs.sorted(Comparator.comparingLong(InMemoryJob::place)).toList();
  }

  Optional<InMemoryJob> job(String queue, String id) {
    return Optional.ofNullable(queues.getOrDefault(queue, Map.of()).get(id));
  }

  /** The unfinished job that has this dedup key [Q05]. */
  Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
    return jobs(queue).stream()
        .filter(job -> !job.state().isFinished() && dedupKey.equals(job.dedupKey()))
        .findFirst();
  }

  /** Whether no other job has the dedup key of one that is to run again. */
  boolean isKeyFree(InMemoryJob job, Instant now) {
    String dedupKey = job.dedupKey();
    return dedupKey == null
        || (holderOf(job.queue(), dedupKey).isEmpty()
            && keeperOf(job.queue(), dedupKey, now).filter(id -> !id.equals(job.id())).isEmpty());
  }

  /** The id of the job, finished or purged, for which this dedup key stays taken [Q82]. */
  Optional<String> keeperOf(String queue, String dedupKey, Instant now) {
    return kept.getOrDefault(queue, Map.of()).entrySet().stream()
        .filter(each -> each.getValue().key().equals(dedupKey) && each.getValue().isTaken(now))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Whether a dedup key stays taken for the job with this id, which may be purged [Q82]. */
  boolean keepsKey(String queue, String id, Instant now) {
    KeptKey key = kept.getOrDefault(queue, Map.of()).get(id);
    return key != null && key.isTaken(now);
  }

  /** A dedup key that stays taken for a time, whatever becomes of its job [Q82]. */
  record KeptKey(String key, Instant until) {
    boolean isTaken(Instant now) {
      return now.isBefore(until);
    }
  }

  void keepKey(InMemoryJob job) {
    if (job.dedupKey() != null && job.dedupUntil != null) {
      kept.computeIfAbsent(job.queue(), queue -> new HashMap<>())
          .put(job.id(), new KeptKey(job.dedupKey(), job.dedupUntil));
    }
  }

  void freeKey(String queue, String id) {
    kept.getOrDefault(queue, new HashMap<>()).remove(id);
  }

  /** Forgets the keys whose time is over. */
  void freeKeys(String queue) {
    Instant now = now();
    kept.getOrDefault(queue, new HashMap<>()).values().removeIf(key -> !key.isTaken(now));
  }

  void add(InMemoryJob job) {
    queues.computeIfAbsent(job.queue(), queue -> new LinkedHashMap<>()).put(job.id(), job);
    if (job.jobKey() != null) {
      limited.add(job.queue());
    }
  }

  void remove(InMemoryJob job) {
    remembered(job.token());
    Map<String, InMemoryJob> jobs = queues.getOrDefault(job.queue(), Map.of());
    jobs.remove(job.id());
    if (jobs.isEmpty()) {
      queues.remove(job.queue());
    }
  }

  InMemoryLimits limits(String queue) {
    return limits.computeIfAbsent(queue, this::newLimits);
  }

  InMemoryLimits newLimits(String queue) {
    return new InMemoryLimits(() -> jobs(queue));
  }

  InMemoryGraphs graphs(String queue) {
    return graphs.computeIfAbsent(queue, name -> newGraphs(jobsOf(name)));
  }

  InMemoryGraphs newGraphs(InMemoryGraphs.Jobs jobs) {
    return new InMemoryGraphs(jobs);
  }

  private InMemoryGraphs.Jobs jobsOf(String queue) {
    return new InMemoryGraphs.Jobs() {
      @Override
      public Optional<InMemoryJob> find(String id) {
        return job(queue, id);
      }

      @Override
      public boolean isKeyFree(InMemoryJob job, Instant now) {
        return InMemoryData.this.isKeyFree(job, now);
      }

      @Override
      public void remove(InMemoryJob job) {
        InMemoryData.this.remove(job);
        freeKey(queue, job.id());
      }
    };
  }

  /**
   * What each call does at its end that brings a job, changes one, or ends one [Q63, Q64, Q74].
   * Returns the jobs that claims look at for that.
   */
  List<InMemoryJob> admit(InMemoryJob job, Instant now) {
    if (job.graph == null && !limited.contains(job.queue())) {
      return List.of();
    }
    List<InMemoryJob> shut =
        jobs(job.queue()).stream().filter(each -> !each.isUpForClaim(now)).toList();
    if (job.graph != null) {
      admitAll(job.queue(), now);
    }
    limits(job.queue()).admit(job.keys(), now, Integer.MAX_VALUE);
    return shut.stream().filter(each -> each.isUpForClaim(now)).toList();
  }

  /** The same by a claim, or after a change of a graph: that may let many jobs go. */
  void admitAll(String queue, Instant now) {
    graphs(queue).resolve(now);
    limits(queue).admitAll(now, Integer.MAX_VALUE);
  }

  long nextPlaceOfAction() {
    return actionsMade++;
  }

  void wake(String queue) {
    listeners.forEach(hints -> hints.wake(queue));
  }
}
