package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Reset;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that check first and then write, with a gap in between for another call. */
final class BrokenRaces {

  static final List<BrokenStore> ALL =
      List.of(
          store(
                  "L04",
                  "acquire checks whether the name is free, and then takes it",
                  new Gap.Broken() {
                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> acquire(
                            String name, String owner, Duration leaseDuration) {
                          Limits.name("owner", owner);
                          Limits.lease("leaseDuration", leaseDuration);
                          if (find(name).isPresent()) {
                            return Optional.empty();
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                data.leases.remove(name);
                                return acquire(data, now, name, owner, leaseDuration);
                              });
                        }
                      };
                    }
                  })
              .seen("C03")
              .whereCallsMeet(),
          store(
                  "L27",
                  "renew checks whether the lease is held, and then takes it back from a rival",
                  new Gap.Broken() {
                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return renewing(
                          session,
                          gap,
                          (there, lease) ->
                              there.filter(it -> it.token() >= lease.token()).isPresent());
                    }
                  })
              .alsoFails("L32")
              .whereCallsMeet(),
          store(
                  "L27",
                  "renew marks the lease during its check, and an acquire yields to the mark of a"
                      + " late renewal",
                  new Gap.Broken() {
                    private final Set<String> marked = ConcurrentHashMap.newKeySet();

                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return new InMemoryLeaseStore(session) {
                        @Override
                        public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
                          Limits.notNull("lease", lease);
                          marked.add(lease.name());
                          gap.pass();
                          try {
                            return super.renew(lease, leaseDuration);
                          } finally {
                            marked.remove(lease.name());
                          }
                        }

                        @Override
                        Optional<Lease> acquire(
                            InMemoryData data,
                            Instant now,
                            String name,
                            String owner,
                            Duration leaseDuration) {
                          return marked.contains(name)
                              ? Optional.empty()
                              : super.acquire(data, now, name, owner, leaseDuration);
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "L28",
                  "renew checks whether the lease is held, and then writes it even if it was"
                      + " released",
                  new Gap.Broken() {
                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return renewing(
                          session,
                          gap,
                          (there, lease) ->
                              there.filter(it -> it.token() != lease.token()).isEmpty());
                    }
                  })
              .alsoFails("L32")
              .whereCallsMeet(),
          store(
                  "L28",
                  "release answers true, but deletes the lease only if nobody renewed it meanwhile",
                  new Gap.Broken() {
                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return new InMemoryLeaseStore(session) {
                        @Override
                        public boolean release(Lease lease) {
                          Limits.notNull("lease", lease);
                          Optional<Lease> before =
                              session.run((data, now) -> held(data, now, lease));
                          if (before.isEmpty()) {
                            return false;
                          }
                          gap.pass();
                          session.run(
                              (data, now) -> data.leases.remove(lease.name(), before.get()));
                          return true;
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "L30",
                  "release checks whether the lease is held, and then frees the name",
                  new Gap.Broken() {
                    @Override
                    LeaseStore leaseStore(InMemorySession session) {
                      return new InMemoryLeaseStore(session) {
                        @Override
                        public boolean release(Lease lease) {
                          Limits.notNull("lease", lease);
                          if (session.run((data, now) -> held(data, now, lease)).isEmpty()) {
                            return false;
                          }
                          gap.pass();
                          session.run((data, now) -> data.leases.remove(lease.name()));
                          return true;
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q03",
                  "enqueue checks whether the dedup key is free, and then takes it",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public List<Enqueued> enqueue(List<NewJob> jobs) {
                          List<NewJob> batch = Limits.batch("jobs", jobs);
                          if (batch.size() != 1 || isThere(batch.get(0))) {
                            return super.enqueue(batch);
                          }
                          gap.pass();
                          NewJob job = batch.get(0);
                          return session.run(
                              (data, now) -> {
                                data.add(data.newJob(job, now));
                                return List.of(Enqueued.of(job.id(), true));
                              });
                        }

                        private boolean isThere(NewJob job) {
                          String key = job.dedupKey();
                          return session.run(
                              (data, now) ->
                                  data.job(job.queue(), job.id()).isPresent()
                                      || key == null
                                      || data.holderOf(job.queue(), key).isPresent());
                        }
                      };
                    }
                  })
              .alsoFails("Q45", "Q82", "Q88")
              .seen("D02")
              .whereCallsMeet(),
          store(
                  "Q15",
                  "claim checks which jobs are claimable, and then takes them",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public Claim claim(ClaimRequest request) {
                          List<InMemoryJob> fresh =
                              session.run(
                                  (data, now) ->
                                      upForClaim(
                                              data,
                                              now,
                                              Limits.name("request.queue()", request.queue()))
                                          .stream()
                                          .filter(job -> job.hold == null)
                                          .limit(Math.max(request.limit(), 0))
                                          .toList());
                          gap.pass();
                          session.run(
                              (data, now) -> {
                                fresh.forEach(job -> job.hold = null);
                                return fresh;
                              });
                          return super.claim(request);
                        }
                      };
                    }
                  })
              .seen("C03", "C07")
              .alsoFails("Q11", "Q54")
              .whereCallsMeet(),
          store(
                  "Q41",
                  "resetExpired checks which jobs have expired, and then changes and counts them",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Reset resetExpired(String queue, int limit) {
                          Limits.name("queue", queue);
                          Limits.limit(limit);
                          List<InMemoryJob> expired =
                              session.run(
                                  (data, now) ->
                                      some(data, queue, limit, job -> job.isExpired(now)));
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                expired.stream()
                                    .filter(job -> job.hold != null)
                                    .forEach(job -> job.loseHold(now));
                                return Reset.of(expired.size(), List.of());
                              });
                        }
                      };
                    }
                  })
              .alsoFails("Q20", "Q40", "Q42")
              .seen("B02")
              .whereCallsMeet());

  private BrokenRaces() {}

  /** The part of the check that is still made when renew writes. */
  private interface Rest {
    boolean allows(Optional<Lease> there, Lease lease);
  }

  private static LeaseStore renewing(InMemorySession session, Gap gap, Rest rest) {
    return new InMemoryLeaseStore(session) {
      @Override
      public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
        Limits.notNull("lease", lease);
        Limits.lease("leaseDuration", leaseDuration);
        if (session.run((data, now) -> held(data, now, lease)).isEmpty()) {
          return Optional.empty();
        }
        gap.pass();
        return session.run(
            (data, now) -> {
              if (!rest.allows(Optional.ofNullable(data.leases.get(lease.name())), lease)) {
                return Optional.empty();
              }
              var renewed =
                  Lease.of(
                      lease.name(), lease.owner(), lease.token(), expiry(now, leaseDuration), now);
              data.leases.put(lease.name(), renewed);
              return Optional.of(renewed);
            });
      }
    };
  }
}
