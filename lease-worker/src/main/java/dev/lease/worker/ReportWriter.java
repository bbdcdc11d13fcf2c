package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes down what a worker is doing, for its report. For one thread at a time. */
final class ReportWriter {

  /** How many queues a report has, and how many minutes of each are counted. */
  static final int MOST_QUEUES = 20;

  private static final int MOST_STUCK = 5;
  private static final int LONGEST_PLACE = 600;
  private static final int MOST_REASONS = 5;
  private static final int LONGEST_REASON = 200;

  private final WorkerConfig config;
  private final Supplier<List<PolledQueue>> queues;
  private final Slots slots;
  private final Rates rates;
  private final Supplier<WorkerStatus> status;
  private final Function<WorkerStatus, WorkerHealth> health;
  private @Nullable Instant startedAt;
  private @Nullable String host;

  /**
   * @param queues all queues that the worker has now; the report has the first of them
   */
  ReportWriter(
      WorkerConfig config,
      Supplier<List<PolledQueue>> queues,
      Slots slots,
      Rates rates,
      Supplier<WorkerStatus> status,
      Function<WorkerStatus, WorkerHealth> health) {
    this.config = config;
    this.queues = queues;
    this.slots = slots;
    this.rates = rates;
    this.status = status;
    this.health = health;
  }

  ReportNote note() {
    if (startedAt == null) {
      // The first report is made when the worker starts.
      startedAt = Instant.now();
      host = WorkerConfig.host().orElse(null);
    }
    WorkerStatus now = status.get();
    WorkerHealth judged = health.apply(now);
    List<String> waiting = slots.waitingQueues();
    List<PolledQueue> all = queues.get();
    List<PolledQueue> reported = all.stream().limit(MOST_QUEUES).toList();
    rates.count(reported.stream().map(PolledQueue::name).toList());
    long minute = rates.minute();
    return new ReportNote(
        host,
        ProcessHandle.current().pid(),
        ReportWriter.class.getPackage().getImplementationVersion(),
        startedAt.toEpochMilli(),
        judged.status().name(),
        judged.reasons().stream()
            .limit(MOST_REASONS)
            .map(reason -> cut(reason, LONGEST_REASON))
            .toList(),
        config.concurrency(),
        all.size(),
        now.active().size(),
        now.waiting(),
        now.stuck(),
        minute,
        reported.stream().map(queue -> of(queue, now.active(), waiting, minute)).toList(),
        now.active().stream()
            .filter(ActiveJob::stuck)
            .limit(MOST_STUCK)
            .map(ReportWriter::stuck)
            .toList());
  }

  private ReportNote.Queue of(
      PolledQueue queue, List<ActiveJob> active, List<String> waiting, long minute) {
    String name = queue.name();
    List<ActiveJob> jobs = active.stream().filter(job -> job.queue().equals(name)).toList();
    Duration claimed = queue.sinceLastAnswer();
    return new ReportNote.Queue(
        name,
        queue.limit(),
        jobs.size(),
        Collections.frequency(waiting, name),
        (int) jobs.stream().filter(ActiveJob::stuck).count(),
        claimed == null ? null : claimed.toMillis(),
        rates.minutes(name, minute));
  }

  private static ReportNote.Stuck stuck(ActiveJob job) {
    String place = job.place() == null ? "" : job.place();
    return new ReportNote.Stuck(
        job.queue(),
        job.jobId(),
        job.type(),
        job.since().toEpochMilli(),
        cut(place, LONGEST_PLACE));
  }

  /** What an exception of a store says, and the name of a thread, may have any character. */
  private static String cut(String text, int longest) {
    String clean = Limits.errorText(text);
    return clean.length() <= longest ? clean : Limits.errorText(clean.substring(0, longest));
  }
}
