package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.Outcome.OutcomeException;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the job that keeps a schedule: enqueues what is due, notes it, and puts the job off until
 * the next firing. The three are not one transaction. Whoever repeats them, after a crash or as a
 * holder that has lost its lease, enqueues jobs with the same ids, which are there already [Q02].
 */
final class ScheduleHandler implements JobHandler<String> {

  private static final Logger log = LoggerFactory.getLogger(ScheduleHandler.class);

  private static final Duration SHORTEST = Duration.ofMillis(1);

  /** So that rules of time zones that have changed are soon heeded. */
  private static final Duration LONGEST = Duration.ofDays(1);

  /** Far below the grace of a firing: a worker that can read the schedule is then still in time. */
  private static final Duration UNREADABLE = Duration.ofSeconds(5);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final int BATCH_CHARS = 1 << 20;

  /** The definition is not the user's payload, so the user's codec is left out. */
  private static final PayloadCodec AS_TEXT =
      new PayloadCodec() {
        @Override
        public String write(@Nullable Object value, Type type, CodecContext context) {
          return String.valueOf(value);
        }

        @Override
        public Object read(String text, Type type, CodecContext context) {
          return text;
        }
      };

  private final JobQueue jobs;
  private final PayloadCodec codec;
  private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

  /**
   * @param codec the codec of the payloads that schedules keep
   */
  ScheduleHandler(JobQueue jobs, PayloadCodec codec) {
    this.jobs = jobs;
    this.codec = codec;
  }

  HandlerRegistration<String> of(String queue) {
    return new HandlerRegistration<>(
        JobType.of(queue, ScheduleDefinition.JOB_TYPE, PayloadFormat.of(String.class)),
        this,
        HandlerOptions.of(RetryPolicy.fixed(AFTER_FAILURE)),
        AS_TEXT);
  }

  @Override
  public void handle(String text, JobContext context) {
    try {
      fireAndPutOff(text, context);
    } catch (LeaseLostException e) {
      log.info(
          "Schedule {} of queue {} was deleted, or another worker has it: {}; this worker leaves it"
              + " alone",
          Limits.oneLine(name(context)),
          Limits.oneLine(context.queue()),
          Limits.oneLine(String.valueOf(e.getMessage())));
      // No attempt of the schedule has failed.
      throw Outcome.snooze(SHORTEST).because("its lease is lost", e);
    }
  }

  private void fireAndPutOff(String text, JobContext context) {
    // The store knows best whether this is still the holder, and what time it is.
    Job job =
        jobs.find(context.queue(), context.jobId())
            .filter(found -> found.token() == context.token())
            .orElseThrow(() -> new LeaseLostException("schedule " + name(context) + " is lost"));
    ScheduleDefinition definition;
    LastFiring last;
    try {
      definition = ScheduleDefinition.read(text);
      last = LastFiring.read(job.progress());
    } catch (RuntimeException e) {
      throw unreadable(context, e);
    }
    Timing timing = definition.timing();
    Instant done = null;
    if (last != null) {
      done = timing.afterLast() ? finished(context, timing, last, job.asOf()) : last.planned();
    }
    Instant next = definition.next(job.createdAt(), done);
    if (!next.isAfter(job.asOf())) {
      Instant dealtWith = fire(context, definition, next, job.asOf());
      // After a delay, it depends on when this firing has finished: look again soon.
      next =
          timing.afterLast()
              ? job.asOf().plus(timing.untilLook(Duration.ZERO))
              : timing.next(dealtWith);
    }
    throw putOff(job.asOf(), next);
  }

  private Instant fire(
      JobContext context, ScheduleDefinition definition, Instant first, Instant now) {
    int most = Math.max(1, BATCH_CHARS / Math.max(1, definition.payload().length()));
    DueFirings due =
        DueFirings.of(
            definition.timing(), definition.missed(), first, now, Math.min(most, Limits.MAX_BATCH));
    if (DueFirings.isLate(first, now)) {
      log.info(
          "Schedule {} of queue {} missed its firings from {} to {}; {} of them are made up for",
          Limits.oneLine(name(context)),
          Limits.oneLine(context.queue()),
          first,
          due.last(),
          due.firings().size());
    }
    if (!due.firings().isEmpty()) {
      context.checkActive();
      jobs.enqueue(jobs(context, definition, due));
    }
    note(context, new LastFiring(due.last(), null));
    return due.last();
  }

  private List<NewJob> jobs(JobContext context, ScheduleDefinition definition, DueFirings due) {
    try {
      return due.firings().stream()
          .map(planned -> definition.firing(context.queue(), name(context), planned, codec))
          .toList();
    } catch (RuntimeException e) {
      throw unreadable(context, e);
    }
  }

  /** When the last firing finished. If it has not, puts the schedule off. */
  private Instant finished(JobContext context, Timing timing, LastFiring last, Instant now) {
    if (last.gone() != null) {
      return last.gone();
    }
    Optional<Job> fired =
        jobs.find(
            context.queue(), ScheduleDefinition.firingId(name(context), last.planned().toString()));
    if (fired.isPresent()) {
      Instant finishedAt = fired.get().finishedAt();
      if (finishedAt == null) {
        Duration age = Duration.between(fired.get().createdAt(), now);
        throw putOff(now, now.plus(timing.untilLook(age)));
      }
      return finishedAt;
    }
    note(context, new LastFiring(last.planned(), now));
    return now;
  }

  private void note(JobContext context, LastFiring last) {
    if (!jobs.progress(context.lease(), last.progress())) {
      throw new LeaseLostException("schedule " + name(context) + " is lost");
    }
  }

  private OutcomeException unreadable(JobContext context, RuntimeException failure) {
    if (unreadable.add(context.queue() + '\n' + context.jobId())) {
      log.error(
          "Schedule {} of queue {} cannot be read by this worker: {}; it does not fire here, and"
              + " waits for a worker that can read it (logged once)",
          Limits.oneLine(name(context)),
          Limits.oneLine(context.queue()),
          ErrorText.line(failure));
    }
    return Outcome.snooze(UNREADABLE).because("the schedule cannot be read", failure);
  }

  private static OutcomeException putOff(Instant now, Instant next) {
    Duration wait = next.isAfter(now.plus(LONGEST)) ? LONGEST : Duration.between(now, next);
    return Outcome.snooze(wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait)
        .because("the next firing is at " + next);
  }

  private static String name(JobContext context) {
    return ScheduleDefinition.name(context.jobId());
  }
}
