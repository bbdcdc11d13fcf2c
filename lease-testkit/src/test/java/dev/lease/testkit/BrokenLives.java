package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Reset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is left of a job that finished, once it lives again or is gone, and what ends it. */
final class BrokenLives {

  static final List<BrokenStore> ALL =
      List.of(
          job(
              "Q45",
              "the mark of a cancellation stays when the job finishes, and comes back after a"
                  + " requeue",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    boolean mark;

                    @Override
                    void requestCancel() {
                      super.requestCancel();
                      mark = true;
                    }

                    @Override
                    ClaimedJob claim(String w, long t, Duration d, Instant now) {
                      cancelRequested = mark;
                      return super.claim(w, t, d, now);
                    }
                  }),
          job(
              "Q45",
              "a requeued job keeps the keep of its first finish",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    void finish(JobState state, Duration defaultKeep, Instant now) {
                      super.finish(state, defaultKeep, now);
                      this.input =
                          this.input.toBuilder()
                              .keep(Objects.requireNonNull(finish).keep())
                              .build();
                    }
                  }),
          job(
              "Q45",
              "a job that was requeued has finished when it finished first",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Nullable Instant first;

                    @Override
                    void finish(JobState state, Duration defaultKeep, Instant now) {
                      first = first == null ? now : first;
                      super.finish(state, defaultKeep, first);
                    }
                  }),
          admin(
              "Q45",
              "a requeue leaves a deadline that has not passed",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Instant deadline = job.notAfter;
                      Requeue answer = super.requeue(data, now, due, job);
                      if (answer == Requeue.REQUEUED && deadline != null && deadline.isAfter(now)) {
                        job.notAfter = deadline;
                      }
                      return answer;
                    }
                  }),
          admin(
              "Q45",
              "a requeue does not see a key that stays taken for a job that was purged",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      if (answer == Requeue.CONFLICT && isForOneThatIsGone(data, now, job)) {
                        job.requeue(due);
                        return Requeue.REQUEUED;
                      }
                      return answer;
                    }
                  }),
          job(
              "Q57",
              "of too many failed attempts the one with the lowest number goes, not the oldest",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    void attemptFailed(String error, Instant now) {
                      List<FailedAttempt> all = new ArrayList<>(failedAttempts);
                      super.attemptFailed(error, now);
                      all.add(failedAttempts.getLast());
                      if (all.size() > Limits.MAX_FAILED_ATTEMPTS) {
                        all.remove(
                            Collections.min(all, Comparator.comparingInt(FailedAttempt::attempt)));
                      }
                      failedAttempts.clear();
                      failedAttempts.addAll(all);
                    }
                  }),
          job(
              "Q57",
              "a retry that ends in a cancellation is no failed attempt",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    void retry(Duration delay, String error, Instant now) {
                      if (cancelRequested) {
                        failures++;
                        this.error = error;
                        cancel(now);
                      } else {
                        super.retry(delay, error, now);
                      }
                    }
                  }),
          admin(
              "Q81",
              "a reset looks at the deadline before the last crash",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                      List<InMemoryJob> expired =
                          some(data, queue, limit, job -> job.isExpired(now));
                      expired.forEach(
                          job -> {
                            if (job.isOverdue(now) && !job.cancelRequested) {
                              job.attemptFailed(Limits.LEASE_EXPIRED, now);
                              job.missDeadline(now);
                            } else {
                              job.loseHold(now);
                            }
                          });
                      data.wake(queue);
                      return Reset.of(
                          expired.size(),
                          expired.stream()
                              .filter(job -> job.state().isFinished())
                              .map(InMemoryJob::finished)
                              .toList());
                    }
                  }),
          admin(
              "Q21",
              "a purge that removes the last job of a queue ends its pause",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purge(
                        InMemoryData data, String queue, int limit, Predicate<InMemoryJob> isOld) {
                      int purged = super.purge(data, queue, limit, isOld);
                      if (purged > 0 && data.jobs(queue).isEmpty()) {
                        data.pausedQueues.remove(queue);
                      }
                      return purged;
                    }
                  }),
          admin(
              "Q82",
              "a delete by a filter leaves the key of a job taken",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      return session.run(
                          (data, now) -> {
                            JobPage page = list(JobQuery.of(filter).after(after).limit(limit));
                            page.jobs()
                                .forEach(
                                    job -> data.job(job.queue(), job.id()).ifPresent(data::remove));
                            return JobPiece.of(page.jobs().size(), page.next());
                          });
                    }
                  }),
          store(
              "Q36",
              "a delete by a filter forgets the tokens",
              new Parts() {
                @Override
                InMemoryData data(InstantSource clock) {
                  return new Forgetful(clock);
                }

                @Override
                JobAdmin jobAdmin(InMemorySession session) {
                  return new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      return session.run(
                          (data, now) -> {
                            ((Forgetful) data).isForgetful = true;
                            try {
                              return super.delete(filter, after, limit);
                            } finally {
                              ((Forgetful) data).isForgetful = false;
                            }
                          });
                    }
                  };
                }
              }));

  private BrokenLives() {}

  /** Whether the dedup key of a job stays taken for a job that a purge has removed. */
  private static boolean isForOneThatIsGone(InMemoryData data, Instant now, InMemoryJob job) {
    String key = Objects.requireNonNull(job.dedupKey());
    return data.holderOf(job.queue(), key).isEmpty()
        && data.keeperOf(job.queue(), key, now)
            .filter(id -> data.job(job.queue(), id).isEmpty())
            .isPresent();
  }

  private static final class Forgetful extends InMemoryData {
    boolean isForgetful;

    Forgetful(InstantSource clock) {
      super(clock);
    }

    @Override
    void remembered(long removedToken) {
      if (!isForgetful) {
        super.remembered(removedToken);
      }
    }
  }
}
