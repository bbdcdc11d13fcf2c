package dev.lease.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparing;

import dev.lease.Job;
import dev.lease.Lease;
import dev.lease.Micros;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The state that the log describes, and what the current operation adds to it. */
final class Data {

  /** A line of the log: what an operation has changed, as it left it. */
  record Line(List<StoredLease> leases, List<StoredJob> jobs, Map<String, Boolean> paused) {}

  /** The order of names in lists: that of their bytes in UTF-8 [L21, Q48]. */
  static final Comparator<String> ORDER =
      comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned);

  /**
   * The last grant of each name. It stays after it has ended, because its token is still needed.
   */
  final NavigableMap<String, Lease> leases = new TreeMap<>(ORDER);

  final Set<String> paused = new TreeSet<>(ORDER);
  final Map<String, Map<String, StoredJob>> queues = new TreeMap<>(ORDER);
  final Line added = new Line(new ArrayList<>(), new ArrayList<>(), new HashMap<>());

  /** Queues that may have work now, by the current operation [Q55]. */
  final Set<String> withWork = new TreeSet<>();

  /** No smaller than the token of any job that was removed. */
  private long floor;

  private long jobsMade;

  /** The store's clock, which stands still during an operation. */
  Instant now = Instant.EPOCH;

  void replay(Line line) {
    line.leases().forEach(lease -> put(lease.asOf(now)));
    line.jobs().forEach(this::put);
    line.paused().forEach(this::pause);
  }

  void begin(Instant clock) {
    now = clock.truncatedTo(ChronoUnit.MICROS);
    added.leases().clear();
    added.jobs().clear();
    added.paused().clear();
    withWork.clear();
  }

  /** Rounds down, so that no lease lasts longer than it was asked for [L20]. */
  Instant endOf(Duration leaseDuration) {
    return now.plus(leaseDuration).truncatedTo(ChronoUnit.MICROS);
  }

  /** Larger than the previous token, even if the clock stood still or went back [L05, L06]. */
  long nextToken(long previous) {
    return Math.max(Math.max(previous, floor) + 1, Micros.of(now));
  }

  /** The jobs of a queue by id, also those that are gone. */
  Map<String, StoredJob> jobs(String queue) {
    return queues.getOrDefault(queue, Map.of());
  }

  Stream<StoredJob> present(String queue) {
    return jobs(queue).values().stream().filter(job -> !job.gone);
  }

  Optional<StoredJob> job(String queue, String id) {
    return Optional.ofNullable(jobs(queue).get(id)).filter(job -> !job.gone);
  }

  Lease put(Lease lease) {
    leases.put(lease.name(), lease);
    added.leases().add(StoredLease.of(lease));
    return lease;
  }

  /** The jobs that hold a dedup key: one, or none. */
  Stream<StoredJob> holdersOf(String queue, @Nullable String key) {
    return jobs(queue).values().stream().filter(job -> job.holdsKey(key, now));
  }

  StoredJob add(NewJob input) {
    return put(new StoredJob(input.toJob(now), jobsMade));
  }

  StoredJob put(StoredJob stored) {
    Job job = stored.job;
    jobsMade = Math.max(jobsMade, stored.number + 1);
    Map<String, StoredJob> jobs = queues.computeIfAbsent(job.queue(), q -> new LinkedHashMap<>());
    jobs.put(job.id(), stored);
    if (stored.gone) {
      floor = Math.max(floor, job.token());
      if (!stored.isKeyKept(now)) {
        jobs.remove(job.id());
      }
    }
    added.jobs().add(stored);
    if (!stored.isFinished() && job.lease() == null) {
      withWork.add(job.queue());
    }
    return stored;
  }

  boolean pause(String queue, boolean isPaused) {
    added.paused().put(queue, isPaused);
    return isPaused ? paused.add(queue) : paused.remove(queue);
  }
}
