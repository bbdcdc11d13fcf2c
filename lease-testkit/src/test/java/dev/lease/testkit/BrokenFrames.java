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
    OTHER_PAYLOAD,
    OTHER_PRIORITY,
    OTHER_KEEP,
    NO_HEADERS,
    NO_DEDUP_KEY,
    ONE_ATTEMPT_MORE,
    LATER,
    FEWER_ATTEMPTS,
    LATER_EXPIRY,
    OTHER_OWNER,
    NOT_HELD,
    TO_BE_CANCELLED,
    NOT_TO_BE_CANCELLED,
    OTHER_PROGRESS,
    NO_PROGRESS,
    OTHER_RESULT,
    NO_RESULT,
    OTHER_ERROR,
    NO_ERROR,
    NO_CHECKPOINTS,
    NO_FAILED_ATTEMPTS,
    FINISHED_BEFORE;

    void to(InMemoryJob job) {
      switch (this) {
        case OTHER_PAYLOAD -> job.input = job.input.toBuilder().payload("damaged").build();
        case OTHER_PRIORITY -> job.input = job.input.toBuilder().priority(1).build();
        case OTHER_KEEP -> job.input = job.input.toBuilder().keep(Duration.ofDays(77)).build();
        case NO_HEADERS -> job.input = Headers.only(Map.of(), job.input);
        case NO_DEDUP_KEY -> job.input = job.input.toBuilder().dedupKey(null).build();
        case ONE_ATTEMPT_MORE ->
            job.input = job.input.toBuilder().maxCrashes(job.input.maxCrashes() + 1).build();
        case LATER -> job.dueAt = job.dueAt.plus(Duration.ofHours(1));
        case FEWER_ATTEMPTS -> job.attempts = Math.max(0, job.attempts - 1);
        case LATER_EXPIRY -> job.hold = moved(job.hold, "");
        case OTHER_OWNER -> job.hold = moved(job.hold, "x");
        case NOT_HELD -> job.hold = null;
        case TO_BE_CANCELLED -> job.cancelRequested = job.finish == null;
        case NOT_TO_BE_CANCELLED -> job.cancelRequested = false;
        case OTHER_PROGRESS -> job.progress = Progress.of(99, "damaged");
        case NO_PROGRESS -> job.progress = null;
        case OTHER_RESULT -> job.result = "damaged";
        case NO_RESULT -> job.result = null;
        case OTHER_ERROR -> job.error = "damaged";
        case NO_ERROR -> job.error = null;
        case NO_CHECKPOINTS -> job.checkpoints.clear();
        case NO_FAILED_ATTEMPTS -> job.failedAttempts.clear();
        case FINISHED_BEFORE -> {
          InMemoryJob.Finish finish = job.finish;
          if (finish != null) {
            job.finish =
                new InMemoryJob.Finish(
                    finish.state(), finish.at().minus(Duration.ofHours(1)), finish.keep());
          }
        }
      }
    }

    private static @Nullable JobLease moved(@Nullable JobLease hold, String suffix) {
      return hold == null
          ? null
          : JobLease.of(
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
        damage.to(this);
        if (!before.equals(shown())) {
          done.set(true);
        }
      }
    }

    private List<Object> shown() {
      return List.of(input, asOf(createdAt), Map.copyOf(checkpoints), List.copyOf(failedAttempts));
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
