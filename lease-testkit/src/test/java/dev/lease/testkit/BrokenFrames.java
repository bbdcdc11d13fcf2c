package dev.lease.testkit;

import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores in which one change of a job also changes a part of it that it should leave alone: each
 * change with each damage, so that no author has to think of them.
 */
final class BrokenFrames {

  /** What happens to a job. */
  enum Change {
    CLAIM,
    EXTEND,
    PROGRESS,
    CHECKPOINT,
    DONE,
    FAIL,
    RETRY,
    RELEASE,
    EXPIRE,
    CHANGE,
    CANCEL,
    CANCEL_REQUEST,
    REQUEUE
  }

  /** A part of a job, and how it is damaged: it gets another value, or is lost. */
  enum Damage {
    OTHER_PAYLOAD(job -> job.input = job.input.toBuilder().payload("damaged").build()),
    OTHER_PRIORITY(job -> job.input = job.input.toBuilder().priority(1).build()),
    OTHER_KEEP(job -> job.input = job.input.toBuilder().keep(Duration.ofDays(77)).build()),
    NO_HEADERS(job -> job.input = job.input.toBuilder().headers(Map.of()).build()),
    NO_DEDUP_KEY(job -> job.input = job.input.toBuilder().dedupKey(null).build()),
    ONE_ATTEMPT_MORE(
        job -> job.input = job.input.toBuilder().maxAttempts(job.input.maxAttempts() + 1).build()),
    LATER(job -> job.dueAt = job.dueAt.plus(Duration.ofHours(1))),
    FEWER_ATTEMPTS(job -> job.attempts = Math.max(0, job.attempts - 1)),
    LATER_EXPIRY(job -> job.hold = moved(job.hold, "")),
    OTHER_OWNER(job -> job.hold = moved(job.hold, "x")),
    NOT_HELD(job -> job.hold = null),
    TO_BE_CANCELLED(job -> job.cancelRequested = job.finish == null),
    NOT_TO_BE_CANCELLED(job -> job.cancelRequested = false),
    OTHER_PROGRESS(job -> job.progress = new Progress(99, "damaged")),
    NO_PROGRESS(job -> job.progress = null),
    OTHER_RESULT(job -> job.result = "damaged"),
    NO_RESULT(job -> job.result = null),
    OTHER_ERROR(job -> job.error = "damaged"),
    NO_ERROR(job -> job.error = null),
    NO_CHECKPOINTS(job -> job.checkpoints.clear()),
    NO_FAILED_ATTEMPTS(job -> job.failures.clear()),
    FINISHED_BEFORE(
        job -> {
          InMemoryJob.Finish finish = job.finish;
          if (finish != null) {
            job.finish =
                new InMemoryJob.Finish(
                    finish.state(), finish.at().minus(Duration.ofHours(1)), finish.keep());
          }
        });

    private final Consumer<InMemoryJob> damage;

    Damage(Consumer<InMemoryJob> damage) {
      this.damage = damage;
    }

    private static @Nullable JobLease moved(@Nullable JobLease hold, String suffix) {
      return hold == null
          ? null
          : new JobLease(
              hold.queue(),
              hold.jobId(),
              hold.owner() + suffix,
              hold.token(),
              suffix.isEmpty() ? hold.expiresAt().plus(Duration.ofHours(1)) : hold.expiresAt());
    }
  }

  private BrokenFrames() {}

  /**
   * Makes a store.
   *
   * @param done is set once a job was damaged: there was something to lose or to make different
   */
  static Parts store(Change change, Damage damage, AtomicBoolean done) {
    return new Parts() {
      @Override
      InMemoryData data(InstantSource clock) {
        return new InMemoryData(clock) {
          @Override
          InMemoryJob newJob(NewJob input, Instant now) {
            return new DamagedJob(
                change, damage, done, input, super.newJob(input, now).place(), now);
          }
        };
      }
    };
  }

  private static final class DamagedJob extends InMemoryJob {
    private final Change change;
    private final Damage damage;
    private final AtomicBoolean done;

    DamagedJob(
        Change change, Damage damage, AtomicBoolean done, NewJob input, long place, Instant now) {
      super(input, place, now);
      this.change = change;
      this.damage = damage;
      this.done = done;
    }

    private void damage(Change made) {
      if (change == made) {
        List<Object> before = shown();
        damage.damage.accept(this);
        if (!before.equals(shown())) {
          done.set(true);
        }
      }
    }

    private List<Object> shown() {
      return List.of(input, asOf(createdAt), Map.copyOf(checkpoints), List.copyOf(failures));
    }

    @Override
    ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
      ClaimedJob claimed = super.claim(worker, newToken, duration, now);
      damage(Change.CLAIM);
      return claimed;
    }

    @Override
    Extension extend(Duration duration, Instant now) {
      Extension extension = super.extend(duration, now);
      damage(Change.EXTEND);
      return extension;
    }

    @Override
    void progress(Progress progress) {
      super.progress(progress);
      damage(Change.PROGRESS);
    }

    @Override
    String checkpoint(String step, String value) {
      String kept = super.checkpoint(step, value);
      damage(Change.CHECKPOINT);
      return kept;
    }

    @Override
    void done(@Nullable String result, Instant now) {
      super.done(result, now);
      damage(Change.DONE);
    }

    @Override
    void fail(String error, Instant now) {
      super.fail(error, now);
      damage(Change.FAIL);
    }

    @Override
    void retry(Duration delay, String error, Instant now) {
      super.retry(delay, error, now);
      damage(Change.RETRY);
    }

    @Override
    void release(Duration delay, Instant now) {
      super.release(delay, now);
      damage(Change.RELEASE);
    }

    @Override
    void loseHold(Instant now) {
      super.loseHold(now);
      damage(Change.EXPIRE);
    }

    @Override
    void change(JobChange changed, Instant now) {
      super.change(changed, now);
      damage(Change.CHANGE);
    }

    @Override
    void cancel(Instant now) {
      super.cancel(now);
      damage(Change.CANCEL);
    }

    @Override
    void requestCancel() {
      super.requestCancel();
      damage(Change.CANCEL_REQUEST);
    }

    @Override
    void requeue(Instant now) {
      super.requeue(now);
      damage(Change.REQUEUE);
    }
  }
}
