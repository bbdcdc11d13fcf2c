package dev.lease.examples.customstore;

import static dev.lease.JobFilter.Condition.FINISHED;
import static dev.lease.JobFilter.Condition.QUEUE;
import static dev.lease.JobOrder.LAST_FINISHED_FIRST;
import static dev.lease.JobOrder.OLDEST_FIRST;
import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;

import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls of operators. Each is one operation on the log. */
final class LogAdmin implements JobAdmin {

  /** From the first to the last that is known here; those that are added later are not [Q83]. */
  private static final Set<JobFilter.Condition> CONDITIONS = EnumSet.range(QUEUE, FINISHED);

  private static final Set<JobOrder> ORDERS = EnumSet.range(OLDEST_FIRST, LAST_FINISHED_FIRST);

  private final Log log;

  LogAdmin(Log log) {
    this.log = log;
  }

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query).requireKnown(CONDITIONS, ORDERS);
    String after = query.after();
    if (after != null && !after.matches("\\d{20}:\\d{20}")) {
      throw new IllegalArgumentException("after must come from a page of this store, was " + after);
    }
    return log.run(data -> list(data, query, after));
  }

  private static JobPage list(Data data, JobQuery query, @Nullable String after) {
    JobOrder order = query.order();
    Comparator<String> places = order == OLDEST_FIRST ? naturalOrder() : Comparator.reverseOrder();
    String queue = query.filter().queue();
    List<StoredJob> rest =
        (queue == null ? data.queues.keySet().stream() : Stream.of(queue))
            .flatMap(data::present)
            .filter(job -> order != LAST_FINISHED_FIRST || job.isFinished())
            .filter(job -> after == null || places.compare(after, job.place(order)) < 0)
            .sorted(comparing(job -> job.place(order), places))
            .toList();
    return JobPage.of(query, rest, job -> job.asOf(data.now), job -> job.place(order));
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    return onJob(queue, id, (data, job) -> List.copyOf(job.failedAttempts), List.of());
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    return onJob(queue, id, (data, job) -> steps(job), List.of());
  }

  private static List<StepValue> steps(StoredJob job) {
    return job.steps.entrySet().stream()
        .map(step -> StepValue.of(step.getKey(), step.getValue(), null))
        .toList();
  }

  @Override
  public StoreCounts counts() {
    return log.run(
        data -> {
          Set<String> queues = new TreeSet<>(Data.ORDER);
          queues.addAll(data.queues.keySet());
          queues.removeIf(queue -> data.present(queue).findAny().isEmpty());
          queues.addAll(data.paused);
          return StoreCounts.of(queues.stream().map(queue -> counts(data, queue)).toList());
        });
  }

  private static QueueCounts counts(Data data, String queue) {
    List<Job> jobs = data.present(queue).map(job -> job.asOf(data.now)).toList();
    return QueueCounts.of(queue, jobs, data.paused.contains(queue), data.now);
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return log.run(
        data -> {
          List<StoredJob> expired =
              data.present(queue).filter(job -> job.isExpired(data.now)).limit(limit).toList();
          expired.forEach(job -> data.put(job.loseHold(data.now)));
          return Reset.of(
              expired.size(),
              expired.stream()
                  .filter(StoredJob::isFinished)
                  .map(job -> FinishedJob.of(job.job))
                  .toList());
        });
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    return onJob(queue, id, LogAdmin::cancel, Cancellation.NOT_FOUND);
  }

  private static Cancellation cancel(Data data, StoredJob job) {
    if (job.isFinished()) {
      return Cancellation.FINISHED;
    }
    if (job.job.lease() == null) {
      data.put(job.finish(JobState.CANCELLED, job.job.error(), data.now));
      return Cancellation.CANCELLED;
    }
    data.put(job.with(it -> it.cancelRequested(true)));
    return Cancellation.REQUESTED;
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    Limits.name("job id", id);
    Duration delay = Limits.notNull("how", how).delay(id);
    return onJob(queue, id, (data, job) -> requeue(data, job, delay), Requeue.NOT_FOUND);
  }

  private static Requeue requeue(Data data, StoredJob job, Duration delay) {
    if (!job.isFinished() || job.job.state() == JobState.DONE) {
      return Requeue.NOT_FAILED;
    }
    if (data.holdersOf(job.job.queue(), job.job.dedupKey()).anyMatch(other -> other != job)) {
      return Requeue.CONFLICT;
    }
    data.put(job.requeue(data.now.plus(delay)));
    return Requeue.REQUEUED;
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    Limits.notNull("change", change);
    return onJob(queue, id, (data, job) -> change(data, job, change), Change.NOT_FOUND);
  }

  private static Change change(Data data, StoredJob job, JobChange change) {
    if (job.isFinished() || job.job.lease() != null) {
      return job.isFinished() ? Change.FINISHED : Change.HELD;
    }
    job.job = change.applyTo(job.job, data.now);
    data.put(job);
    return Change.CHANGED;
  }

  @Override
  public boolean delete(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return log.run(
        data -> {
          boolean isThere = data.job(queue, id).isPresent();
          Stream.ofNullable(data.jobs(queue).get(id))
              .forEach(job -> data.put(job.with(it -> it.dedupUntil(null)).remove()));
          return isThere;
        });
  }

  @Override
  public void pause(String queue) {
    Limits.name("queue", queue);
    log.run(data -> data.pause(queue, true));
  }

  @Override
  public void resume(String queue) {
    Limits.name("queue", queue);
    log.run(data -> data.pause(queue, false));
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    Limits.delay("olderThan", olderThan);
    return purge(queue, limit, job -> olderThan);
  }

  @Override
  public int purge(String queue, int limit) {
    return purge(queue, limit, StoredJob::keep);
  }

  private int purge(String queue, int limit, Function<StoredJob, Duration> age) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return log.run(
        data -> {
          Predicate<StoredJob> isOld = job -> job.isFinishedSince(age.apply(job), data.now);
          List<StoredJob> old = data.present(queue).filter(isOld).limit(limit).toList();
          old.forEach(job -> data.put(job.remove()));
          return old.size();
        });
  }

  private <T> T onJob(
      String queue, String id, BiFunction<Data, StoredJob, T> operation, T notFound) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return log.run(
        data -> data.job(queue, id).map(job -> operation.apply(data, job)).orElse(notFound));
  }
}
