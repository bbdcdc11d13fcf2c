package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.session;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Reset;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stores that are wrong in one of the ways in which a job finishes. The mutants of the statements
 * of this project's stores showed them; see examples/mutants.
 */
final class BrokenFinishes {

  private static final Duration NO_TIME = Duration.ofSeconds(3);

  static final List<BrokenStore> ALL =
      List.of(
          job(
              "Q87",
              "a deadline that passes removes the steps",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    void missDeadline(Instant now) {
                      super.missDeadline(now);
                      checkpoints.clear();
                    }
                  }),
          job(
              "Q46",
              "a purge by age counts from the enqueue where a job was never claimed",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    boolean isFinishedSince(Duration age, Instant now) {
                      return finish != null
                          && !now.isBefore((token == 0 ? createdAt : finish.at()).plus(age));
                    }
                  }),
          queue(
              "Q13",
              "jobs of the priorities 1 and 2 are never looked at",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return super.upForClaim(data, now, queue).stream()
                          .filter(job -> job.input.priority() == 0 || job.input.priority() > 2)
                          .toList();
                    }
                  }),
          queue(
                  "Q18",
                  "a claim that finishes exhausted jobs finishes those of all queues",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          Claim claim = super.claim(data, now, request);
                          if (!claim.finished().isEmpty()) {
                            data.inOrder(null).stream()
                                .filter(job -> job.finishesWhenMet(now))
                                .forEach(job -> job.loseHold(now));
                          }
                          return claim;
                        }
                      })
              .alsoFails("Q20", "Q48", "Q81"),
          queue(
              "Q28",
              "a claim that finishes exhausted jobs takes all expired ones from their holders",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      Claim claim = super.claim(data, now, request);
                      if (!claim.finished().isEmpty()) {
                        data.jobs(request.queue()).stream()
                            .filter(job -> job.isExpired(now) && !job.finishesWhenMet(now))
                            .forEach(job -> job.loseHold(now));
                      }
                      return claim;
                    }
                  }),
          queue(
              "Q23",
              "the holder of a job that expired in its last attempt can still change it",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
                      return data.job(lease.queue(), lease.jobId())
                          .filter(
                              job ->
                                  job.isHeldBy(lease)
                                      || (job.token() == lease.token()
                                          && job.state() == JobState.FAILED
                                          && "lease expired".equals(job.error)));
                    }
                  }),
          job(
              "Q25",
              "the progress goes when a job is done",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(@Nullable String result, Instant now) {
                      super.done(result, now);
                      progress = null;
                    }
                  }),
          job(
              "Q38",
              "a cancellation that was requested stays requested when the job is done",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(@Nullable String result, Instant now) {
                      boolean requested = cancelRequested;
                      super.done(result, now);
                      cancelRequested = requested;
                    }
                  }),
          job(
              "Q46",
              "the keep of a job is over when a claim or a reset finishes it",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void loseHold(Instant now) {
                      super.loseHold(now);
                      if (finish != null) {
                        finish = new Finish(finish.state(), finish.at(), NO_TIME);
                      }
                    }
                  }),
          session(
              "Q46",
              "a finished job goes by itself, a unit before its keep is over",
              data ->
                  new InMemorySession(data) {
                    @Override
                    <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
                      return super.run(
                          (all, now) -> {
                            all.queueNames().stream()
                                .flatMap(queue -> all.jobs(queue).stream())
                                .filter(job -> job.isKeptNoLonger(now.plusNanos(1_000)))
                                .toList()
                                .forEach(all::remove);
                            return operation.apply(all, now);
                          });
                    }
                  }),
          admin(
              "Q46",
              "a purge by retention that removes as many as it may answers that none are left",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, int limit) {
                      return super.purge(queue, limit) % limit;
                    }
                  }),
          admin(
              "Q46",
              "a purge by retention has no limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, int limit) {
                      int all = 0;
                      int some = super.purge(queue, limit);
                      while (some > 0) {
                        all += some;
                        some = super.purge(queue, limit);
                      }
                      return all;
                    }
                  }),
          job(
              "Q46",
              "a job that is released in its last attempt is kept no longer than a finished one",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private @Nullable Instant releasedLast;

                    @Override
                    void release(Duration delay, Instant now) {
                      releasedLast = hasCrashedTooOften() ? now : null;
                      super.release(delay, now);
                    }

                    @Override
                    boolean isKeptNoLonger(Instant now) {
                      Duration keep = input.keep();
                      return super.isKeptNoLonger(now)
                          || (releasedLast != null
                              && keep != null
                              && !now.isBefore(releasedLast.plus(keep)));
                    }
                  }),
          queue(
              "Q57",
              "a failed attempt is also noted of the held job with that id in another queue",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      if (settlement instanceof Settlement.Retry) {
                        data.inOrder(null).stream()
                            .filter(job -> job.id().equals(settlement.lease().jobId()))
                            .filter(job -> !job.queue().equals(settlement.lease().queue()))
                            .filter(job -> job.hold != null)
                            .forEach(job -> job.attemptFailed("of another", now));
                      }
                      return super.settle(data, now, settlement);
                    }
                  }),
          queue(
              "Q57",
              "when a job has ten failed attempts, older ones of any job make room for the next",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      JobLease lease = settlement.lease();
                      data.job(lease.queue(), lease.jobId())
                          .filter(job -> job.failedAttempts.size() == Limits.MAX_FAILED_ATTEMPTS)
                          .ifPresent(
                              full ->
                                  data.inOrder(null).stream()
                                      .filter(job -> job.token() < full.token())
                                      .forEach(job -> job.failedAttempts.clear()));
                      return super.settle(data, now, settlement);
                    }
                  }),
          queue(
              "Q11",
              "the payload of a job that a claim finishes counts towards its maxBytes",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      int bytes =
                          upForClaim(data, now, request.queue()).stream()
                              .filter(job -> job.finishesWhenMet(now))
                              .mapToInt(InMemoryJob::payloadBytes)
                              .sum();
                      return super.claim(
                          data,
                          now,
                          bytes == 0 || request.limit() == 0
                              ? request
                              : request.withMaxBytes(Math.max(1, request.maxBytes() - bytes)));
                    }
                  }),
          queue(
              "Q11",
              "an expired job that a claim gives takes nothing of its maxBytes",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      int bytes =
                          upForClaim(data, now, request.queue()).stream()
                              .filter(job -> job.isExpired(now) && !job.finishesWhenMet(now))
                              .mapToInt(InMemoryJob::payloadBytes)
                              .sum();
                      int most = Math.min(Limits.MAX_CLAIM_BYTES, request.maxBytes() + bytes);
                      return super.claim(data, now, request.withMaxBytes(most));
                    }
                  }),
          job(
              "Q81",
              "a job that ends at its deadline is FAILED for attempts that failed, as for crashes",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void loseHold(Instant now) {
                      boolean counted = isOverdue(now) && attempts + failures >= input.maxCrashes();
                      super.loseHold(now);
                      if (counted && finish != null && Limits.DEADLINE_PASSED.equals(error)) {
                        error = Limits.LEASE_EXPIRED;
                        finish = new Finish(JobState.FAILED, finish.at(), finish.keep());
                      }
                    }
                  }),
          job(
              "Q32",
              "a retry without a delay leaves the due time",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void retry(Duration delay, String error, Instant now) {
                      Instant due = dueAt;
                      super.retry(delay, error, now);
                      if (delay.isZero()) {
                        dueAt = due;
                      }
                    }
                  }),
          admin(
              "Q45",
              "any job with a dedup key is a conflict for a requeue of another",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      boolean isAny =
                          job.dedupKey() != null
                              && data.jobs(job.queue()).stream()
                                  .anyMatch(it -> it.finish == null && it.dedupKey() != null);
                      return isAny ? Requeue.CONFLICT : super.requeue(data, now, due, job);
                    }
                  }),
          job(
              "Q45",
              "a requeue keeps the failures",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void requeue(Instant now) {
                      int before = failures;
                      super.requeue(now);
                      failures = before;
                    }
                  }),
          job(
                  "Q45",
                  "a requeued job is due as before",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void requeue(Instant now) {
                          Instant due = dueAt;
                          super.requeue(now);
                          dueAt = due;
                        }
                      })
              .alsoFails("Q91"),
          admin(
              "Q51",
              "a cancel finishes the waiting jobs with that id in all queues",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Cancellation cancel(InMemoryData data, Instant now, InMemoryJob job) {
                      data.inOrder(null).stream()
                          .filter(other -> other != job && other.id().equals(job.id()))
                          .filter(other -> other.finish == null && other.hold == null)
                          .forEach(other -> other.cancel(now));
                      return super.cancel(data, now, job);
                    }
                  }),
          job(
              "Q56",
              "a due time that is changed to a delay is the time of the change",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void change(JobChange change, Instant now) {
                      super.change(change, now);
                      if (change.due() instanceof Due.After) {
                        dueAt = now;
                      }
                    }
                  }),
          store(
                  "Q43",
                  "a reset does not count the expired jobs that a claim has left before",
                  new ResetsMoreAfterAClaim())
              .alsoFails("Q40"),
          store(
              "Q02",
              "a purge by age forgets the ids of jobs that were not kept",
              new ForgetsWithAPurge()),
          queue(
              "Q02",
              "an id between two that are remembered is taken",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      List<String> remembered =
                          data.jobs(job.queue()).stream()
                              .filter(other -> isForgotten(other))
                              .map(InMemoryJob::id)
                              .toList();
                      boolean isBetween =
                          remembered.stream().anyMatch(id -> id.compareTo(job.id()) < 0)
                              && remembered.stream().anyMatch(id -> id.compareTo(job.id()) > 0);
                      return isBetween
                          ? Enqueued.of(job.id(), false)
                          : super.enqueue(data, now, job);
                    }
                  }),
          admin(
              "Q02",
              "a delete forgets all ids that are remembered together with that one",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    boolean delete(InMemoryData data, String queue, String id) {
                      if (data.job(queue, id).filter(job -> isForgotten(job)).isPresent()) {
                        data.jobs(queue).stream()
                            .filter(other -> isForgotten(other))
                            .toList()
                            .forEach(data::remove);
                      }
                      return super.delete(data, queue, id);
                    }
                  }));

  private BrokenFinishes() {}

  /** Whether a store may remember nothing but the id of a job. */
  private static boolean isForgotten(InMemoryJob job) {
    return job.finish != null
        && job.finish.state() == JobState.DONE
        && Duration.ZERO.equals(job.input.keep());
  }

  /** Keeps the expired jobs that a claim has left apart, and resets all of these at once. */
  private static final class ResetsMoreAfterAClaim extends Parts {

    private final Set<JobLease> left = new HashSet<>();

    @Override
    JobQueue jobQueue(InMemorySession session) {
      return new InMemoryJobQueue(session) {
        @Override
        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
          Claim claim = super.claim(data, now, request);
          data.jobs(request.queue()).stream()
              .filter(job -> job.isExpired(now))
              .forEach(job -> left.add(job.hold));
          return claim;
        }
      };
    }

    @Override
    JobAdmin jobAdmin(InMemorySession session) {
      return new InMemoryJobAdmin(session) {
        @Override
        Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
          Reset reset = super.resetExpired(data, now, queue, limit);
          List<InMemoryJob> more =
              some(data, queue, limit, job -> job.isExpired(now) && left.contains(job.hold));
          more.forEach(job -> job.loseHold(now));
          return Reset.of(reset.count() + more.size(), reset.finished());
        }
      };
    }
  }

  /** Removes jobs that are not to be kept at once, and remembers their ids. */
  private static final class ForgetsWithAPurge extends Parts {

    private final Set<String> remembered = new HashSet<>();

    @Override
    JobQueue jobQueue(InMemorySession session) {
      return new InMemoryJobQueue(session) {
        @Override
        Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
          return remembered.contains(job.queue() + " " + job.id())
              ? Enqueued.of(job.id(), false)
              : super.enqueue(data, now, job);
        }

        @Override
        Settlement.Result settle(InMemoryData data, Instant now, Settlement settlement) {
          Optional<InMemoryJob> held = held(data, settlement.lease());
          Settlement.Result result = super.settle(data, now, settlement);
          held.filter(job -> job.state() == JobState.DONE)
              .filter(job -> Duration.ZERO.equals(job.input.keep()))
              .ifPresent(
                  job -> {
                    remembered.add(job.queue() + " " + job.id());
                    data.remove(job);
                  });
          return result;
        }
      };
    }

    @Override
    JobAdmin jobAdmin(InMemorySession session) {
      return new InMemoryJobAdmin(session) {
        @Override
        public int purge(String queue, Duration olderThan, int limit) {
          remembered.removeIf(each -> each.startsWith(queue + " "));
          return super.purge(queue, olderThan, limit);
        }

        @Override
        boolean delete(InMemoryData data, String queue, String id) {
          boolean isRemembered = remembered.remove(queue + " " + id);
          return super.delete(data, queue, id) || isRemembered;
        }
      };
    }
  }
}
