package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Dedup keys that stay taken too long, not long enough, or for the wrong jobs. */
final class BrokenKeptKeys {

  static final List<BrokenStore> ALL =
      List.of(
          admin(
              "Q82",
              "a requeue begins the time of the dedup key anew",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      if (answer == Requeue.REQUEUED && job.input.dedupFor() != null) {
                        job.dedupUntil = Due.after(job.input.dedupFor()).from(now);
                        data.keepKey(job);
                      }
                      return answer;
                    }
                  }),
          data(
                  "Q82",
                  "the time for a dedup key is forgotten when its job has finished",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        void keepKey(InMemoryJob job) {}
                      })
              .alsoFails("Q45", "Q88"),
          data(
                  "Q82",
                  "a dedup key that is kept for a time is kept for ever",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        Optional<String> keeperOf(String queue, String dedupKey, Instant now) {
                          return super.keeperOf(queue, dedupKey, Instant.EPOCH);
                        }

                        @Override
                        void freeKeys(String queue) {}
                      })
              .alsoFails("Q45"),
          data(
                  "Q82",
                  "a dedup key stays taken although its job was deleted",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        void freeKey(String queue, String id) {}
                      })
              .alsoFails("Q88"),
          data(
              "Q82",
              "a dedup key whose time is over is taken again once its job's id is",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    Optional<String> keeperOf(String queue, String dedupKey, Instant now) {
                      return super.keeperOf(queue, dedupKey, Instant.EPOCH)
                          .filter(
                              id -> keepsKey(queue, id, now) || isAnothers(queue, id, dedupKey));
                    }

                    private boolean isAnothers(String queue, String id, String dedupKey) {
                      return job(queue, id)
                          .filter(job -> !dedupKey.equals(job.dedupKey()))
                          .isPresent();
                    }

                    @Override
                    void freeKeys(String queue) {}
                  }),
          data(
                  "Q82",
                  "a dedup key goes with its job when a purge removes that",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        void remove(InMemoryJob job) {
                          super.remove(job);
                          freeKey(job.queue(), job.id());
                        }
                      })
              .alsoFails("Q88"),
          data(
              "Q82",
              "the time for a dedup key begins when the job finishes",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    InMemoryJob newJob(NewJob input, Instant now) {
                      return new InMemoryJob(input, super.newJob(input, now).place(), now) {
                        @Override
                        void done(@Nullable String result, Instant at) {
                          super.done(result, at);
                          if (input.dedupFor() != null) {
                            dedupUntil = at.plus(input.dedupFor());
                            keepKey(this);
                          }
                        }
                      };
                    }
                  }),
          data(
              "Q82",
              "at the end of its time a dedup key is still taken",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    Optional<String> keeperOf(String queue, String dedupKey, Instant now) {
                      return super.keeperOf(queue, dedupKey, now.minus(Duration.ofNanos(1_000)));
                    }
                  }),
          queue(
              "Q82",
              "only a job with a time for its key respects the time of another",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      if (job.dedupFor() == null) {
                        freeKeyOf(data, job, now);
                      }
                      return super.enqueue(data, now, job);
                    }
                  }),
          queue(
              "Q82",
              "each process remembers on its own which dedup keys stay taken",
              session ->
                  new InMemoryJobQueue(session) {
                    private final Set<String> made = new HashSet<>();

                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      if (keeperOf(data, job, now).filter(made::contains).isEmpty()) {
                        freeKeyOf(data, job, now);
                      }
                      made.add(job.id());
                      return super.enqueue(data, now, job);
                    }
                  }),
          admin(
              "Q45",
              "a requeue takes a dedup key that stays taken for another job",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      freeKeyOf(data, job.input, now);
                      return super.requeue(data, now, due, job);
                    }
                  }));

  private static Optional<String> keeperOf(InMemoryData data, NewJob job, Instant now) {
    return job.dedupKey() == null
        ? Optional.empty()
        : data.keeperOf(job.queue(), job.dedupKey(), now);
  }

  private static void freeKeyOf(InMemoryData data, NewJob job, Instant now) {
    keeperOf(data, job, now).ifPresent(id -> data.freeKey(job.queue(), id));
  }

  private BrokenKeptKeys() {}
}
