package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;

import dev.lease.Extension;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Reset;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cancellations, deletions and pauses that stop too much or too little. */
final class BrokenCancels {

  static final List<BrokenStore> ALL =
      List.of(
          admin(
              "Q21",
              "a resume ends the pause of every queue",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public void resume(String queue) {
                      super.resume(queue);
                      session.run(
                          (data, now) -> {
                            data.pausedQueues.clear();
                            return queue;
                          });
                    }
                  }),
          admin(
                  "Q38",
                  "a job that waits for a retry is marked instead of cancelled",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Cancellation cancel(InMemoryData data, Instant now, InMemoryJob job) {
                          if (job.state() == JobState.RETRY) {
                            job.requestCancel();
                            return Cancellation.REQUESTED;
                          }
                          return super.cancel(data, now, job);
                        }
                      })
              .alsoFails("Q46"),
          admin(
                  "Q38",
                  "a held job is CANCELLED at once, while its holder works on it",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Cancellation cancel(InMemoryData data, Instant now, InMemoryJob job) {
                          Cancellation answer = super.cancel(data, now, job);
                          if (answer == Cancellation.REQUESTED) {
                            job.cancel(now);
                          }
                          return answer;
                        }
                      })
              .seen("A16")
              .alsoFails("Q05", "Q20", "Q45", "Q49", "Q58"),
          admin(
              "Q38",
              "a finished job is cancelled",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Cancellation cancel(InMemoryData data, Instant now, InMemoryJob job) {
                      if (job.state() == JobState.DONE || job.state() == JobState.FAILED) {
                        job.cancel(now);
                      }
                      return super.cancel(data, now, job);
                    }
                  }),
          job(
              "Q38",
              "only the first extend tells the holder about the cancellation",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private boolean told;

                    @Override
                    Extension extend(Duration duration, Instant now) {
                      Extension answer = super.extend(duration, now);
                      if (answer instanceof Extension.Held held && held.cancelRequested() && told) {
                        return Extension.held(held.expiresAt(), false);
                      }
                      told = cancelRequested;
                      return answer;
                    }
                  }),
          job(
              "Q38",
              "done makes a job CANCELLED after a requested cancellation",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(@Nullable String result, Instant now) {
                      if (cancelRequested) {
                        cancel(now);
                      } else {
                        super.done(result, now);
                      }
                    }
                  }),
          job(
              "Q38",
              "failed makes a job CANCELLED after a requested cancellation",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void fail(String error, Instant now) {
                      if (cancelRequested) {
                        cancel(now);
                      } else {
                        super.fail(error, now);
                      }
                    }
                  }),
          job(
              "Q38",
              "a release after a requested cancellation gives the job back",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void release(Duration delay, Instant now) {
                      cancelRequested = false;
                      super.release(delay, now);
                    }
                  }),
          job(
              "Q38",
              "a retry that makes the job CANCELLED loses its error",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void retry(Duration delay, String error, Instant now) {
                      if (cancelRequested) {
                        cancel(now);
                      } else {
                        super.retry(delay, error, now);
                      }
                    }
                  }),
          job(
                  "Q38",
                  "a job whose last attempt expires becomes FAILED, although its cancellation was"
                      + " requested",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void loseHold(Instant now) {
                          if (hasCrashedTooOften()) {
                            fail("lease expired", now);
                          } else {
                            super.loseHold(now);
                          }
                        }
                      })
              .alsoFails("Q20"),
          admin(
                  "Q38",
                  "a reset gives a job back although its cancellation was requested",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Reset resetExpired(
                            InMemoryData data, Instant now, String queue, int limit) {
                          some(data, queue, limit, job -> job.isExpired(now))
                              .forEach(job -> job.cancelRequested = false);
                          return super.resetExpired(data, now, queue, limit);
                        }
                      })
              .alsoFails("Q20"),
          job(
                  "Q38",
                  "a cancelled job stays marked even after a requeue",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void cancel(Instant now) {
                          boolean before = cancelRequested;
                          super.cancel(now);
                          cancelRequested = before;
                        }
                      })
              .alsoFails("Q45"),
          admin(
                  "Q38",
                  "a held job cannot be deleted",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        boolean delete(InMemoryData data, String queue, String id) {
                          return data.job(queue, id).filter(job -> job.hold == null).isPresent()
                              && super.delete(data, queue, id);
                        }
                      })
              .alsoFails("Q05", "Q48", "Q82"),
          admin(
                  "Q38",
                  "a second delete answers true",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        boolean delete(InMemoryData data, String queue, String id) {
                          super.delete(data, queue, id);
                          return true;
                        }
                      })
              .alsoFails("Q82"),
          leftBehind(
              "Q38",
              "the next job with the id of a deleted one finds its checkpoints",
              JobState.PROCESSING),
          leftBehind(
              "Q46",
              "the next job with the id of a purged one finds its checkpoints",
              JobState.DONE),
          data(
                  "Q38",
                  "the tokens of a deleted job are forgotten",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        long nextJobToken(InMemoryJob job, Instant now) {
                          return nextToken(job.token(), now);
                        }
                      })
              .seen("A06")
              .alsoFails("Q36", "Q46"));

  private BrokenCancels() {}

  private static BrokenStore leftBehind(String clause, String how, JobState state) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              private final Map<List<String>, Map<String, String>> left = new HashMap<>();

              @Override
              void remove(InMemoryJob job) {
                if (job.state() == state) {
                  left.put(List.of(job.queue(), job.id()), job.checkpoints);
                }
                super.remove(job);
              }

              @Override
              InMemoryJob newJob(NewJob input, Instant now) {
                InMemoryJob job = super.newJob(input, now);
                job.checkpoints.putAll(
                    left.getOrDefault(List.of(input.queue(), input.id()), Map.of()));
                return job;
              }
            });
  }
}
