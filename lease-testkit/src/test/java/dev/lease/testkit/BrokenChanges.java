package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin.Change;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Wrong answers to claims and operators, wrong sizes of claims, and wrong memory of ids and
 * attempts.
 */
final class BrokenChanges {

  static final List<BrokenStore> ALL =
      List.of(
          leases(
              "L24",
              "a call on an interrupted thread fails at once, though it need not wait",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public boolean release(Lease lease) {
                      if (Thread.currentThread().isInterrupted()) {
                        throw StoreException.notDone("interrupted", null);
                      }
                      return super.release(lease);
                    }
                  }),
          job(
              "Q02",
              "a job with a keep of zero is gone with the next purge",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void finish(JobState state, Duration defaultKeep, Instant now) {
                      super.finish(state, defaultKeep, now);
                      if (Duration.ZERO.equals(input.keep())) {
                        finish = new Finish(state, now, Duration.ZERO);
                      }
                    }
                  }),
          job(
              "Q46",
              "a keep of zero is taken for none, so a job is kept as long as by default",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void finish(JobState state, Duration defaultKeep, Instant now) {
                      super.finish(state, defaultKeep, now);
                      if (Duration.ZERO.equals(input.keep())) {
                        finish = new Finish(state, now, defaultKeep);
                      }
                    }
                  }),
          queue(
              "Q02",
              "once it is done, a job with a keep of zero is listed, but find does not find it",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<Job> find(InMemoryData data, Instant now, String queue, String id) {
                      return super.find(data, now, queue, id)
                          .filter(job -> job.state() != JobState.DONE || isKept(data, queue, id));
                    }

                    private boolean isKept(InMemoryData data, String queue, String id) {
                      return data.job(queue, id)
                          .filter(job -> !Duration.ZERO.equals(job.input.keep()))
                          .isPresent();
                    }
                  }),
          queue(
              "Q02",
              "only the last thousand finished jobs are remembered",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      Settlement.Result result = super.settle(data, now, settlement);
                      List<InMemoryJob> finished =
                          data.jobs(settlement.lease().queue()).stream()
                              .filter(it -> it.finish != null)
                              .toList();
                      if (finished.size() > 1_000) {
                        finished.stream()
                            .min(Comparator.comparingLong(InMemoryJob::place))
                            .ifPresent(data::remove);
                      }
                      return result;
                    }
                  }),
          bytes("maxBytes counts the characters", job -> job.input.payload().length()),
          bytes("maxBytes is ignored", job -> 0),
          claims(
                  "Q11",
                  "a claim that stops at maxBytes does not report that there is more",
                  claim -> Claim.of(claim.jobs(), claim.finished(), false))
              .alsoFails("Q20"),
          claims(
              "Q11",
              "a claim that gave jobs always reports that there is more",
              claim ->
                  Claim.of(
                      claim.jobs(), claim.finished(), claim.more() || !claim.jobs().isEmpty())),
          claims(
                  "Q11",
                  "a claim that is short says for ever that it has searched only a part",
                  claim -> claim.jobs().isEmpty() ? claim.asPartial() : claim)
              .alsoFails("Q20"),
          claims(
                  "Q11",
                  "a claim that gives eight jobs says that it has searched only a part",
                  claim -> claim.jobs().size() == 8 ? claim.asPartial() : claim)
              .alsoFails("Q85"),
          queue(
                  "Q11",
                  "a search in parts forgets how far it came, and begins again",
                  session ->
                      new SearchesInParts(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          Claim claim = super.claim(data, now, request);
                          if (claim.partial()) {
                            forget(request.queue());
                          }
                          return claim;
                        }
                      })
              .alsoFails(
                  "Q12", "Q13", "Q20", "Q22", "Q23", "Q27", "Q28", "Q30", "Q38", "Q39", "Q40",
                  "Q46", "Q51", "Q76", "Q86"),
          queue(
              "Q11",
              "a job that is larger than maxBytes is never given",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                      boolean isTooLarge =
                          upForClaim(data, now, request.queue()).stream()
                              .limit(1)
                              .anyMatch(it -> it.payloadBytes() > request.maxBytes());
                      return isTooLarge
                          ? Claim.of(List.of(), List.of(), true)
                          : super.claim(data, now, request);
                    }
                  }),
          claims(
                  "Q20",
                  "a claim does not name the jobs that it finishes",
                  claim -> Claim.of(claim.jobs(), List.of(), claim.more()))
              .alsoFails("Q81"),
          claims(
                  "Q20",
                  "a claim names the jobs that it finishes without their error",
                  claim ->
                      Claim.of(
                          claim.jobs(),
                          claim.finished().stream().map(BrokenChanges::withoutError).toList(),
                          claim.more()))
              .alsoFails("Q81"),
          resets("a reset does not name the jobs that it finishes", ended -> List.of())
              .alsoFails("Q40"),
          resets(
                  "a reset names only one of the jobs that it finishes",
                  ended -> ended.subList(0, Math.min(1, ended.size())))
              .alsoFails("Q40"),
          admin(
              "Q20",
              "a reset also names the jobs that wait again",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                      List<InMemoryJob> expired =
                          some(data, queue, limit, job -> job.isExpired(now));
                      Reset reset = super.resetExpired(data, now, queue, limit);
                      return Reset.of(
                          reset.count(), expired.stream().map(InMemoryJob::finished).toList());
                    }
                  }),
          admin(
                  "Q48",
                  "a list is always oldest first",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        JobPage list(
                            InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                          return super.list(data, now, query.order(JobOrder.OLDEST_FIRST), after);
                        }
                      })
              .alsoFails("Q85"),
          filter(
              "_ in the beginning of an id stands for any character",
              (filter, job) -> {
                String prefix = filter.idPrefix();
                if (prefix == null || prefix.indexOf('_') < 0) {
                  return filter.matches(job);
                }
                return job.id().matches(prefix.replace('_', '.') + ".*");
              }),
          filter(
              "% in a part of an error stands for any text",
              (filter, job) ->
                  "%".equals(filter.errorText()) ? job.error() != null : filter.matches(job)),
          filter(
              "a part of an error is found without regard to case",
              (filter, job) ->
                  filter.matches(job)
                      || (filter.errorText() != null
                          && job.error() != null
                          && job.error()
                              .toLowerCase(Locale.ROOT)
                              .contains(filter.errorText().toLowerCase(Locale.ROOT)))),
          filter(
              "unfinished jobs match every filter by the time of finishing",
              (filter, job) ->
                  filter.matches(job)
                      || (filter.finishedFrom() != null && job.finishedAt() == null)),
          filter(
              "the end of a range of finish times is included",
              (filter, job) ->
                  filter.matches(job)
                      || (filter.finishedBefore() != null
                          && filter.finishedBefore().equals(job.finishedAt()))),
          changes(
              "a held job can be changed",
              (data, now, job, change) -> {
                if (job.finish != null) {
                  return Change.FINISHED;
                }
                job.change(change, now);
                return job.hold == null ? Change.CHANGED : Change.HELD;
              }),
          changes(
              "a finished job can be changed",
              (data, now, job, change) -> {
                if (job.hold != null) {
                  return Change.HELD;
                }
                job.change(change, now);
                return Change.CHANGED;
              }),
          changes(
              "a job whose lease has expired can be changed before a claim finds it",
              (data, now, job, change) -> {
                if (job.finish != null) {
                  return Change.FINISHED;
                }
                if (job.hold != null && !job.isExpired(now)) {
                  return Change.HELD;
                }
                job.change(change, now);
                return Change.CHANGED;
              }),
          changed(
                  "a change of the priority makes a job due",
                  (job, change, now) -> {
                    if (change.priority() != null) {
                      job.dueAt = now;
                    }
                  })
              .alsoFails("Q88"),
          changed(
              "a change turns the job into a new one",
              (job, change, now) -> {
                job.attempts = 0;
                job.failures = 0;
              }),
          changed(
              "crashesLeft is used as the number of all crashes",
              (job, change, now) -> {
                Integer left = change.crashesLeft();
                if (left != null) {
                  job.input = job.input.toBuilder().maxCrashes(left).build();
                }
              }),
          changed(
              "failuresLeft counts from the attempts made",
              (job, change, now) -> {
                Integer left = change.failuresLeft();
                if (left != null) {
                  long most = Math.min(Integer.MAX_VALUE, (long) job.attempts + left);
                  job.input = job.input.toBuilder().maxFailures((int) most).build();
                }
              }),
          changed(
                  "a change of the payload is forgotten",
                  (job, change, now) ->
                      job.input = job.input.toBuilder().payload("payload").build())
              .alsoFails("Q88"),
          failures(
                  "only the last failed attempt is kept",
                  failed -> failed.subList(Math.max(0, failed.size() - 1), failed.size()))
              .alsoFails("Q93"),
          failures(
                  "failed attempts come latest first",
                  failed -> {
                    List<FailedAttempt> reversed = new ArrayList<>(failed);
                    Collections.reverse(reversed);
                    return reversed;
                  })
              .alsoFails("Q93"),
          failures(
              "the first failed attempts are kept instead of the last",
              failed ->
                  failed.isEmpty() || failed.get(0).attempt() == 1
                      ? failed
                      : Stream.concat(
                              Stream.of(
                                  FailedAttempt.builder(
                                          1, failed.get(0).owner(), 1, failed.get(0).at())
                                      .error("1xx")
                                      .build()),
                              failed.stream().skip(1))
                          .toList()),
          job(
                  "Q57",
                  "an attempt whose lease expired is not recorded",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void attemptFailed(String error, Instant now) {
                          if (!error.equals(JobContract.LEASE_EXPIRED)) {
                            super.attemptFailed(error, now);
                          }
                        }
                      })
              .alsoFails("Q81", "Q93"),
          job(
              "Q57",
              "a released attempt is recorded as failed",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void release(Duration delay, Instant now) {
                      attemptFailed("released", now);
                      super.release(delay, now);
                    }
                  }),
          job(
              "Q57",
              "a requeue forgets the failed attempts",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void requeue(Instant now) {
                      super.requeue(now);
                      failedAttempts.clear();
                    }
                  }),
          job(
              "Q57",
              "an expired attempt is recorded with the owner that found it",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
                      FailedAttempt last = failedAttempts.peekLast();
                      if (last != null && last.error().equals(JobContract.LEASE_EXPIRED)) {
                        failedAttempts.removeLast();
                        failedAttempts.add(ownedBy(worker, last));
                      }
                      return super.claim(worker, newToken, duration, now);
                    }
                  }),
          admin(
              "Q57",
              "a failed attempt is recorded with the store's name as its owner",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<FailedAttempt> failedAttempts(InMemoryData data, String queue, String id) {
                      return super.failedAttempts(data, queue, id).stream()
                          .map(it -> ownedBy("store", it))
                          .toList();
                    }
                  }),
          admin(
              "Q58",
              "requeue by a filter stops at the first job whose dedup key is taken",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece requeue(
                        JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                      JobPiece piece = super.requeue(filter, how, after, limit);
                      return piece.changed() == 0 ? JobPiece.of(0, null) : piece;
                    }
                  }),
          admin(
                  "Q58",
                  "requeue by a filter takes all FAILED jobs, whatever else the filter says",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPiece requeue(
                            JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                          JobFilter failed =
                              JobFilter.all()
                                  .inQueue(Objects.requireNonNull(filter.queue()))
                                  .inState(JobState.FAILED);
                          return super.requeue(failed, how, after, limit);
                        }
                      })
              .alsoFails("Q51", "Q83", "Q92"),
          admin(
                  "Q58",
                  "cancel by a filter leaves out held jobs",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPiece cancel(
                            JobFilter filter, @Nullable String after, int limit) {
                          return super.cancel(
                              filter.inState(JobState.PENDING, JobState.RETRY), after, limit);
                        }
                      })
              .alsoFails("Q51"),
          admin(
                  "Q58",
                  "delete by a filter pages by an offset, and skips the jobs that moved up",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPiece delete(
                            JobFilter filter, @Nullable String after, int limit) {
                          JobPiece piece = super.delete(filter, after, limit);
                          String next = piece.next();
                          return JobPiece.of(
                              piece.changed(),
                              next == null ? null : Long.toString(Long.parseLong(next) + limit));
                        }
                      })
              .alsoFails("Q92"));

  private BrokenChanges() {}

  private static FinishedJob withoutError(FinishedJob job) {
    return FinishedJob.builder(job.queue(), job.id(), job.type(), job.state())
        .attempts(job.attempts())
        .build();
  }

  private interface Bytes {
    int of(InMemoryJob job);
  }

  private static BrokenStore bytes(String how, Bytes bytes) {
    return job(
        "Q11",
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              int payloadBytes() {
                return bytes.of(this);
              }
            });
  }

  private static BrokenStore claims(String clause, String how, UnaryOperator<Claim> change) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                return change.apply(super.claim(data, now, request));
              }
            });
  }

  private static BrokenStore resets(String how, UnaryOperator<List<FinishedJob>> change) {
    return admin(
        "Q20",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                Reset reset = super.resetExpired(data, now, queue, limit);
                return Reset.of(reset.count(), change.apply(reset.finished()));
              }
            });
  }

  private interface Match {
    boolean is(JobFilter filter, Job job);
  }

  private static BrokenStore filter(String how, Match match) {
    return admin(
        "Q48",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              boolean matches(JobFilter filter, Job job) {
                return match.is(filter, job);
              }
            });
  }

  private interface Changing {
    Change change(InMemoryData data, Instant now, InMemoryJob job, JobChange change);
  }

  private static BrokenStore changes(String how, Changing changing) {
    return admin(
        "Q56",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              Change change(InMemoryData data, Instant now, InMemoryJob job, JobChange change) {
                return changing.change(data, now, job, change);
              }
            });
  }

  private interface Changed {
    void after(InMemoryJob job, JobChange change, Instant now);
  }

  private static BrokenStore changed(String how, Changed changed) {
    return job(
        "Q56",
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              void change(JobChange change, Instant now) {
                super.change(change, now);
                changed.after(this, change, now);
              }
            });
  }

  private static FailedAttempt ownedBy(String owner, FailedAttempt failed) {
    return FailedAttempt.builder(failed.attempt(), owner, failed.token(), failed.at())
        .claimedAt(failed.claimedAt())
        .error(failed.error())
        .build();
  }

  private static BrokenStore failures(String how, UnaryOperator<List<FailedAttempt>> change) {
    return admin(
        "Q57",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              List<FailedAttempt> failedAttempts(InMemoryData data, String queue, String id) {
                return change.apply(super.failedAttempts(data, queue, id));
              }
            });
  }
}
