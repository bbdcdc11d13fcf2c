package dev.lease.testkit;

import dev.lease.KeyLimit;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one queue, and who has a slot. A job with a key first gets a slot of the key: it is
 * admitted. When it is due and the queue has a slot too, it is open, and claims look at it.
 * Whatever brings a job or may have freed a slot calls {@link #admit} at its end. Guarded by the
 * data.
 */
class InMemoryLimits {

  /** Who gets the next slot of a key [Q65]. */
  static final Comparator<InMemoryJob> SHELF_ORDER =
      Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
          .thenComparing(InMemoryJob::dueAt)
          .thenComparingLong(InMemoryJob::place);

  /** The limits that keys have of their own. */
  final NavigableMap<String, KeyLimit> own = new TreeMap<>(Utf8.ORDER);

  @Nullable KeyLimit everyKey;
  @Nullable Integer queueSlots;

  /** Before when no job of a key starts, because it was closed. */
  private final Map<String, Instant> closedUntil = new HashMap<>();

  /** When the next job of a key would start if all starts were evenly spread [Q67]. */
  private final Map<String, Instant> evenly = new HashMap<>();

  final Supplier<Collection<InMemoryJob>> jobs;

  /**
   * @param jobs gives the jobs of the queue
   */
  InMemoryLimits(Supplier<Collection<InMemoryJob>> jobs) {
    this.jobs = jobs;
  }

  @Nullable KeyLimit of(String key) {
    return own.getOrDefault(key, everyKey);
  }

  /** Whether a job that is put off keeps its slot [Q66]. */
  boolean isInOrder(InMemoryJob job) {
    KeyLimit limit = job.jobKey() == null ? null : of(job.jobKey());
    return limit != null && limit.isInOrder();
  }

  /** Gives the free slots of these keys to their jobs that are due, then those of the queue. */
  int admit(Collection<String> keys, Instant now, int most) {
    int changed = 0;
    for (String key : keys) {
      for (InMemoryJob job : waiting(key, now)) {
        if (changed < most && admitted(key) < slots(key)) {
          job.admit(start(key, now), now);
          changed++;
        }
      }
    }
    return changed + open(now, most - changed);
  }

  /** The jobs that may have the next slots of a key, the first one first [Q65]. */
  List<InMemoryJob> waiting(String key, Instant now) {
    return jobs(SHELF_ORDER, job -> job.hasKey(key) && !job.isAdmitted() && job.isDue(now));
  }

  /** Does so for all keys. */
  int admitAll(Instant now, int most) {
    return admit(keys(), now, most);
  }

  /** Gives the free slots of the queue to admitted jobs that are due [Q94]. */
  int open(Instant now, int most) {
    List<InMemoryJob> admitted =
        jobs(
            InMemoryJob.CLAIM_ORDER,
            job -> job.isAdmitted() && !job.isOpen() && !now.isBefore(job.turn()));
    int changed = 0;
    for (InMemoryJob job : admitted) {
      if (changed < most && (queueSlots == null || opened() < queueSlots)) {
        job.open();
        changed++;
      }
    }
    return changed;
  }

  /** When the next job of a key starts, which is then taken. */
  Instant start(String key, Instant now) {
    Instant start = nextStart(key, now);
    KeyLimit limit = of(key);
    if (limit != null && limit.rate() != null) {
      Instant even = later(start, evenly.get(key));
      evenly.put(key, even.plus(limit.rate().intervalMicros(), ChronoUnit.MICROS));
    }
    return start;
  }

  private Instant nextStart(String key, Instant now) {
    Instant start = later(now, closedUntil.get(key));
    KeyLimit limit = of(key);
    if (limit != null && limit.rate() != null && evenly.containsKey(key)) {
      long burst = limit.rate().intervalMicros() * limit.rate().burst();
      return later(start, evenly.get(key).minus(burst, ChronoUnit.MICROS));
    }
    return start;
  }

  private static Instant later(Instant one, @Nullable Instant other) {
    return other != null && other.isAfter(one) ? other : one;
  }

  /** Closes a key: what waits in its slots starts then at the earliest [Q95]. */
  void close(String key, Instant until) {
    closedUntil.put(key, until);
    jobs(SHELF_ORDER, job -> job.hasKey(key) && job.isAdmitted() && job.hold == null)
        .forEach(job -> job.startNotBefore(until));
  }

  /** Takes the slots that are too many, of jobs that nobody holds, and gives the free ones. */
  int apply(int most, Instant now) {
    int changed = 0;
    for (String key : keys()) {
      List<InMemoryJob> admitted =
          jobs(InMemoryJob.CLAIM_ORDER, job -> job.hasKey(key) && job.isAdmitted());
      for (InMemoryJob job : lastFree(admitted, slots(key), most - changed)) {
        job.giveBackSlot();
        changed++;
      }
    }
    List<InMemoryJob> open =
        jobs(InMemoryJob.CLAIM_ORDER, job -> job.jobKey() != null && job.isOpen());
    int slots = queueSlots == null ? Integer.MAX_VALUE : queueSlots;
    for (InMemoryJob job : lastFree(open, slots, most - changed)) {
      job.shut();
      changed++;
    }
    return changed + admitAll(now, most - changed);
  }

  /** Of those that are too many, those that nobody holds, the last one first. */
  List<InMemoryJob> lastFree(List<InMemoryJob> jobs, int slots, int most) {
    List<InMemoryJob> free = jobs.stream().filter(job -> job.hold == null).toList();
    int surplus = Math.min(Math.min(jobs.size() - slots, free.size()), most);
    return free.subList(free.size() - Math.max(0, surplus), free.size());
  }

  int admitted(String key) {
    return jobs(SHELF_ORDER, job -> job.hasKey(key) && job.isAdmitted()).size();
  }

  int held(String key) {
    return jobs(SHELF_ORDER, job -> job.hasKey(key) && job.hold != null).size();
  }

  int heldBack(String key, Instant now) {
    return jobs(SHELF_ORDER, job -> job.hasKey(key) && !job.isAdmitted() && job.isDue(now)).size();
  }

  /** Before when no job of the key starts, if it was closed or has a rate. */
  @Nullable Instant nextStart(String key) {
    Instant start = nextStart(key, Instant.EPOCH);
    return start.equals(Instant.EPOCH) ? null : start;
  }

  /** The keys of jobs that are not finished, in the order of their bytes. */
  List<String> keys() {
    return jobs(SHELF_ORDER, job -> job.jobKey() != null).stream()
        .map(job -> Objects.requireNonNull(job.jobKey()))
        .distinct()
        .sorted(Utf8.ORDER)
        .toList();
  }

  int slots(String key) {
    KeyLimit limit = of(key);
    return limit == null ? Integer.MAX_VALUE : limit.slots();
  }

  int opened() {
    return jobs(SHELF_ORDER, job -> job.jobKey() != null && job.isOpen()).size();
  }

  /** Jobs that are not finished, the first one first. */
  List<InMemoryJob> jobs(Comparator<InMemoryJob> order, Predicate<InMemoryJob> condition) {
    return jobs.get().stream()
        .filter(job -> !job.state().isFinished() && condition.test(job))
        .sorted(order)
        .toList();
  }
}
