package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Reset;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stores that check a job, and then write although its lease has expired or it has finished since.
 */
final class BrokenBoundaries {

  static final List<BrokenStore> ALL =
      List.of(
          store(
                  "Q09",
                  "enqueue answers created or existing by a check before the insert",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public List<Enqueued> enqueue(List<NewJob> jobs) {
                          List<NewJob> batch = Limits.batch("jobs", jobs);
                          List<Optional<Enqueued>> before =
                              session.run(
                                  (data, now) ->
                                      batch.stream().map(job -> existing(data, job)).toList());
                          gap.pass();
                          List<Enqueued> made = super.enqueue(batch);
                          List<Enqueued> answers = new ArrayList<>();
                          for (int i = 0; i < made.size(); i++) {
                            answers.add(before.get(i).orElse(made.get(i)));
                          }
                          return answers;
                        }

                        private Optional<Enqueued> existing(InMemoryData data, NewJob job) {
                          String key = job.dedupKey();
                          return data.job(job.queue(), job.id())
                              .or(
                                  () ->
                                      key == null
                                          ? Optional.empty()
                                          : data.holderOf(job.queue(), key))
                              .map(old -> Enqueued.of(old.id(), false));
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q09",
                  "enqueue reads the existing job, and then writes it back as it was",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public List<Enqueued> enqueue(List<NewJob> jobs) {
                          List<NewJob> batch = Limits.batch("jobs", jobs);
                          List<Was> read =
                              session.run(
                                  (data, now) ->
                                      batch.stream()
                                          .flatMap(job -> data.job(job.queue(), job.id()).stream())
                                          .filter(job -> job.hold != null)
                                          .map(job -> new Was(job, job.hold, job.token))
                                          .toList());
                          if (!read.isEmpty()) {
                            gap.pass();
                          }
                          session.run(
                              (data, now) -> {
                                read.forEach(Was::writeBack);
                                return read;
                              });
                          return super.enqueue(batch);
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q29",
                  "a settlement checks whether the job is held, and then settles whichever claim"
                      + " there is",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return settling(session, gap, (job, lease) -> job.hold != null);
                    }
                  })
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q29",
                  "extend checks whether the job is held, and then extends whichever claim there"
                      + " is",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return extending(session, gap, (job, lease) -> job.hold != null);
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q29",
                  "claim checks which leases have expired, and then takes jobs that were settled"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public Claim claim(ClaimRequest request) {
                          List<Was> expired =
                              session.run(
                                  (data, now) ->
                                      claims(data, Limits.name("request.queue()", request.queue()))
                                          .stream()
                                          .filter(was -> was.hasExpired(now))
                                          .toList());
                          if (!expired.isEmpty()) {
                            gap.pass();
                          }
                          session.run(
                              (data, now) -> {
                                expired.stream()
                                    .filter(Was::isSameClaim)
                                    .forEach(was -> was.job.finish = null);
                                return expired;
                              });
                          return super.claim(request);
                        }
                      };
                    }
                  })
              .alsoFails("Q11")
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q42",
                  "resetExpired reads the expiries, and then resets jobs that were settled"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return resetting(
                          session,
                          gap,
                          was ->
                              was.isSameClaim()
                                  && (was.job.hold != null || was.job.finish != null));
                    }
                  })
              .alsoFails("Q20", "Q40")
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q42",
                  "resetExpired reads the expiries, and then resets jobs that were claimed again"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return resetting(session, gap, was -> was.job.hold != null);
                    }
                  })
              .alsoFails("Q20", "Q40")
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q42",
                  "a settlement checks whether the job is held, and then settles it though it was"
                      + " reset meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return settling(session, gap, (job, lease) -> job.token == lease.token());
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q42",
                  "extend checks whether the job is held, and then holds it again though it was"
                      + " reset meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return extending(session, gap, (job, lease) -> job.token == lease.token());
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q29",
                  "extend marks the job, and leaves the mark if it is too late, so that no claim"
                      + " gives the job any more",
                  new Gap.Broken() {
                    private final Set<String> marked = ConcurrentHashMap.newKeySet();

                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new Marking(session, gap, marked) {
                        @Override
                        List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                          return marked.contains(queue)
                              ? List.of()
                              : super.upForClaim(data, now, queue);
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q42",
                  "extend marks the job, and leaves the mark if it is too late, so that no reset"
                      + " finds the job any more",
                  new Gap.Broken() {
                    private final Set<String> marked = ConcurrentHashMap.newKeySet();

                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new Marking(session, gap, marked);
                    }

                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Reset resetExpired(String queue, int limit) {
                          if (marked.contains(Limits.name("queue", queue))) {
                            gap.called();
                            return Reset.of(0, List.of());
                          }
                          return super.resetExpired(queue, limit);
                        }
                      };
                    }
                  })
              .whereCallsMeet());

  private BrokenBoundaries() {}

  /** Marks the queues of jobs whose leases are live when it is about to extend them. */
  private static class Marking extends InMemoryJobQueue {
    private final Gap gap;
    private final Set<String> marked;

    Marking(InMemorySession session, Gap gap, Set<String> marked) {
      super(session);
      this.gap = gap;
      this.marked = marked;
    }

    @Override
    public List<Extension> extend(List<JobLease> leases, Duration duration) {
      List<JobLease> batch = Limits.batch("leases", leases);
      Limits.lease("duration", duration);
      if (batch.size() != 1 || !isLive(batch.get(0))) {
        return super.extend(batch, duration);
      }
      marked.add(batch.get(0).queue());
      gap.pass();
      List<Extension> answers = super.extend(batch, duration);
      if (answers.get(0) instanceof Extension.Held) {
        marked.remove(batch.get(0).queue());
      }
      return answers;
    }

    private boolean isLive(JobLease lease) {
      return session.run(
          (data, now) -> held(data, lease).filter(job -> !job.isExpired(now)).isPresent());
    }
  }

  /** A job, and the claim that held it at the time of the check. */
  private record Was(InMemoryJob job, @Nullable JobLease hold, long token) {

    boolean hasExpired(Instant now) {
      return hold != null && !now.isBefore(hold.expiresAt());
    }

    boolean isSameClaim() {
      return job.token == token;
    }

    void writeBack() {
      job.hold = hold;
      job.token = token;
      job.finish = null;
    }
  }

  private static List<Was> claims(InMemoryData data, String queue) {
    return data.jobs(queue).stream()
        .filter(job -> job.hold != null)
        .map(job -> new Was(job, job.hold, job.token))
        .toList();
  }

  /** The part of the check that is still made when a call writes. */
  private interface Rest {
    boolean allows(InMemoryJob job, JobLease lease);
  }

  /** Settles a single settlement like this; batches are settled correctly. */
  private static JobQueue settling(InMemorySession session, Gap gap, Rest rest) {
    return new InMemoryJobQueue(session) {
      @Override
      public List<Settlement.Result> settle(List<Settlement> settlements) {
        List<Settlement> batch = Limits.batch("settlements", settlements);
        if (batch.size() != 1 || !isHeld(session, this, batch.get(0).lease())) {
          return super.settle(batch);
        }
        gap.pass();
        return trusting(session, rest).settle(batch);
      }
    };
  }

  private static JobQueue extending(InMemorySession session, Gap gap, Rest rest) {
    return new InMemoryJobQueue(session) {
      @Override
      public List<Extension> extend(List<JobLease> leases, Duration duration) {
        List<JobLease> batch = Limits.batch("leases", leases);
        Limits.lease("duration", duration);
        if (batch.size() != 1 || !isHeld(session, this, batch.get(0))) {
          return super.extend(batch, duration);
        }
        gap.pass();
        return trusting(session, rest).extend(batch, duration);
      }
    };
  }

  private static boolean isHeld(InMemorySession session, InMemoryJobQueue store, JobLease lease) {
    return session.run((data, now) -> store.held(data, lease).isPresent());
  }

  private static InMemoryJobQueue trusting(InMemorySession session, Rest rest) {
    return new InMemoryJobQueue(session) {
      @Override
      Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
        Optional<InMemoryJob> job =
            data.job(lease.queue(), lease.jobId())
                .filter(it -> it.finish == null && rest.allows(it, lease));
        job.filter(it -> it.hold == null).ifPresent(it -> it.hold = prolonged(lease));
        return job;
      }

      private JobLease prolonged(JobLease lease) {
        return JobLease.of(
            lease.queue(),
            lease.jobId(),
            lease.owner(),
            lease.token(),
            lease.expiresAt().plus(TestTime.LONG_LEASE));
      }
    };
  }

  /**
   * Trusts the expiry that was read, and extends whichever claim there is if the rest of the check
   * allows it.
   */
  private static JobAdmin resetting(InMemorySession session, Gap gap, Predicate<Was> rest) {
    return new InMemoryJobAdmin(session) {
      @Override
      public Reset resetExpired(String queue, int limit) {
        Limits.name("queue", queue);
        Limits.limit(limit);
        List<Was> read = session.run((data, now) -> claims(data, queue));
        if (!read.isEmpty()) {
          gap.pass();
        }
        return session.run(
            (data, now) -> {
              List<Was> reset =
                  read.stream()
                      .filter(was -> was.hasExpired(now) && rest.test(was))
                      .limit(limit)
                      .toList();
              for (Was was : reset) {
                was.job.finish = null;
                was.job.loseHold(now);
              }
              data.wake(queue);
              return Reset.of(reset.size(), List.of());
            });
      }
    };
  }
}
