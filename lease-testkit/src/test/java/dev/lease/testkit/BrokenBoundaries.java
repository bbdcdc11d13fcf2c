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

/** Stores that trust what they saw of a job when its lease ends, or it does, in between. */
final class BrokenBoundaries {

  static final List<BrokenStore> ALL =
      List.of(
          store(
                  "Q09",
                  "whether a job was made is answered as a look before the insert has it",
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
                              .map(old -> new Enqueued(old.id(), false));
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q09",
                  "enqueue reads the job of an id, and writes it back as it was",
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
                  "a settlement looks whether the job is held, and then ends the claim there is",
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
                  "extend looks whether the job is held, and then prolongs the claim there is",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return extending(session, gap, (job, lease) -> job.hold != null);
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q29",
                  "claim looks which leases have expired, and takes what was settled meanwhile",
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
                  "resetExpired looks when leases expire, and then resets what was settled"
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
              .alsoFails("Q20")
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q42",
                  "resetExpired looks when leases expire, and then resets what was claimed again"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return resetting(session, gap, was -> was.job.hold != null);
                    }
                  })
              .alsoFails("Q20")
              .whereCallsMeet()
              .seen("B01"),
          store(
                  "Q42",
                  "a settlement looks whether the job is held, and ends it though it was reset"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return settling(session, gap, (job, lease) -> job.token == lease.token());
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q42",
                  "extend looks whether the job is held, and holds it again though it was reset"
                      + " meanwhile",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return extending(session, gap, (job, lease) -> job.token == lease.token());
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q29",
                  "extend marks the job, and leaves the mark where it comes too late: no claim gives it"
                      + " any more",
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
                  "extend marks the job, and leaves the mark where it comes too late: no reset takes it"
                      + " any more",
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
                          return marked.contains(Limits.name("queue", queue))
                              ? Reset.of(0, List.of())
                              : super.resetExpired(queue, limit);
                        }
                      };
                    }
                  })
              .whereCallsMeet());

  private BrokenBoundaries() {}

  /** Marks the queues of jobs that are live when it is about to extend them. */
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

  /** A job, and the claim that had it when it was looked at. */
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

  /** What is left of the check when a call writes. */
  private interface Rest {
    boolean allows(InMemoryJob job, JobLease lease);
  }

  /** Settles one by one like this; what comes as a batch is settled as it should be. */
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
        return new JobLease(
            lease.queue(),
            lease.jobId(),
            lease.owner(),
            lease.token(),
            lease.expiresAt().plus(TestTime.LONG_LEASE));
      }
    };
  }

  /** Goes by the expiry that was read, to the claim there is if the rest of the check allows. */
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
