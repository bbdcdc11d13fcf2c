package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;

import dev.lease.JobState;
import dev.lease.Reset;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Resets, requeues and purges that go wrong. */
final class BrokenResets {

  private static final Duration UNIT = Duration.ofNanos(1_000);

  static final List<BrokenStore> ALL =
      List.of(
          admin(
                  "Q20",
                  "a reset names 100 of the jobs that it finishes at most",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          Reset reset = super.resetExpired(data, now, queue, limit);
                          return Reset.of(
                              reset.count(), reset.finished().stream().limit(100).toList());
                        }
                      })
              .alsoFails("Q40"),
          admin(
              "Q40",
              "a reset looks at the jobs that were claimed first, as many as its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                      List<InMemoryJob> expired =
                          data.jobs(queue).stream()
                              .filter(job -> job.hold != null)
                              .sorted(Comparator.comparingLong(InMemoryJob::token))
                              .limit(limit)
                              .filter(job -> job.isExpired(now))
                              .toList();
                      expired.forEach(job -> job.loseHold(now));
                      data.wake(queue);
                      return Reset.of(
                          expired.size(),
                          expired.stream()
                              .filter(job -> job.state().isFinished())
                              .map(InMemoryJob::finished)
                              .toList());
                    }
                  }),
          beforeReset("Q40", "a reset job is due now", (job, now) -> job.dueAt = now).seen("B09"),
          beforeReset("Q43", "a reset takes an attempt", (job, now) -> job.attempts++)
              .seen("B08")
              .alsoFails("Q20", "Q40", "Q56", "Q57"),
          beforeReset("Q40", "a reset clears the token", (job, now) -> job.token = 0)
              .alsoFails("Q93"),
          beforeReset(
              "Q40",
              "a reset clears the progress and the checkpoints",
              (job, now) -> job.checkpoints.clear()),
          admin(
                  "Q40",
                  "at its expiry a job is not yet reset",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          return super.resetExpired(data, now.minus(UNIT), queue, limit);
                        }
                      })
              .alsoFails("Q46")
              .seen("I03"),
          admin(
                  "Q40",
                  "one unit before its expiry a job is reset",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          return super.resetExpired(data, now.plus(UNIT), queue, limit);
                        }
                      })
              .alsoFails("Q46")
              .seen("I03", "B10"),
          admin(
                  "Q40",
                  "a reset gives a job without attempts left another attempt",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          List<InMemoryJob> exhausted =
                              some(
                                  data,
                                  queue,
                                  limit,
                                  job ->
                                      job.isExpired(now)
                                          && job.hasCrashedTooOften()
                                          && !job.cancelRequested);
                          exhausted.forEach(job -> job.hold = null);
                          Reset reset = super.resetExpired(data, now, queue, limit);
                          return Reset.of(exhausted.size() + reset.count(), reset.finished());
                        }
                      })
              .alsoFails("Q20", "Q46")
              .seen("B07"),
          admin(
              "Q40",
              "a reset also counts jobs whose lease is live",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                      int running = some(data, queue, limit, job -> job.hold != null).size();
                      Reset reset = super.resetExpired(data, now, queue, limit);
                      return Reset.of(running, reset.finished());
                    }
                  }),
          admin(
              "Q40",
              "a reset also resets the expired jobs of other queues",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                      data.inOrder(null).stream()
                          .filter(job -> !job.queue().equals(queue) && job.isExpired(now))
                          .forEach(job -> job.loseHold(now));
                      return super.resetExpired(data, now, queue, limit);
                    }
                  }),
          admin(
                  "Q43",
                  "a reset ignores its limit",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          return super.resetExpired(data, now, queue, Integer.MAX_VALUE);
                        }
                      })
              .seen("H13", "J15")
              .alsoFails("Q40"),
          admin(
                  "Q43",
                  "a reset reads the payloads, and stops at one that it cannot read",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          Predicate<InMemoryJob> poison =
                              job -> job.isExpired(now) && job.input.payload().startsWith("[[[[");
                          return data.jobs(queue).stream().anyMatch(poison)
                              ? Reset.of(0, List.of())
                              : super.resetExpired(data, now, queue, limit);
                        }
                      })
              .seen("B06"),
          job(
                  "Q45",
                  "a requeue keeps the attempts",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void requeue(Instant now) {
                          int before = attempts;
                          super.requeue(now);
                          attempts = before;
                        }
                      })
              .alsoFails("Q58"),
          job(
                  "Q45",
                  "a requeue keeps the due time",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void requeue(Instant now) {
                          Instant before = dueAt;
                          super.requeue(now);
                          dueAt = before;
                        }
                      })
              .alsoFails("Q91"),
          job(
              "Q45",
              "a requeue drops the checkpoints",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void requeue(Instant now) {
                      super.requeue(now);
                      checkpoints.clear();
                    }
                  }),
          job(
                  "Q45",
                  "a requeue starts the tokens from the beginning",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void requeue(Instant now) {
                          super.requeue(now);
                          token = 0;
                        }
                      })
              .seen("A06"),
          admin(
                  "Q45",
                  "a requeue does not check who has the dedup key by now",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Requeue requeue(
                            InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                          if (job.state() == JobState.FAILED || job.state() == JobState.CANCELLED) {
                            job.requeue(now);
                            return Requeue.REQUEUED;
                          }
                          return Requeue.NOT_FAILED;
                        }
                      })
              .alsoFails("Q58", "Q76", "Q91"),
          admin(
              "Q45",
              "a job that is DONE can be requeued",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      if (job.state() == JobState.DONE) {
                        job.requeue(due);
                        return Requeue.REQUEUED;
                      }
                      return super.requeue(data, now, due, job);
                    }
                  }),
          admin(
              "Q49",
              "a repeated requeue answers that it requeued the job again",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      return job.state() == JobState.PENDING && job.token > 0
                          ? Requeue.REQUEUED
                          : super.requeue(data, now, due, job);
                    }
                  }),
          job(
              "Q46",
              "a job is kept one unit shorter than its keep",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isKeptNoLonger(Instant now) {
                      return super.isKeptNoLonger(now.plus(UNIT));
                    }
                  }),
          job(
              "Q46",
              "a purge by age removes jobs that finished one unit too late",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isFinishedSince(Duration age, Instant now) {
                      return super.isFinishedSince(age, now.plus(UNIT));
                    }
                  }),
          job(
              "Q46",
              "the age of a finished job counts from its enqueue",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isFinishedSince(Duration age, Instant now) {
                      return finish != null && !now.isBefore(createdAt.plus(age));
                    }
                  }),
          job(
                  "Q46",
                  "a purge removes jobs whose lease expired long ago",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        boolean isFinishedSince(Duration age, Instant now) {
                          return super.isFinishedSince(age, now)
                              || (hold != null && !now.isBefore(hold.expiresAt().plus(age)));
                        }
                      })
              .seen("K06")
              .alsoFails("Q48"),
          job(
              "Q46",
              "a purge by age spares a job that has a keep",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isFinishedSince(Duration age, Instant now) {
                      return super.isFinishedSince(age, now)
                          && (input.keep() == null || isKeptNoLonger(now));
                    }
                  }),
          job(
                  "Q46",
                  "a job is kept for at least the store's default, whatever its keep",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        boolean isKeptNoLonger(Instant now) {
                          return super.isKeptNoLonger(now)
                              && isFinishedSince(Duration.ofHours(24), now);
                        }
                      })
              .alsoFails("Q57"),
          admin(
                  "Q46",
                  "a purge ignores its limit",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        int purge(
                            InMemoryData data,
                            String queue,
                            int limit,
                            Predicate<InMemoryJob> isOld) {
                          return super.purge(data, queue, Integer.MAX_VALUE, isOld);
                        }
                      })
              .seen("J15"),
          admin(
              "Q46",
              "a purge also removes the old jobs of other queues",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purge(
                        InMemoryData data, String queue, int limit, Predicate<InMemoryJob> isOld) {
                      data.inOrder(null).stream()
                          .filter(job -> !job.queue().equals(queue) && isOld.test(job))
                          .forEach(data::remove);
                      return super.purge(data, queue, limit, isOld);
                    }
                  }));

  private BrokenResets() {}

  private interface Change {
    void apply(InMemoryJob job, Instant now);
  }

  private static BrokenStore beforeReset(String clause, String how, Change change) {
    return admin(
        clause,
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
                some(data, queue, limit, job -> job.isExpired(now))
                    .forEach(job -> change.apply(job, now));
                return super.resetExpired(data, now, queue, limit);
              }
            });
  }
}
