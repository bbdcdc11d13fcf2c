package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Claims that give too much, too little, too early, in the wrong order, or as the wrong grant. */
final class BrokenClaims {

  private static final Duration UNIT = Duration.ofNanos(1_000);

  static final List<BrokenStore> ALL =
      List.of(
          job(
              "Q11",
              "a claim tells the time of the first claim of each job",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Nullable Instant first;

                    @Override
                    ClaimedJob claim(String worker, long token, Duration duration, Instant now) {
                      super.claim(worker, token, duration, now);
                      first = first == null ? now : first;
                      return ClaimedJob.of(asOf(now), first);
                    }
                  }),
          queue(
                  "Q11",
                  "limit 0 means no limit",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          return super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                  request.queue(),
                                  request.owner(),
                                  request.limit() == 0 ? 1_000 : request.limit(),
                                  request.leaseDuration()));
                        }
                      })
              .seen("C09", "C13"),
          queue(
                  "Q11",
                  "a claim's lease lasts a minute, whatever was requested",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          return super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                  request.queue(),
                                  request.owner(),
                                  request.limit(),
                                  Duration.ofMinutes(1)));
                        }
                      })
              .alsoFails("Q40", "Q81")
              .seen("K03"),
          claimed(
                  "a claim reports the attempts without itself",
                  job -> told(job, job.attempt() - 1, job.dueAt(), job.headers()))
              .alsoFails("Q17", "Q20", "Q32", "Q35", "Q40", "Q45", "Q56"),
          claimed(
              "a claim gives no headers", job -> told(job, job.attempt(), job.dueAt(), Map.of())),
          job(
              "Q11",
              "a claim reports its own time as the due time",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
                      return told(
                          super.claim(worker, newToken, duration, now),
                          attempts,
                          now,
                          input.headers());
                    }
                  }),
          queue(
                  "Q12",
                  "a claim with a limit of 5 to 50 gives one job more",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          int given =
                              request.limit() < 5 || request.limit() > 50
                                  ? request.limit()
                                  : request.limit() + 1;
                          return super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                  request.queue(),
                                  request.owner(),
                                  given,
                                  request.leaseDuration()));
                        }
                      })
              .seen("C01")
              .alsoFails("Q11", "Q40", "Q85"),
          queue(
                  "Q13",
                  "a claim gives the right jobs, but in reverse order",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          return given(
                              super.claim(data, now, request),
                              jobs -> {
                                List<ClaimedJob> claimed = new ArrayList<>(jobs);
                                Collections.reverse(claimed);
                                return claimed;
                              });
                        }
                      })
              .seen("C02")
              .alsoFails(
                  "Q04", "Q10", "Q11", "Q12", "Q20", "Q39", "Q49", "Q51", "Q55", "Q56", "Q76",
                  "Q85"),
          order(
              "priority 0 counts as no priority, which is 5",
              Comparator.comparingInt(
                      (InMemoryJob job) -> job.input.priority() == 0 ? -5 : -job.input.priority())
                  .thenComparing(job -> job.dueAt)
                  .thenComparing(job -> job.place)),
          order(
                  "the smallest priority goes first",
                  Comparator.comparingInt((InMemoryJob job) -> job.input.priority())
                      .thenComparing(InMemoryJob.CLAIM_ORDER))
              .alsoFails("Q39", "Q56", "Q76", "Q81"),
          order(
              "due times are compared by the second",
              Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
                  .thenComparing(job -> job.dueAt.truncatedTo(ChronoUnit.SECONDS))
                  .thenComparing(job -> job.place)),
          order(
                  "of jobs with the same priority and due time the last one comes first",
                  Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
                      .thenComparing(job -> job.dueAt)
                      .thenComparing(job -> -job.place))
              .alsoFails("Q04", "Q11", "Q12", "Q20", "Q23", "Q49", "Q51", "Q55", "Q76", "Q85"),
          order(
                  "expired jobs wait until all others are given",
                  Comparator.comparing((InMemoryJob job) -> job.hold != null)
                      .thenComparing(InMemoryJob.CLAIM_ORDER))
              .seen("B09")
              .alsoFails("Q40"),
          order(
                  "jobs with earlier attempts wait until all others are given",
                  Comparator.comparing((InMemoryJob job) -> job.token > 0)
                      .thenComparing(InMemoryJob.CLAIM_ORDER))
              .seen("B09")
              .alsoFails("Q39", "Q40", "Q76"),
          queue(
              "Q13",
              "each process numbers its jobs from its own block of numbers",
              session ->
                  new InMemoryJobQueue(session) {
                    private long next =
                        session.run((data, now) -> -1_000_000L * data.listeners.size());

                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      boolean isNew = data.job(job.queue(), job.id()).isEmpty();
                      Enqueued enqueued = super.enqueue(data, now, job);
                      if (isNew && enqueued.created()) {
                        data.add(new InMemoryJob(job, next++, now));
                      }
                      return enqueued;
                    }
                  }),
          upForClaim(
                  "Q14",
                  "a job is not claimable until one unit after its due time",
                  (job, now) ->
                      job.isUpForClaim(now)
                          && (job.hold != null
                              || now.isAfter(job.dueAt)
                              || job.createdAt.equals(job.dueAt)))
              .alsoFails("Q32", "Q35", "Q36", "Q76", "Q81"),
          upForClaim(
                  "Q14",
                  "a job is claimable one unit before its due time",
                  (job, now) ->
                      job.isUpForClaim(now)
                          || (job.finish == null
                              && job.hold == null
                              && job.isUpForClaim(now.plus(UNIT))))
              .alsoFails("Q32", "Q35"),
          job(
              "Q14",
              "a delay with nanoseconds is rounded down",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    {
                      if (input.due() instanceof Due.After after) {
                        dueAt = now.plus(after.delay().truncatedTo(ChronoUnit.MICROS));
                      }
                    }

                    @Override
                    void retry(Duration delay, String error, Instant now) {
                      super.retry(delay.truncatedTo(ChronoUnit.MICROS), error, now);
                    }

                    @Override
                    void release(Duration delay, Instant now) {
                      super.release(delay.truncatedTo(ChronoUnit.MICROS), now);
                    }
                  }),
          upForClaim(
                  "Q15",
                  "a job whose lease has less than a second left is given",
                  (job, now) ->
                      job.isUpForClaim(now)
                          || (job.finish == null
                              && job.isUpForClaim(now.plusSeconds(1))
                              && job.hold != null))
              .alsoFails("Q22"),
          job(
                  "Q17",
                  "a claim of an expired job keeps the old token",
                  (input, place, now) ->
                      new Expiring(input, place, now) {
                        @Override
                        ClaimedJob claim(
                            String worker, long newToken, Duration duration, Instant now) {
                          return super.claim(
                              worker, lost == null ? newToken : lost.token(), duration, now);
                        }
                      })
              .seen("A01")
              .alsoFails("Q11", "Q23", "Q26", "Q28", "Q36", "Q40"),
          job(
                  "Q17",
                  "a claim of an expired job keeps the old owner",
                  (input, place, now) ->
                      new Expiring(input, place, now) {
                        @Override
                        ClaimedJob claim(
                            String worker, long newToken, Duration duration, Instant now) {
                          return super.claim(
                              lost == null ? worker : lost.owner(), newToken, duration, now);
                        }
                      })
              .seen("A01")
              .alsoFails("Q57"),
          job(
                  "Q17",
                  "an attempt that expired does not count",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void loseHold(Instant now) {
                          super.loseHold(now);
                          if (finish == null) {
                            attempts--;
                          }
                        }
                      })
              .seen("B07")
              .alsoFails("Q20", "Q28", "Q32", "Q40", "Q43", "Q56", "Q57"),
          upForClaim(
                  "Q17",
                  "an expired job waits for a reset",
                  (job, now) -> job.isUpForClaim(now) && job.hold == null)
              .seen("B04", "B12")
              .alsoFails(
                  "Q05", "Q11", "Q13", "Q20", "Q22", "Q23", "Q25", "Q26", "Q28", "Q32", "Q36",
                  "Q38", "Q40", "Q46", "Q54", "Q57", "Q81"),
          queue(
                  "Q18",
                  "a claim of a queue that has no job is an error",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                          if (data.jobs(queue).isEmpty()) {
                            throw StoreException.notDone("no such queue", null);
                          }
                          return super.upForClaim(data, now, queue);
                        }
                      })
              .alsoFails("Q38", "Q55"),
          upForQueue(
                  "Q18",
                  "queues are compared without case",
                  (asked, queue) -> asked.equalsIgnoreCase(queue))
              .seen("G08")
              .alsoFails("Q51"),
          upForQueue(
                  "Q18",
                  "queues are compared without trailing spaces",
                  (asked, queue) -> asked.stripTrailing().equals(queue.stripTrailing()))
              .seen("G08"),
          upForQueue(
                  "Q18",
                  "the name of a queue is used as a pattern",
                  (asked, queue) -> asked.equals(queue) || asked.equals("%"))
              .seen("J10"),
          revived(
                  "Q19",
                  "a FAILED job that did not crash too often comes back after a minute",
                  (job, now) ->
                      job.state() == JobState.FAILED
                          && !job.hasCrashedTooOften()
                          && job.isFinishedSince(Duration.ofMinutes(1), now))
              .alsoFails("Q46", "Q48"),
          revived(
                  "Q27",
                  "a DONE job comes back when its lease would have expired",
                  (job, now) ->
                      job.state() == JobState.DONE
                          && !job.hasCrashedTooOften()
                          && job.isFinishedSince(Duration.ofMinutes(1), now))
              .alsoFails("Q19", "Q46", "Q82"),
          revived(
                  "Q38",
                  "a job that was cancelled before its first attempt is still given",
                  (job, now) -> job.state() == JobState.CANCELLED && job.attempts == 0)
              .alsoFails("Q46", "Q49", "Q51", "Q76"),
          job(
                  "Q20",
                  "a job may crash once more than maxCrashes",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        boolean hasCrashedTooOften() {
                          return crashes() > input.maxCrashes();
                        }
                      })
              .seen("B07")
              .alsoFails("Q05", "Q40", "Q46", "Q81"),
          job(
                  "Q20",
                  "a failure counts as a crash too",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        int crashes() {
                          return attempts;
                        }
                      })
              .alsoFails("Q56"),
          queue(
                  "Q20",
                  "jobs that crashed too often count against the limit",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          long ended =
                              upForClaim(data, now, request.queue()).stream()
                                  .limit(request.limit())
                                  .filter(job -> job.isExpired(now) && job.hasCrashedTooOften())
                                  .count();
                          return super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                  request.queue(),
                                  request.owner(),
                                  (int) (request.limit() - ended),
                                  request.leaseDuration()));
                        }
                      })
              .seen("C08")
              .alsoFails("Q05", "Q11", "Q81"),
          queue(
                  "Q20",
                  "a claim finishes one job that crashed too often, and leaves the others",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                          List<InMemoryJob> up = super.upForClaim(data, now, queue);
                          Predicate<InMemoryJob> exhausted =
                              job -> job.isExpired(now) && job.hasCrashedTooOften();
                          Stream<InMemoryJob> ends = up.stream().filter(exhausted).limit(1);
                          return Stream.concat(ends, up.stream().filter(exhausted.negate()))
                              .toList();
                        }
                      })
              .seen("B06"),
          upForClaim(
                  "Q20",
                  "a job that crashed too often is skipped, and stays PROCESSING",
                  (job, now) ->
                      job.isUpForClaim(now) && !(job.hold != null && job.hasCrashedTooOften()))
              .seen("E12", "K05")
              .alsoFails("Q05", "Q38", "Q81"),
          job(
              "Q81",
              "at its deadline a job is not given any more",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isOverdue(Instant now) {
                      return notAfter != null && !now.isBefore(notAfter);
                    }
                  }),
          job(
              "Q81",
              "a deadline holds for the first attempt alone",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isOverdue(Instant now) {
                      return attempts == 0 && super.isOverdue(now);
                    }
                  }),
          job(
              "Q81",
              "a job whose deadline has passed is FAILED",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void missDeadline(Instant now) {
                      fail("deadline passed", now);
                    }

                    @Override
                    void attemptFailed(String error, Instant now) {
                      if (hold != null) {
                        super.attemptFailed(error, now);
                      }
                    }
                  }),
          upForClaim(
              "Q81",
              "a job whose deadline has passed is skipped, and stays as it is",
              (job, now) -> job.isUpForClaim(now) && !job.isOverdue(now)),
          job(
              "Q81",
              "a requeue keeps the deadline",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void requeue(Instant now) {
                      Instant deadline = notAfter;
                      super.requeue(now);
                      notAfter = deadline;
                    }
                  }),
          job(
              "Q81",
              "a deadline ends an attempt that has begun",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isExpired(Instant now) {
                      return super.isExpired(now) || (hold != null && isOverdue(now));
                    }
                  }),
          store(
              "Q21",
              "a pause holds only for the process that was called",
              new Parts() {
                private final Map<InMemorySession, Set<String>> paused = new HashMap<>();

                @Override
                JobQueue jobQueue(InMemorySession session) {
                  return new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      boolean here = paused.getOrDefault(session, Set.of()).contains(queue);
                      Set<String> all = Set.copyOf(data.pausedQueues);
                      if (!here) {
                        data.pausedQueues.remove(queue);
                      }
                      List<InMemoryJob> up = super.upForClaim(data, now, queue);
                      data.pausedQueues.addAll(all);
                      return up;
                    }
                  };
                }

                @Override
                JobAdmin jobAdmin(InMemorySession session) {
                  return new InMemoryJobAdmin(session) {
                    @Override
                    public void pause(String queue) {
                      super.pause(queue);
                      paused.computeIfAbsent(session, s -> new HashSet<>()).add(queue);
                    }
                  };
                }
              }),
          queue(
              "Q21",
              "a paused queue gives jobs that have expired",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return data.pausedQueues.contains(queue)
                          ? data.jobs(queue).stream().filter(job -> job.isExpired(now)).toList()
                          : super.upForClaim(data, now, queue);
                    }
                  }),
          queue(
              "Q21",
              "in a paused queue no lease is extended",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Extension extend(
                        InMemoryData data, Instant now, JobLease lease, Duration duration) {
                      return data.pausedQueues.contains(lease.queue())
                          ? Extension.lost()
                          : super.extend(data, now, lease, duration);
                    }
                  }),
          admin(
                  "Q21",
                  "a queue that was paused twice has to be resumed twice",
                  session ->
                      new InMemoryJobAdmin(session) {
                        private static final String AGAIN = " again";

                        @Override
                        public void pause(String queue) {
                          boolean paused = isPaused(queue);
                          super.pause(queue);
                          if (paused) {
                            super.pause(queue + AGAIN);
                          }
                        }

                        @Override
                        public void resume(String queue) {
                          if (isPaused(queue + AGAIN)) {
                            super.resume(queue + AGAIN);
                          } else {
                            super.resume(queue);
                          }
                        }

                        private boolean isPaused(String queue) {
                          return session.run(
                              (data, now) ->
                                  data.pausedQueues.stream().anyMatch(name -> name.equals(queue)));
                        }
                      })
              .alsoFails("Q49"),
          admin(
                  "Q21",
                  "a queue without jobs cannot be paused",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public void pause(String queue) {
                          super.pause(queue);
                          if (session.run((data, now) -> data.jobs(queue).isEmpty())) {
                            resume(queue);
                          }
                        }
                      })
              .alsoFails("Q48"),
          data(
                  "Q36",
                  "the token is the time of the claim",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        long nextJobToken(InMemoryJob job, Instant now) {
                          return micros(now);
                        }
                      })
              .seen("A17")
              .alsoFails("Q26", "Q37", "Q38", "Q45", "Q46", "Q49"));

  private BrokenClaims() {}

  /** A job that remembers the lease that it lost. */
  private static class Expiring extends InMemoryJob {
    @Nullable JobLease lost;

    Expiring(NewJob input, long place, Instant now) {
      super(input, place, now);
    }

    @Override
    void loseHold(Instant now) {
      lost = hold;
      super.loseHold(now);
    }

    @Override
    void retry(Duration delay, String error, Instant now) {
      super.retry(delay, error, now);
      lost = null;
    }

    @Override
    void release(Duration delay, Instant now) {
      super.release(delay, now);
      lost = null;
    }
  }

  private static ClaimedJob told(
      ClaimedJob job, int attempt, Instant dueAt, Map<String, String> headers) {
    return job.toBuilder().attempt(attempt).dueAt(dueAt).headers(headers).build();
  }

  private static BrokenStore claimed(String how, UnaryOperator<ClaimedJob> change) {
    return queue(
        "Q11",
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                return given(
                    super.claim(data, now, request), jobs -> jobs.stream().map(change).toList());
              }
            });
  }

  /** The same answer, with other jobs. */
  static Claim given(Claim claim, UnaryOperator<List<ClaimedJob>> change) {
    return Claim.of(change.apply(claim.jobs()), claim.finished(), claim.more());
  }

  private static BrokenStore order(String how, Comparator<InMemoryJob> order) {
    return queue(
        "Q13",
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                return super.upForClaim(data, now, queue).stream().sorted(order).toList();
              }
            });
  }

  private interface When {
    boolean is(InMemoryJob job, Instant now);
  }

  private static BrokenStore upForClaim(String clause, String how, When isUp) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                return data.pausedQueues.contains(queue)
                    ? List.of()
                    : data.jobs(queue).stream()
                        .filter(job -> isUp.is(job, now))
                        .sorted(InMemoryJob.CLAIM_ORDER)
                        .toList();
              }
            });
  }

  private interface Matches {
    boolean matches(String asked, String queue);
  }

  private static BrokenStore upForQueue(String clause, String how, Matches isMeant) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                return data.queueNames().stream()
                    .filter(name -> isMeant.matches(queue, name))
                    .flatMap(name -> super.upForClaim(data, now, name).stream())
                    .toList();
              }
            });
  }

  private static BrokenStore revived(String clause, String how, When comesBack) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                data.jobs(queue).stream()
                    .filter(job -> comesBack.is(job, now))
                    .forEach(job -> job.finish = null);
                return super.upForClaim(data, now, queue);
              }
            });
  }
}
