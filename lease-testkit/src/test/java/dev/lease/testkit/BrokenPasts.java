package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Stores that mix up a holder and the one before it, or that answer for a part of a batch only. */
final class BrokenPasts {

  private static final int BINDINGS = 500;

  static final List<BrokenStore> ALL =
      List.of(
          queue(
                  "Q13",
                  "a released job goes behind those that are due at the same time",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                          return super.upForClaim(data, now, queue).stream()
                              .sorted(
                                  Comparator.comparingInt(
                                          (InMemoryJob job) -> -job.input.priority())
                                      .thenComparing(InMemoryJob::dueAt)
                                      .thenComparing(job -> job.hold == null && job.token() > 0)
                                      .thenComparingLong(InMemoryJob::place))
                              .toList();
                        }
                      })
              .alsoFails("Q76"),
          job(
              "Q87",
              "a step that is kept again moves to the end",
              (input, place, made) ->
                  new InMemoryJob(input, place, made) {
                    @Override
                    String checkpoint(String step, String value) {
                      String first = checkpoints.remove(step);
                      return super.checkpoint(step, first == null ? value : first);
                    }
                  }),
          data("Q05", "a delete of a finished job frees its dedup key", FreesKeys::new),
          data(
                  "Q45",
                  "a finished job that had the dedup key before is a conflict",
                  KeepsFinishedHolders::new)
              .alsoFails("Q82"),
          data("Q38", "the steps of a deleted job are those of the next one", KeepsSteps::new)
              .alsoFails("Q46"),
          removing(
              "Q38",
              "a delete removes the steps of all jobs of its queue",
              (job, other) -> other.queue().equals(job.queue())),
          removing(
              "Q46",
              "a purge removes the steps of the jobs with that id in all queues",
              (job, other) -> other.id().equals(job.id())),
          queue(
              "Q26",
              "a step that has a value is answered with that of the first job that has the step",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<String> checkpoint(
                        InMemoryData data, JobLease lease, String step, String value) {
                      boolean isThere =
                          held(data, lease)
                              .filter(job -> job.checkpoints.containsKey(step))
                              .isPresent();
                      return isThere
                          ? data.inOrder(lease.queue()).stream()
                              .flatMap(
                                  job -> Optional.ofNullable(job.checkpoints.get(step)).stream())
                              .findFirst()
                          : super.checkpoint(data, lease, step, value);
                    }
                  }),
          queue(
              "Q23",
              "a checkpoint asks whether any job with that id is held under the token",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<String> checkpoint(
                        InMemoryData data, JobLease lease, String step, String value) {
                      return data.inOrder(null).stream()
                          .filter(job -> job.id().equals(lease.jobId()) && job.isHeldBy(lease))
                          .findAny()
                          .flatMap(job -> data.job(lease.queue(), lease.jobId()))
                          .map(job -> job.checkpoint(step, value));
                    }
                  }),
          data(
                  "Q21",
                  "a pause ends when the last job of its queue goes",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        void remove(InMemoryJob job) {
                          super.remove(job);
                          if (jobs(job.queue()).isEmpty()) {
                            pausedQueues.remove(job.queue());
                          }
                        }
                      })
              .alsoFails("Q90"),
          queue(
              "Q13",
              "priority and due time are one number, in which a month outweighs a priority",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return super.upForClaim(data, now, queue).stream()
                          .sorted(Comparator.comparingLong(BrokenPasts::score))
                          .toList();
                    }
                  }),
          queue(
              "Q22",
              "an extension is lost for the leases after the first 500",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Extension> extend(List<JobLease> leases, Duration duration) {
                      List<JobLease> first = leases.subList(0, Math.min(BINDINGS, leases.size()));
                      List<Extension> answers = new ArrayList<>(super.extend(first, duration));
                      answers.addAll(
                          Collections.nCopies(leases.size() - first.size(), Extension.lost()));
                      return answers;
                    }
                  }),
          queue(
              "Q39",
              "a settlement is lost for the leases after the first 500",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Settlement.Result> settle(List<Settlement> settlements) {
                      List<Settlement> first =
                          settlements.subList(0, Math.min(BINDINGS, settlements.size()));
                      List<Settlement.Result> answers = new ArrayList<>(super.settle(first));
                      answers.addAll(
                          Collections.nCopies(
                              settlements.size() - first.size(), Settlement.Result.LOST));
                      return answers;
                    }
                  }),
          queue(
              "Q51",
              "a pause stops queues whose names differ from its own in blanks at the end",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return data.pausedQueues.stream()
                              .anyMatch(
                                  paused -> paused.stripTrailing().equals(queue.stripTrailing()))
                          ? List.of()
                          : super.upForClaim(data, now, queue);
                    }
                  }));

  private BrokenPasts() {}

  /** When a job is removed, the steps of other jobs go too. */
  private static BrokenStore removing(
      String clause, String how, BiPredicate<InMemoryJob, InMemoryJob> alsoOf) {
    return data(
        clause,
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              void remove(InMemoryJob job) {
                super.remove(job);
                inOrder(null).stream()
                    .filter(other -> alsoOf.test(job, other))
                    .forEach(other -> other.checkpoints.clear());
              }
            });
  }

  private static long score(InMemoryJob job) {
    return job.dueAt().getEpochSecond() - job.input.priority() * Duration.ofDays(30).toSeconds();
  }

  /** The index of dedup keys is cleared by whoever had the key at some time. */
  private static final class FreesKeys extends InMemoryData {
    private final Map<String, InMemoryJob> freed = new HashMap<>();

    FreesKeys(InstantSource clock) {
      super(clock);
    }

    @Override
    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
      return super.holderOf(queue, dedupKey)
          .filter(holder -> freed.get(queue + " " + dedupKey) != holder);
    }

    @Override
    void remove(InMemoryJob job) {
      super.remove(job);
      String key = job.dedupKey();
      if (key != null && job.state().isFinished()) {
        super.holderOf(job.queue(), key)
            .ifPresent(holder -> freed.put(job.queue() + " " + key, holder));
      }
    }
  }

  /** Looks for any job with the key if the one that asks is there already. */
  private static final class KeepsFinishedHolders extends InMemoryData {
    KeepsFinishedHolders(InstantSource clock) {
      super(clock);
    }

    @Override
    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
      Optional<InMemoryJob> live = super.holderOf(queue, dedupKey);
      List<InMemoryJob> all =
          jobs(queue).stream()
              .filter(job -> Objects.equals(dedupKey, job.dedupKey()))
              .sorted(Comparator.comparingLong(InMemoryJob::place))
              .toList();
      // With three holders the one in the middle is asked for by a requeue.
      return live.isEmpty() && all.size() > 2 ? Optional.of(all.get(0)) : live;
    }
  }

  private static final class KeepsSteps extends InMemoryData {
    private final Map<String, Map<String, String>> steps = new HashMap<>();

    KeepsSteps(InstantSource clock) {
      super(clock);
    }

    @Override
    void remove(InMemoryJob job) {
      super.remove(job);
      steps.put(job.queue() + " " + job.id(), job.checkpoints);
    }

    @Override
    void add(InMemoryJob job) {
      super.add(job);
      job.checkpoints.putAll(steps.getOrDefault(job.queue() + " " + job.id(), Map.of()));
    }
  }
}
