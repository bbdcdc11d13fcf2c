package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.session;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPiece;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Reset;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreClosedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Stores that throw as they should, after they have changed something. */
final class BrokenRefusals {

  static final List<BrokenStore> ALL =
      List.of(
          session("L26", "a call of a closed object is made, and then throws", Closed::new),
          session(
              "Q54", "a call for jobs of a closed object is made, and then throws", Closed::new),
          leases(
              "L18",
              "an acquire grants the name, and then refuses its duration",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> acquire(String name, String owner, Duration duration) {
                      if (duration != null && duration.isNegative()) {
                        super.acquire(name, owner, Limits.MIN_LEASE.multipliedBy(60_000));
                      }
                      return super.acquire(name, owner, duration);
                    }
                  }),
          leases(
              "L32",
              "an acquire grants the name, and then refuses its note",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> acquire(
                        String name, String owner, Duration duration, String note) {
                      Optional<Lease> lease = super.acquire(name, owner, duration);
                      Limits.note(note);
                      return lease.map(it -> session.run((data, now) -> noted(data, it, note)));
                    }
                  }),
          queue(
              "Q09",
              "an enqueue stores the jobs before one that it refuses",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      before(jobs).forEach(job -> super.enqueue(List.of(job)));
                      return super.enqueue(jobs);
                    }
                  }),
          queue(
              "Q11",
              "settleAndClaim settles, and then refuses the claim",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public SettledAndClaimed settleAndClaim(
                        List<Settlement> settlements, ClaimRequest request) {
                      List<Settlement.Result> settled = settle(settlements);
                      return SettledAndClaimed.of(settled, claim(request));
                    }
                  }),
          queue(
              "Q22",
              "an extension extends the leases before one that it refuses",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Extension> extend(List<JobLease> leases, Duration duration) {
                      before(leases).forEach(lease -> super.extend(List.of(lease), duration));
                      return super.extend(leases, duration);
                    }
                  }),
          queue(
              "Q24",
              "progress of nothing clears the progress, and then throws",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public boolean progress(JobLease lease, @Nullable Progress progress) {
                      if (progress == null) {
                        session.run(
                            (data, now) -> {
                              held(data, lease).ifPresent(job -> job.progress = null);
                              return lease;
                            });
                      }
                      return super.progress(lease, Limits.notNull("progress", progress));
                    }
                  }),
          queue(
              "Q26",
              "a checkpoint keeps the step, and then refuses its value",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public Optional<String> checkpoint(JobLease lease, String step, String value) {
                      if (value != null && value.indexOf(0) >= 0) {
                        super.checkpoint(lease, step, "");
                      }
                      return super.checkpoint(lease, step, value);
                    }
                  }),
          queue(
              "Q39",
              "a batch of too many settlements is made, and then refused",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Settlement.Result> settle(List<Settlement> settlements) {
                      if (settlements != null && settlements.size() > Limits.MAX_BATCH) {
                        super.settle(settlements.subList(0, 1));
                      }
                      return super.settle(settlements);
                    }
                  }),
          queue(
              "Q55",
              "a closed object takes subscriptions",
              session ->
                  new InMemoryJobQueue(session) {
                    private final WorkHints hints = session.hints();

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Limits.name("queue", queue);
                      Limits.notNull("hint", hint);
                      return hints.add(queue, hint);
                    }
                  }),
          admin(
              "Q40",
              "a reset resets one job, and then refuses its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public Reset resetExpired(String queue, int limit) {
                      if (limit < 0) {
                        super.resetExpired(queue, 1);
                      }
                      return super.resetExpired(queue, limit);
                    }
                  }),
          admin(
              "Q46",
              "a purge of too many removes as many as it may, and then refuses its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, Duration olderThan, int limit) {
                      if (limit > Limits.MAX_BATCH) {
                        super.purge(queue, olderThan, Limits.MAX_BATCH);
                      }
                      return super.purge(queue, olderThan, limit);
                    }
                  }),
          admin(
              "Q46",
              "a purge by retention removes a job, and then refuses its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, int limit) {
                      if (limit < 0) {
                        super.purge(queue, 1);
                      }
                      return super.purge(queue, limit);
                    }
                  }),
          admin(
              "Q58",
              "a delete by a filter deletes a first job, and then refuses its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      if (limit < 0 && filter != null) {
                        super.delete(filter, after, 1);
                      }
                      return super.delete(filter, after, limit);
                    }
                  }),
          admin(
              "Q90",
              "a purge of records removes them, and then refuses its limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purgeActions(String queue, Duration olderThan, int limit) {
                      if (limit < 0) {
                        super.purgeActions(queue, olderThan, 1);
                      }
                      return super.purgeActions(queue, olderThan, limit);
                    }
                  }));

  private BrokenRefusals() {}

  /** The elements before one that is null; none if there is no such one. */
  private static <T> List<T> before(@Nullable List<T> list) {
    for (int i = 0; list != null && i < list.size(); i++) {
      if (list.get(i) == null) {
        return list.subList(0, i);
      }
    }
    return List.of();
  }

  private static final class Closed extends InMemorySession {
    private final InMemoryData data;

    Closed(InMemoryData data) {
      super(data);
      this.data = data;
    }

    @Override
    <T> T run(BiFunction<InMemoryData, Instant, T> operation) {
      try {
        return super.run(operation);
      } catch (StoreClosedException e) {
        synchronized (data) {
          T unused = operation.apply(data, data.now());
        }
        throw e;
      }
    }
  }
}
