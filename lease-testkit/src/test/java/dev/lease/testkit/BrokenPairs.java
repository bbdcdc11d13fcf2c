package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Stores that look at a job first, and then write what the look has told them. */
final class BrokenPairs {

  static final List<BrokenStore> ALL =
      List.of(
          store(
                  "Q59",
                  "a checkpoint looks whether the step has a value, and then writes its own",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public Optional<String> checkpoint(
                            JobLease lease, String step, String value) {
                          Limits.name("step", step);
                          Limits.text("checkpoint", value);
                          Optional<Map<String, String>> known = checkpoints(lease);
                          if (known.isEmpty()) {
                            return Optional.empty();
                          }
                          if (known.get().containsKey(step)) {
                            return Optional.of(known.get().get(step));
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                data.job(lease.queue(), lease.jobId())
                                    .ifPresent(job -> job.checkpoints.put(step, value));
                                return Optional.of(value);
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q62",
                  "an enqueue counts the slots that are free, and then takes one",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public List<Enqueued> enqueue(List<NewJob> jobs) {
                          List<NewJob> batch = Limits.batch("jobs", jobs);
                          boolean isFree =
                              session.run((data, now) -> batch.stream().anyMatch(hasSlot(data)));
                          List<Enqueued> answers = super.enqueue(batch);
                          if (isFree) {
                            gap.pass();
                            session.run((data, now) -> admitAll(data, batch, now));
                          }
                          return answers;
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q59",
                  "a cancel looks whether the job waits, and then finishes it",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Cancellation cancel(String queue, String id) {
                          Limits.name("queue", queue);
                          Limits.name("job id", id);
                          boolean waits =
                              session.run(
                                  (data, now) ->
                                      data.job(queue, id)
                                          .filter(
                                              job ->
                                                  !job.state().isFinished()
                                                      && job.state() != JobState.PROCESSING)
                                          .isPresent());
                          if (!waits) {
                            return super.cancel(queue, id);
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                data.job(queue, id).ifPresent(job -> job.cancel(now));
                                return Cancellation.CANCELLED;
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q59",
                  "a purge selects what is old, and then deletes it",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public int purge(String queue, Duration olderThan, int limit) {
                          Limits.name("queue", queue);
                          Limits.delay("olderThan", olderThan);
                          Limits.limit(limit);
                          List<InMemoryJob> old =
                              session.run(
                                  (data, now) ->
                                      some(
                                          data,
                                          queue,
                                          limit,
                                          job -> job.isFinishedSince(olderThan, now)));
                          if (old.isEmpty()) {
                            return 0;
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                old.forEach(data::remove);
                                return old.size();
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q59",
                  "progress reads the job, and then writes all of it back",
                  new Gap.Broken() {
                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        public boolean progress(JobLease lease, Progress progress) {
                          Limits.notNull("lease", lease);
                          Limits.notNull("progress", progress);
                          Optional<Boolean> read =
                              session.run(
                                  (data, now) -> held(data, lease).map(job -> job.cancelRequested));
                          if (read.isEmpty()) {
                            return false;
                          }
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                Optional<InMemoryJob> held = held(data, lease);
                                held.ifPresent(
                                    job -> {
                                      job.progress(progress);
                                      job.cancelRequested = read.get();
                                    });
                                return held.isPresent();
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q59",
                  "a change reads the job, and then writes all of its fields back",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Change change(String queue, String id, JobChange change) {
                          Limits.name("queue", queue);
                          Limits.name("job id", id);
                          Limits.notNull("change", change);
                          Optional<NewJob> read = look(session, queue, id);
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                if (read.isPresent() && isWaiting(data, queue, id)) {
                                  data.job(queue, id).orElseThrow().input = read.get();
                                }
                                return super.change(queue, id, change);
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q59",
                  "a change looks whether the job waits, and then writes its payload",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public Change change(String queue, String id, JobChange change) {
                          Limits.name("queue", queue);
                          Limits.name("job id", id);
                          Limits.notNull("change", change);
                          boolean waits =
                              change.payload() != null && look(session, queue, id).isPresent();
                          gap.pass();
                          return session.run(
                              (data, now) -> {
                                Optional<InMemoryJob> job = data.job(queue, id);
                                if (waits && job.isPresent() && !isWaiting(data, queue, id)) {
                                  job.get().change(change, now);
                                  return Change.CHANGED;
                                }
                                return super.change(queue, id, change);
                              });
                        }
                      };
                    }
                  })
              .whereCallsMeet(),
          store(
                  "Q21",
                  "a pause reads which queues are paused, and then writes them all",
                  new Gap.Broken() {
                    @Override
                    JobAdmin jobAdmin(InMemorySession session) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        public void pause(String queue) {
                          Set<String> paused =
                              session.run((data, now) -> new TreeSet<>(data.pausedQueues));
                          gap.pass();
                          session.run(
                              (data, now) -> {
                                data.pausedQueues.clear();
                                return data.pausedQueues.addAll(paused);
                              });
                          super.pause(queue);
                        }
                      };
                    }
                  })
              .whereCallsMeet());

  /** What the job is made of, if it waits. */
  private static Optional<NewJob> look(InMemorySession session, String queue, String id) {
    return session.run(
        (data, now) ->
            isWaiting(data, queue, id)
                ? data.job(queue, id).map(job -> job.input)
                : Optional.empty());
  }

  private static boolean isWaiting(InMemoryData data, String queue, String id) {
    return data.job(queue, id)
        .filter(job -> !job.state().isFinished() && job.state() != JobState.PROCESSING)
        .isPresent();
  }

  private BrokenPairs() {}

  private static Predicate<NewJob> hasSlot(InMemoryData data) {
    return job -> {
      InMemoryLimits limits = data.limits(job.queue());
      String key = job.key();
      KeyLimit limit = key == null ? null : limits.of(key);
      return key != null && limit != null && limits.admitted(key) < limit.slots();
    };
  }

  private static List<NewJob> admitAll(InMemoryData data, List<NewJob> batch, Instant now) {
    for (NewJob job : batch) {
      data.job(job.queue(), job.id())
          .filter(it -> it.stand == InMemoryJob.Stand.WAITING && it.isDue(now))
          .ifPresent(
              it -> {
                it.admit(now, now);
                it.open();
              });
    }
    return batch;
  }
}
