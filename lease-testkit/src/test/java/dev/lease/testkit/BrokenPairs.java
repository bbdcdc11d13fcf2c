package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.store;

import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
              .whereCallsMeet());

  private BrokenPairs() {}
}
