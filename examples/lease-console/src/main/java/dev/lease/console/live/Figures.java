package dev.lease.console.live;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import dev.lease.worker.WorkerReport;
import dev.lease.worker.WorkerReports;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the overview shows.
 *
 * @param counts the jobs of each queue
 * @param failures the failures of the last hour
 * @param workers what the workers say; null if the store has no place for it
 * @param at the store's clock; that of this machine if there is no queue
 */
public record Figures(
    StoreCounts counts, Failures failures, @Nullable WorkerReports workers, Instant at) {

  /**
   * Reads the figures.
   *
   * @param backend the store
   * @param redactor takes secrets out of errors
   * @return the figures
   */
  public static Figures read(Backend backend, UnaryOperator<String> redactor) {
    JobAdmin admin = backend.jobAdmin();
    StoreCounts counts = admin.counts();
    Instant at =
        counts.queues().stream()
            .map(QueueCounts::asOf)
            .max(Comparator.naturalOrder())
            .orElseGet(Instant::now);
    return new Figures(
        counts,
        Failures.read(admin, at, redactor),
        reportsWorkers(backend) ? WorkerReports.read(backend) : null,
        at);
  }

  /**
   * Tells whether workers can report themselves in a store.
   *
   * @param backend the store
   * @return true if so
   */
  public static boolean reportsWorkers(Backend backend) {
    return backend.capabilities().containsAll(List.of(Capability.LEASES, Capability.NOTES));
  }

  /** {@return the queues, those whose oldest due job waits longest first, the others by name} */
  public List<QueueCounts> queues() {
    return counts.queues().stream()
        .sorted(
            Comparator.comparing(
                    QueueCounts::oldestDue, Comparator.nullsLast(Comparator.naturalOrder()))
                .thenComparing(QueueCounts::queue))
        .toList();
  }

  /**
   * Counts the jobs of all queues.
   *
   * @param state their state
   * @return how many there are
   */
  public long count(JobState state) {
    return counts.queues().stream().mapToLong(queue -> queue.count(state)).sum();
  }

  /**
   * How long the jobs of a queue usually wait: the middle of what its workers saw, minute by
   * minute, in the last hour.
   *
   * @param queue the queue
   * @return the time; null if no worker tells
   */
  public @Nullable Duration usualWait(String queue) {
    List<Duration> waits =
        workers == null
            ? List.of()
            : workers.reports().stream()
                .flatMap(report -> report.queues().stream())
                .filter(each -> each.name().equals(queue))
                .flatMap(each -> each.minutes().stream())
                .map(WorkerReport.Minute::medianWait)
                .filter(Objects::nonNull)
                .sorted()
                .toList();
    return waits.isEmpty() ? null : waits.get(waits.size() / 2);
  }
}
