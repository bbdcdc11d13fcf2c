package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Stores that are right about each thing alone, and mix two of them up. */
final class BrokenMixtures {

  static final List<BrokenStore> ALL =
      List.of(
          data("L05", "the floor is the token of the name that was removed last", LastRemoved::new),
          data("Q36", "the floor is the token of the job that was removed last", LastRemoved::new)
              .alsoFails("Q38"),
          leases(
              "L13",
              "a store object that was refused does not ask again before that expiry",
              session ->
                  new InMemoryLeaseStore(session) {
                    private final Map<String, Instant> refused = new HashMap<>();

                    @Override
                    Optional<Lease> acquire(
                        InMemoryData data, Instant now, String name, String owner, Duration term) {
                      if (now.isBefore(refused.getOrDefault(name, Instant.MIN))) {
                        return Optional.empty();
                      }
                      Optional<Lease> granted = super.acquire(data, now, name, owner, term);
                      live(data, now, name).ifPresent(it -> refused.put(name, it.expiresAt()));
                      granted.ifPresent(it -> refused.remove(name));
                      return granted;
                    }
                  }),
          leases(
                  "L13",
                  "a store object that found a lease finds it until its expiry",
                  session ->
                      new InMemoryLeaseStore(session) {
                        private final Map<String, Lease> found = new HashMap<>();

                        @Override
                        Optional<Lease> find(InMemoryData data, Instant now, String name) {
                          Lease known = found.get(name);
                          if (known != null && isLive(now, known)) {
                            return Optional.of(asOf(now, known));
                          }
                          Optional<Lease> lease = super.find(data, now, name);
                          lease.ifPresent(it -> found.put(name, it));
                          return lease;
                        }
                      })
              .alsoFails("L20", "L32"),
          notedInASecondStep(
              "a renewal writes its note in a second step, by the name alone",
              (gap, session) ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> renew(Lease lease, Duration term, String note) {
                      Limits.note(note);
                      return renew(lease, term).map(it -> notedLater(gap, this, it, note));
                    }
                  }),
          notedInASecondStep(
              "a grant gets its note in a second step",
              (gap, session) ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> acquire(
                        String name, String owner, Duration term, String note) {
                      Limits.note(note);
                      return acquire(name, owner, term).map(it -> notedLater(gap, this, it, note));
                    }
                  }),
          queue(
              "Q13",
              "of one priority, expired jobs come before those that wait",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return super.upForClaim(data, now, queue).stream()
                          .sorted(
                              Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
                                  .thenComparing(job -> !job.isExpired(now)))
                          .toList();
                    }
                  }),
          job(
              "Q20",
              "only crashes in a row count",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private int before;

                    @Override
                    void retry(Duration delay, String error, Instant at) {
                      super.retry(delay, error, at);
                      before = attempts - failures;
                    }

                    @Override
                    void requeue(Instant due) {
                      super.requeue(due);
                      before = 0;
                    }

                    @Override
                    int crashes() {
                      return super.crashes() - before;
                    }
                  }),
          job(
              "Q32",
              "only failures in a row count",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private int before;

                    @Override
                    void loseHold(Instant at) {
                      super.loseHold(at);
                      before = failures;
                    }

                    @Override
                    void requeue(Instant due) {
                      super.requeue(due);
                      before = 0;
                    }

                    @Override
                    boolean hasFailedTooOften() {
                      return input.maxFailures() != null
                          && failures - before >= input.maxFailures();
                    }
                  }),
          queue(
                  "Q22",
                  "the answers to a batch of extensions are kept by the ids of the jobs",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public List<Extension> extend(List<JobLease> leases, Duration term) {
                          return byId(leases, super.extend(leases, term), JobLease::jobId);
                        }
                      })
              .alsoFails("Q23"),
          queue(
                  "Q39",
                  "the answers to a batch of settlements are kept by the ids of the jobs",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public List<Settlement.Result> settle(List<Settlement> settlements) {
                          return byId(
                              settlements,
                              super.settle(settlements),
                              settlement -> settlement.lease().jobId());
                        }
                      })
              .alsoFails("Q30"),
          data(
              "Q51",
              "the key of a step is its job's id, a colon and its name",
              clock ->
                  new InMemoryData(clock) {
                    private final Map<List<String>, String> steps = new HashMap<>();

                    @Override
                    InMemoryJob newJob(NewJob input, Instant now) {
                      return new InMemoryJob(input, super.newJob(input, now).place(), now) {
                        @Override
                        String checkpoint(String step, String value) {
                          return super.checkpoint(
                              step, steps.computeIfAbsent(key(this, step), first -> value));
                        }
                      };
                    }

                    @Override
                    void remove(InMemoryJob job) {
                      super.remove(job);
                      job.checkpoints.keySet().forEach(step -> steps.remove(key(job, step)));
                    }

                    private List<String> key(InMemoryJob job, String step) {
                      return List.of(job.queue(), job.id() + ":" + step);
                    }
                  }),
          data(
              "Q51",
              "dedup keys are looked up by the queue, a colon and the key",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                      String key = queue + ":" + dedupKey;
                      return inOrder(null).stream()
                          .filter(
                              job ->
                                  !job.state().isFinished()
                                      && key.equals(job.queue() + ":" + job.dedupKey()))
                          .findFirst();
                    }
                  }),
          queue(
              "Q55",
              "a second close ends another subscription with the same hint",
              session ->
                  new InMemoryJobQueue(session) {
                    private final Map<Runnable, Deque<Subscription>> open =
                        new ConcurrentHashMap<>();

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription made = super.onWork(queue, hint);
                      Deque<Subscription> same =
                          open.computeIfAbsent(hint, first -> new ArrayDeque<>());
                      same.add(made);
                      return () -> Optional.ofNullable(same.poll()).ifPresent(Subscription::close);
                    }
                  }),
          job(
              "Q82",
              "the time for which a dedup key stays taken begins when the job is due",
              (input, place, now) -> {
                var made = new InMemoryJob(input, place, now);
                Duration dedupFor = input.dedupFor();
                made.dedupUntil = dedupFor == null ? null : made.dueAt.plus(dedupFor);
                return made;
              }));

  private BrokenMixtures() {}

  private static class LastRemoved extends InMemoryData {
    private long floor;

    LastRemoved(InstantSource clock) {
      super(clock);
    }

    @Override
    void remembered(long removedToken) {
      floor = removedToken;
    }

    @Override
    long nextToken(long previous, Instant now) {
      return super.nextToken(Math.max(previous, floor), now);
    }
  }

  private interface NotedMaker {
    LeaseStore make(Gap gap, InMemorySession session);
  }

  private static BrokenStore notedInASecondStep(String how, NotedMaker broken) {
    return store(
            "L30",
            how,
            new Gap.Broken() {
              @Override
              LeaseStore leaseStore(InMemorySession session) {
                return broken.make(gap, session);
              }
            })
        .whereCallsMeet();
  }

  private static Lease notedLater(Gap gap, InMemoryLeaseStore store, Lease lease, String note) {
    gap.pass();
    store.session.run(
        (data, now) ->
            Optional.ofNullable(data.leases.get(lease.name()))
                .map(it -> store.noted(data, it, note)));
    return lease.withNote(note);
  }

  /** What a caller gets who puts the answers into a map, and takes them out in the old order. */
  private static <T, A> List<A> byId(List<T> batch, List<A> answers, Function<T, String> id) {
    Map<String, A> byId = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      byId.put(id.apply(batch.get(i)), answers.get(i));
    }
    return batch.stream().map(each -> byId.get(id.apply(each))).toList();
  }
}
