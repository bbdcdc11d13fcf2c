package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Settlements that are accepted wrongly, refused wrongly, or stored only in part. */
final class BrokenSettlements {

  static final List<BrokenStore> ALL =
      List.of(
          job(
                  "Q27",
                  "done keeps the error of the previous attempt",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void done(@Nullable String result, Instant now) {
                          String before = error;
                          super.done(result, now);
                          error = before;
                        }
                      })
              .alsoFails("Q84"),
          job(
              "Q27",
              "an empty result becomes no result",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(@Nullable String result, Instant now) {
                      super.done(result == null || result.isEmpty() ? null : result, now);
                    }
                  }),
          job(
              "Q27",
              "no result becomes an empty result",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void done(@Nullable String result, Instant now) {
                      super.done(result == null ? "" : result, now);
                    }
                  }),
          job(
                  "Q27",
                  "a job that its holder cancels is FAILED if its cancellation was not requested",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void giveUp(String reason, Instant now) {
                          boolean requested = cancelRequested;
                          super.giveUp(reason, now);
                          if (!requested) {
                            finish = new Finish(JobState.FAILED, now, KEEP_AT_LEAST);
                          }
                        }
                      })
              .alsoFails("Q28", "Q30", "Q33", "Q76"),
          job(
              "Q27",
              "a job that its holder cancels has no error if it failed before",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void giveUp(String reason, Instant now) {
                      String before = error;
                      super.giveUp(reason, now);
                      error = before == null ? reason : null;
                    }
                  }),
          job(
              "Q33",
              "the reason of a job that its holder cancels is cut after 255 characters",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void giveUp(String reason, Instant now) {
                      super.giveUp(reason.substring(0, Math.min(255, reason.length())), now);
                    }
                  }),
          job(
              "Q38",
              "a job that its holder cancels keeps its error if its cancellation was requested",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void giveUp(String reason, Instant now) {
                      boolean requested = cancelRequested;
                      String before = error;
                      super.giveUp(reason, now);
                      error = requested ? before : reason;
                    }
                  }),
          job(
                  "Q57",
                  "a job that its holder cancels has one more failed attempt",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void giveUp(String reason, Instant now) {
                          attemptFailed(reason, now);
                          super.giveUp(reason, now);
                        }
                      })
              .alsoFails("Q76"),
          settle(
                  "Q28",
                  "a settlement after expiry is refused, though nobody claimed the job",
                  (store, data, now, settlement) ->
                      store
                          .held(data, settlement.lease())
                          .filter(job -> job.isExpired(now))
                          .isPresent())
              .alsoFails("Q13", "Q20", "Q38", "Q46"),
          settle(
                  "Q28",
                  "after expiry only done is accepted, and no other settlement",
                  (store, data, now, settlement) ->
                      !(settlement instanceof Settlement.Done)
                          && store
                              .held(data, settlement.lease())
                              .filter(job -> job.isExpired(now))
                              .isPresent())
              .alsoFails("Q13", "Q38", "Q46"),
          queue(
                  "Q28",
                  "done is accepted from any earlier holder while another one holds the job",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Settlement.Result settle(
                            InMemoryData data, Instant now, Settlement settlement) {
                          Optional<InMemoryJob> running =
                              data.job(settlement.lease().queue(), settlement.lease().jobId())
                                  .filter(job -> job.hold != null);
                          if (settlement instanceof Settlement.Done done && running.isPresent()) {
                            running.get().done(done.result(), now);
                            return Settlement.Result.ACCEPTED;
                          }
                          return super.settle(data, now, settlement);
                        }
                      })
              .seen("A01")
              .alsoFails("Q17", "Q23", "Q37", "Q38", "Q46", "Q76"),
          job(
                  "Q28",
                  "a settlement after a reset is accepted",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        private boolean isReset;

                        @Override
                        void loseHold(Instant now) {
                          super.loseHold(now);
                          isReset = finish == null;
                        }

                        @Override
                        ClaimedJob claim(
                            String worker, long newToken, Duration duration, Instant now) {
                          isReset = false;
                          return super.claim(worker, newToken, duration, now);
                        }

                        @Override
                        boolean isHeldBy(JobLease lease) {
                          return super.isHeldBy(lease)
                              || (isReset && finish == null && token == lease.token());
                        }
                      })
              .seen("B01")
              .alsoFails("Q23"),
          settledAgain(
              "a repeated retry moves the due time again",
              (job, settlement) ->
                  job.state() == JobState.RETRY
                      && settlement instanceof Settlement.Retry retry
                      && retry.error().equals(job.error)),
          settledAgain(
                  "a job that is DONE can still become FAILED",
                  (job, settlement) ->
                      job.state() == JobState.DONE && settlement instanceof Settlement.Failed)
              .alsoFails("Q23", "Q39"),
          settledAgain(
                  "a job that is FAILED can still become DONE",
                  (job, settlement) ->
                      job.state() == JobState.FAILED && settlement instanceof Settlement.Done)
              .alsoFails("Q23"),
          settledAgain(
                  "a repeated release gives another attempt back",
                  (job, settlement) ->
                      job.state() == JobState.PENDING
                          && job.token > 0
                          && settlement instanceof Settlement.Released)
              .alsoFails("Q23", "Q35", "Q45"),
          queue(
                  "Q30",
                  "in one batch two settlements of one lease are accepted",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public List<Settlement.Result> settle(List<Settlement> settlements) {
                          List<Settlement.Result> answers = super.settle(settlements);
                          return settlements.stream()
                              .map(it -> answers.get(firstOf(settlements, it)))
                              .toList();
                        }
                      })
              .seen("D07"),
          job(
                  "Q32",
                  "the number of failures is kept, and nobody looks at it",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        boolean hasFailedTooOften() {
                          return false;
                        }
                      })
              .alsoFails("Q05", "Q45"),
          job(
              "Q32",
              "a crash counts as a failure too",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean hasFailedTooOften() {
                      return input.maxFailures() != null && attempts >= input.maxFailures();
                    }
                  }),
          job(
                  "Q27",
                  "a settlement as failed is no failure",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void fail(String error, Instant now) {
                          super.fail(error, now);
                          failures--;
                        }
                      })
              .alsoFails("Q32"),
          job(
              "Q32",
              "the delay of a retry counts from the expiry of the lease",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void retry(Duration delay, String error, Instant now) {
                      Duration rest =
                          hold == null || delay.isZero()
                              ? Duration.ZERO
                              : Duration.between(now, hold.expiresAt());
                      super.retry(Limits.clampedDelay("delay", delay.plus(rest)), error, now);
                    }
                  }),
          job(
                  "Q32",
                  "the next claim clears the error",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        ClaimedJob claim(
                            String worker, long newToken, Duration duration, Instant now) {
                          error = null;
                          return super.claim(worker, newToken, duration, now);
                        }
                      })
              .alsoFails("Q35"),
          queue(
                  "Q32",
                  "while a job waits for its retry, its last holder can report progress",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        boolean progress(InMemoryData data, JobLease lease, Progress progress) {
                          Optional<InMemoryJob> waiting =
                              data.job(lease.queue(), lease.jobId())
                                  .filter(
                                      job ->
                                          job.state() == JobState.RETRY
                                              && job.token == lease.token());
                          waiting.ifPresent(job -> job.progress(progress));
                          return waiting.isPresent() || super.progress(data, lease, progress);
                        }
                      })
              .seen("A18")
              .alsoFails("Q23"),
          job(
                  "Q33",
                  "an error of more than 4,000 characters cannot be stored",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void fail(String error, Instant now) {
                          if (error.length() > 4_000) {
                            throw StoreException.notDone("value too long", null);
                          }
                          super.fail(error, now);
                        }
                      })
              .seen("J03"),
          job(
                  "Q33",
                  "the error of a retry is cut after 255 characters",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant now) {
                          super.retry(
                              delay, error.substring(0, Math.min(255, error.length())), now);
                        }
                      })
              .alsoFails("Q84")
              .seen("J09"),
          job(
                  "Q34",
                  "the milliseconds until a retry are an int, and years overflow",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant now) {
                          super.retry(delay, error, now);
                          dueAt = overflown(dueAt, now);
                        }
                      })
              .seen("E17"),
          job(
                  "Q34",
                  "the milliseconds until a released job is due are an int, and years overflow",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          super.release(delay, now);
                          dueAt = overflown(dueAt, now);
                        }
                      })
              .seen("E17"),
          job(
                  "Q35",
                  "a release counts as an attempt",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          attempts++;
                          super.release(delay, now);
                        }
                      })
              .seen("B08")
              .alsoFails("Q20", "Q28", "Q30", "Q39", "Q57", "Q81"),
          job(
                  "Q35",
                  "a release with a delay counts as an attempt",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          attempts += delay.isZero() ? 0 : 1;
                          super.release(delay, now);
                        }
                      })
              .seen("B08"),
          job(
              "Q35",
              "a release makes the job due now",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void release(Duration delay, Instant now) {
                      super.release(delay, now);
                      dueAt = delay.isZero() ? now : dueAt;
                    }
                  }),
          job(
                  "Q35",
                  "a release gives all attempts back",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          super.release(delay, now);
                          attempts = 0;
                        }
                      })
              .alsoFails("Q57"),
          job(
              "Q35",
              "a release clears the error of the previous attempt",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void release(Duration delay, Instant now) {
                      super.release(delay, now);
                      error = null;
                    }
                  }),
          job(
                  "Q35",
                  "the delay of a release is ignored",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          super.release(Duration.ZERO, now);
                        }
                      })
              .alsoFails("Q14", "Q34"),
          queue(
              "Q37",
              "progress is stored for all jobs of the same owner",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    boolean progress(InMemoryData data, JobLease lease, Progress progress) {
                      boolean held = super.progress(data, lease, progress);
                      if (held) {
                        data.jobs(lease.queue()).stream()
                            .filter(
                                job -> job.hold != null && job.hold.owner().equals(lease.owner()))
                            .forEach(job -> job.progress(progress));
                      }
                      return held;
                    }
                  }),
          queue(
              "Q37",
              "a settlement applies to the jobs with that id and token in every queue",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      if (settlement instanceof Settlement.Done done
                          && held(data, done.lease()).isPresent()) {
                        data.queueNames().stream()
                            .filter(other -> !other.equals(done.lease().queue()))
                            .flatMap(other -> data.job(other, done.lease().jobId()).stream())
                            .filter(job -> job.isHeldBy(done.lease()))
                            .forEach(job -> job.done(done.result(), now));
                      }
                      return super.settle(data, now, settlement);
                    }
                  }),
          settled(
              "Q39",
              "a batch stops at its first lost settlement",
              (store, batch) -> {
                List<Settlement.Result> answers = new ArrayList<>();
                for (Settlement one : batch) {
                  boolean stopped = answers.contains(Settlement.Result.LOST);
                  answers.add(stopped ? Settlement.Result.LOST : store.one(one));
                }
                return answers;
              }),
          settled(
              "Q39",
              "only the settlements of a batch's first queue are stored",
              (store, batch) ->
                  batch.stream()
                      .map(
                          one ->
                              one.lease().queue().equals(batch.get(0).lease().queue())
                                  ? store.one(one)
                                  : Settlement.Result.LOST)
                      .toList()),
          settled(
              "Q39",
              "the answers for accepted settlements come first",
              (store, batch) -> batch.stream().map(store::one).sorted().toList()),
          queue(
              "Q39",
              "the settlements of a batch that precede a bad one are stored",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Settlement.Result> settle(List<Settlement> settlements) {
                      List<Settlement.Result> answers = new ArrayList<>();
                      for (Settlement one : Limits.notNull("settlements", settlements)) {
                        answers.addAll(super.settle(List.of(Limits.notNull("settlement", one))));
                      }
                      return answers;
                    }
                  }),
          queue(
                  "Q39",
                  "settleAndClaim claims first",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public SettledAndClaimed settleAndClaim(
                            List<Settlement> settlements, ClaimRequest request) {
                          Claim claimed = claim(request);
                          return SettledAndClaimed.of(settle(settlements), claimed);
                        }
                      })
              .alsoFails("Q20"));

  private BrokenSettlements() {}

  private static Instant overflown(Instant due, Instant now) {
    long millis = Duration.between(now, due).toMillis();
    return millis > Integer.MAX_VALUE ? now.plusMillis(millis & Integer.MAX_VALUE) : due;
  }

  private static int firstOf(List<Settlement> settlements, Settlement settlement) {
    return settlements.stream().map(Settlement::lease).toList().indexOf(settlement.lease());
  }

  private interface Refusal {
    boolean isRefused(
        InMemoryJobQueue store, InMemoryData data, Instant now, Settlement settlement);
  }

  private static BrokenStore settle(String clause, String how, Refusal refusal) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              Settlement.Result settle(InMemoryData data, Instant now, Settlement settlement) {
                return refusal.isRefused(this, data, now, settlement)
                    ? Settlement.Result.LOST
                    : super.settle(data, now, settlement);
              }
            });
  }

  private static BrokenStore settledAgain(
      String how, BiPredicate<InMemoryJob, Settlement> isAccepted) {
    return queue(
        "Q30",
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              Settlement.Result settle(InMemoryData data, Instant now, Settlement settlement) {
                JobLease lease = settlement.lease();
                data.job(lease.queue(), lease.jobId())
                    .filter(job -> job.token == lease.token() && isAccepted.test(job, settlement))
                    .ifPresent(
                        job -> {
                          job.finish = null;
                          job.hold = lease;
                        });
                return super.settle(data, now, settlement);
              }
            });
  }

  private static class Settling extends InMemoryJobQueue {
    Settling(InMemorySession session) {
      super(session);
    }

    Settlement.Result one(Settlement settlement) {
      return super.settle(List.of(settlement)).get(0);
    }
  }

  private interface Batch {
    List<Settlement.Result> settle(Settling store, List<Settlement> batch);
  }

  private static BrokenStore settled(String clause, String how, Batch rule) {
    return queue(
        clause,
        how,
        session ->
            new Settling(session) {
              @Override
              public List<Settlement.Result> settle(List<Settlement> settlements) {
                return rule.settle(this, Limits.batch("settlements", settlements));
              }
            });
  }
}
