package dev.lease.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparing;

import dev.lease.Due;
import dev.lease.Job;
import dev.lease.Lease;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The state that the log describes, and what the current operation adds to it. */
final class Data {

  /** A line of the log: the leases and jobs that an operation has changed, as it left them. */
  record Line(List<StoredLease> leases, List<StoredJob> jobs) {}

  /**
   * The last grant of each name. It stays after it has ended, because its token is still needed.
   */
  final NavigableMap<String, Lease> leases =
      new TreeMap<>(comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned));

  private final Map<String, Map<String, StoredJob>> queues = new HashMap<>();
  final Line added = new Line(new ArrayList<>(), new ArrayList<>());

  /** The store's clock, which stands still during an operation. */
  Instant now = Instant.EPOCH;

  void replay(Line line) {
    line.leases().forEach(lease -> put(lease.asOf(now)));
    line.jobs().forEach(this::put);
  }

  void begin(Instant clock) {
    now = clock.truncatedTo(ChronoUnit.MILLIS);
    added.leases().clear();
    added.jobs().clear();
  }

  /** Rounds down, so that no lease lasts longer than it was asked for [L20]. */
  Instant endOf(Duration leaseDuration) {
    return now.plus(leaseDuration).truncatedTo(ChronoUnit.MILLIS);
  }

  /** Rounds up, so that no job starts before it is due [Q14]. */
  Instant dueAfter(Duration delay) {
    return now.plus(delay).plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
  }

  Instant at(Due due) {
    return due instanceof Due.At at ? at.instant() : dueAfter(((Due.After) due).delay());
  }

  /** Larger than the previous token, even if the clock stood still or went back [L05, L06]. */
  long nextToken(long previous) {
    return Math.max(previous + 1, now.toEpochMilli() * 1_000);
  }

  /** The jobs of a queue by id, in the order in which they were enqueued. */
  Map<String, StoredJob> jobs(String queue) {
    return queues.getOrDefault(queue, Map.of());
  }

  Lease put(Lease lease) {
    leases.put(lease.name(), lease);
    added.leases().add(StoredLease.of(lease));
    return lease;
  }

  void add(NewJob input) {
    Job job =
        Job.builder(input.queue(), input.id(), input.type(), input.payload())
            .priority(input.priority())
            .maxCrashes(input.maxCrashes())
            .maxFailures(input.maxFailures())
            .notAfter(input.notAfter() == null ? null : at(input.notAfter()))
            .dedupKey(input.dedupKey())
            .dedupUntil(input.dedupFor() == null ? null : dueAfter(input.dedupFor()))
            .headers(input.headers())
            .keep(input.keep())
            .createdAt(now)
            .dueAt(at(input.due()))
            .asOf(now)
            .build();
    put(new StoredJob(job, Map.of()));
  }

  StoredJob put(StoredJob job) {
    queues.computeIfAbsent(job.job.queue(), q -> new LinkedHashMap<>()).put(job.job.id(), job);
    added.jobs().add(job);
    return job;
  }
}
