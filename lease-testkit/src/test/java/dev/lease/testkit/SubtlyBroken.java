package dev.lease.testkit;

import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store with one fault that shows only after several calls.
 *
 * @param model the model that must notice the fault
 */
record SubtlyBroken(ModelKind model, BrokenStore store) {

  static List<SubtlyBroken> all() {
    return List.of(
        jobs(
            BrokenStore.job(
                "Q35",
                "a release does not give the attempt back",
                (input, place, now) ->
                    new InMemoryJob(input, place, now) {
                      @Override
                      void release(Duration delay, Instant at) {
                        attempts++;
                        super.release(delay, at);
                      }
                    })),
        jobs(BrokenStore.job("Q32", "a retry that is the last failure stays RETRY", Endless::new)),
        jobs(
            BrokenStore.job(
                "Q17",
                "a lease lasts one microsecond longer",
                (input, place, now) ->
                    new InMemoryJob(input, place, now) {
                      @Override
                      boolean isExpired(Instant at) {
                        return super.isExpired(at.minusNanos(1_000));
                      }
                    })),
        jobs(
            BrokenStore.job(
                "Q26",
                "the last value of a step wins",
                (input, place, now) ->
                    new InMemoryJob(input, place, now) {
                      @Override
                      String checkpoint(String step, String value) {
                        checkpoints.put(step, value);
                        return value;
                      }
                    })),
        jobs(BrokenStore.queue("Q13", "the order of claims ignores the priority", Unfair::new)),
        jobs(BrokenStore.queue("Q39", "a batch ends at the first that is lost", Hasty::new)),
        operators(
            BrokenStore.data("Q05", "the key of a cancelled job is not freed", KeepsItsKey::new)),
        operators(
            BrokenStore.job(
                "Q45",
                "a requeue loses the checkpoints",
                (input, place, now) ->
                    new InMemoryJob(input, place, now) {
                      @Override
                      void requeue(Instant at) {
                        checkpoints.clear();
                        super.requeue(at);
                      }
                    })),
        operators(
            BrokenStore.queue(
                "Q21", "a store object remembers whether a queue was paused", Remembers::new)),
        keys(
            BrokenStore.limits(
                "Q62",
                "held jobs are counted instead of admitted ones",
                jobs ->
                    new InMemoryLimits(jobs) {
                      @Override
                      int admitted(String key) {
                        return held(key);
                      }
                    })),
        keys(
            BrokenStore.limits(
                "Q66",
                "a job that is put off gives its slot away, also in order",
                jobs ->
                    new InMemoryLimits(jobs) {
                      @Override
                      boolean isInOrder(InMemoryJob job) {
                        return false;
                      }
                    })),
        keys(
            BrokenStore.limits(
                "Q95",
                "a key that is closed starts what has a slot",
                jobs ->
                    new InMemoryLimits(jobs) {
                      @Override
                      void close(String key, Instant until) {}
                    })),
        leases(BrokenStore.leases("L10", "a lease is renewed after its end", Lenient::new)),
        leases(BrokenStore.leases("L09", "a renewal never shortens", NeverShorter::new)),
        new SubtlyBroken(
            ModelKind.LEASES_SET_BACK,
            BrokenStore.data("L05", "the token of a removed name is forgotten", Forgetful::new)),
        new SubtlyBroken(
            ModelKind.ADMIN_SET_BACK,
            BrokenStore.data("Q36", "the token of a removed job is forgotten", Forgetful::new)));
  }

  private static SubtlyBroken jobs(BrokenStore store) {
    return new SubtlyBroken(ModelKind.JOBS, store);
  }

  private static SubtlyBroken operators(BrokenStore store) {
    return new SubtlyBroken(ModelKind.ADMIN, store);
  }

  private static SubtlyBroken keys(BrokenStore store) {
    return new SubtlyBroken(ModelKind.KEYS, store);
  }

  private static SubtlyBroken leases(BrokenStore store) {
    return new SubtlyBroken(ModelKind.LEASES, store);
  }

  @Override
  public String toString() {
    return store.toString();
  }

  private static final class Endless extends InMemoryJob {
    Endless(NewJob input, long place, Instant now) {
      super(input, place, now);
    }

    @Override
    boolean hasFailedTooOften() {
      return false;
    }
  }

  private static final class Unfair extends InMemoryJobQueue {
    Unfair(InMemorySession session) {
      super(session);
    }

    @Override
    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
      return super.upForClaim(data, now, queue).stream()
          .sorted(Comparator.comparing(InMemoryJob::dueAt))
          .toList();
    }
  }

  private static final class Hasty extends InMemoryJobQueue {
    Hasty(InMemorySession session) {
      super(session);
    }

    @Override
    public List<Settlement.Result> settle(List<Settlement> settlements) {
      List<Settlement.Result> answers = new ArrayList<>();
      for (Settlement settlement : settlements) {
        answers.addAll(
            answers.contains(Settlement.Result.LOST)
                ? List.of(Settlement.Result.LOST)
                : super.settle(List.of(settlement)));
      }
      return answers;
    }
  }

  private static final class KeepsItsKey extends InMemoryData {
    KeepsItsKey(InstantSource clock) {
      super(clock);
    }

    @Override
    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
      return jobs(queue).stream()
          .filter(job -> !job.state().isFinished() || job.state() == JobState.CANCELLED)
          .filter(job -> dedupKey.equals(job.dedupKey()))
          .findFirst();
    }
  }

  private static final class Forgetful extends InMemoryData {
    Forgetful(InstantSource clock) {
      super(clock);
    }

    @Override
    void remembered(long removedToken) {}
  }

  private static final class Remembers extends InMemoryJobQueue {
    private final Map<String, Boolean> paused = new ConcurrentHashMap<>();

    Remembers(InMemorySession session) {
      super(session);
    }

    @Override
    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
      return paused.computeIfAbsent(queue, data.pausedQueues::contains)
          ? List.of()
          : super.upForClaim(data, now, queue);
    }
  }

  private static final class Lenient extends InMemoryLeaseStore {
    Lenient(InMemorySession session) {
      super(session);
    }

    @Override
    Optional<Lease> renew(InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
      Lease last = data.leases.get(lease.name());
      if (last != null && last.equals(lease)) {
        data.leases.put(
            lease.name(),
            Lease.of(lease.name(), lease.owner(), lease.token(), expiry(now, leaseDuration), now));
      }
      return super.renew(data, now, lease, leaseDuration);
    }
  }

  private static final class NeverShorter extends InMemoryLeaseStore {
    NeverShorter(InMemorySession session) {
      super(session);
    }

    @Override
    Optional<Lease> renew(InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
      return held(data, now, lease)
          .filter(held -> held.expiresAt().isAfter(expiry(now, leaseDuration)))
          .map(held -> asOf(now, held))
          .or(() -> super.renew(data, now, lease, leaseDuration));
    }
  }
}
