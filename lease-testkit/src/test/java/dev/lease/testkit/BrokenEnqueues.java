package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Capability;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Enqueues that change a job, create it twice, or do not create it. */
final class BrokenEnqueues {

  static final List<BrokenStore> ALL =
      List.of(
          payload(
                  "characters outside the basic plane become question marks",
                  text -> text.replaceAll("[\\x{10000}-\\x{10FFFF}]", "?"))
              .alsoFails("Q84"),
          payload(
                  "a payload is normalised",
                  text -> Normalizer.normalize(text, Normalizer.Form.NFC))
              .seen("J07"),
          payload(
                  "a payload is cut after 65,535 characters",
                  text -> text.length() > 65_535 ? text.substring(0, 65_535) : text)
              .seen("J08", "J09"),
          payload("a carriage return becomes a line feed", text -> text.replace('\r', '\n')),
          payload("an empty payload becomes an empty object", text -> text.isEmpty() ? "{}" : text),
          changed(
              "Q01",
              "headers without a value are dropped",
              job -> {
                Map<String, String> headers = new HashMap<>(job.headers());
                headers.values().removeIf(String::isEmpty);
                return copy(job, job.payload(), headers, job.keep());
              }),
          changed(
                  "Q01",
                  "the keep of a job is forgotten",
                  job -> copy(job, job.payload(), job.headers(), null))
              .alsoFails("Q46", "Q76"),
          queue(
              "Q01",
              "the long payloads of a batch all become that of its last job",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      List<NewJob> batch = Limits.batch("jobs", jobs);
                      String last = batch.isEmpty() ? "" : batch.get(batch.size() - 1).payload();
                      return super.enqueue(
                          batch.stream()
                              .map(
                                  job ->
                                      job.payload().length() > 10_000
                                          ? copy(job, last, job.headers(), job.keep())
                                          : job)
                              .toList());
                    }
                  }),
          store(
              "Q09",
              "a store without keys drops the key of a job, and stores the job",
              new Parts() {
                @Override
                Set<Capability> capabilities() {
                  Set<Capability> others = super.capabilities();
                  others.remove(Capability.KEYS);
                  return others;
                }

                @Override
                JobQueue jobQueue(InMemorySession session) {
                  return new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      return super.enqueue(
                          Limits.batch("jobs", jobs).stream()
                              .map(job -> job.toBuilder().key(null).build())
                              .toList());
                    }
                  };
                }
              }),
          enqueue(
                  "Q02",
                  "an id that is enqueued again replaces the job while it waits",
                  (store, data, now, job) -> {
                    data.job(job.queue(), job.id())
                        .filter(old -> old.state() == JobState.PENDING)
                        .ifPresent(old -> data.add(new InMemoryJob(job, old.place(), now)));
                  })
              .alsoFails("Q04"),
          enqueue(
                  "Q02",
                  "the id of a job that is DONE is free",
                  (store, data, now, job) ->
                      data.job(job.queue(), job.id())
                          .filter(old -> old.state() == JobState.DONE)
                          .ifPresent(data::remove))
              .seen("D01"),
          enqueue(
              "Q02",
              "an enqueue of the id of a FAILED job requeues it",
              (store, data, now, job) ->
                  data.job(job.queue(), job.id())
                      .filter(old -> old.state() == JobState.FAILED)
                      .ifPresent(old -> old.requeue(now))),
          enqueue(
                  "Q02",
                  "the same id with another payload is an error",
                  (store, data, now, job) -> {
                    if (data.job(job.queue(), job.id())
                        .filter(old -> !old.input.payload().equals(job.payload()))
                        .isPresent()) {
                      throw StoreException.notDone("duplicate key", null);
                    }
                  })
              .seen("D10"),
          queue(
                  "Q04",
                  "the jobs of a batch are compared with earlier jobs, but not with each other",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public List<Enqueued> enqueue(List<NewJob> jobs) {
                          List<NewJob> batch = Limits.batch("jobs", jobs);
                          return session.run(
                              (data, now) -> {
                                List<Boolean> existed =
                                    batch.stream()
                                        .map(
                                            job ->
                                                data.job(job.queue(), job.id()).isPresent()
                                                    || (job.dedupKey() != null
                                                        && data.holderOf(
                                                                job.queue(), job.dedupKey())
                                                            .isPresent()))
                                        .toList();
                                List<Enqueued> answers = new ArrayList<>();
                                for (int i = 0; i < batch.size(); i++) {
                                  if (existed.get(i)) {
                                    answers.add(enqueue(data, now, batch.get(i)));
                                  } else {
                                    data.add(data.newJob(batch.get(i), now));
                                    data.wake(batch.get(i).queue());
                                    answers.add(Enqueued.of(batch.get(i).id(), true));
                                  }
                                }
                                return answers;
                              });
                        }
                      })
              .alsoFails("Q09", "Q45", "Q82", "Q88")
              .seen("D07"),
          answers(
                  "the answers for new jobs come before the others",
                  answers ->
                      answers.stream()
                          .sorted(Comparator.comparing(answer -> !answer.created()))
                          .toList())
              .alsoFails("Q02", "Q82")
              .seen("D07"),
          answers(
                  "an existing job is left out of the answers, unless it is the only job of the"
                      + " batch",
                  answers ->
                      answers.size() == 1
                          ? answers
                          : answers.stream().filter(Enqueued::created).toList())
              .seen("D08")
              .alsoFails("Q02", "Q49", "Q82"),
          queue(
                  "Q04",
                  "the answer for a job whose dedup key is taken has its own id",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                          return Enqueued.of(job.id(), super.enqueue(data, now, job).created());
                        }
                      })
              .seen("D08")
              .alsoFails("Q05", "Q06", "Q45", "Q82"),
          holder(
                  "a dedup key stays taken when its job is DONE",
                  job -> !job.state().isFinished() || job.state() == JobState.DONE)
              .alsoFails("Q45", "Q82")
              .seen("D05"),
          holder(
                  "a dedup key stays taken when its job is FAILED",
                  job -> !job.state().isFinished() || job.state() == JobState.FAILED)
              .seen("D05")
              .alsoFails("Q06", "Q40", "Q45", "Q58", "Q89"),
          holder(
                  "a dedup key stays taken when its job is CANCELLED",
                  job -> !job.state().isFinished() || job.state() == JobState.CANCELLED)
              .alsoFails("Q76", "Q81")
              .seen("D05"),
          holder(
                  "a dedup key is free once its job is held",
                  job -> !job.state().isFinished() && job.state() != JobState.PROCESSING)
              .seen("D04"),
          holder(
                  "a dedup key is free while its job waits for a retry",
                  job -> !job.state().isFinished() && job.state() != JobState.RETRY)
              .seen("D06"),
          holder(
              "a dedup key is free once the cancellation of its job was requested",
              job -> !job.state().isFinished() && !job.cancelRequested),
          holder(
                  "a dedup key is free once the last attempt of its job has begun",
                  job -> !job.state().isFinished() && !job.hasCrashedTooOften())
              .seen("D04"),
          data(
                  "Q05",
                  "the dedup key of a job that was deleted while it was held is taken for ever",
                  clock ->
                      new InMemoryData(clock) {
                        private final List<InMemoryJob> ghosts = new ArrayList<>();

                        @Override
                        void remove(InMemoryJob job) {
                          if (job.state() == JobState.PROCESSING) {
                            ghosts.add(job);
                          }
                          super.remove(job);
                        }

                        @Override
                        Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                          return ghosts.stream()
                              .filter(
                                  job ->
                                      job.queue().equals(queue) && dedupKey.equals(job.dedupKey()))
                              .findFirst()
                              .or(() -> super.holderOf(queue, dedupKey));
                        }
                      })
              .seen("A16"),
          job(
                  "Q06",
                  "a retry collides with the job's own dedup key, and fails the job",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant now) {
                          if (dedupKey() == null) {
                            super.retry(delay, error, now);
                          } else {
                            fail("duplicate key", now);
                          }
                        }
                      })
              .seen("D06")
              .alsoFails("Q05"),
          admin(
                  "Q06",
                  "a requeue collides with the job's own dedup key",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        Requeue requeue(
                            InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                          return job.dedupKey() == null
                              ? super.requeue(data, now, due, job)
                              : Requeue.CONFLICT;
                        }
                      })
              .alsoFails("Q45")
              .seen("D06"),
          inBatch("in one batch, an id is compared without its queue", NewJob::id)
              .alsoFails("Q04", "Q09"),
          inBatch(
                  "in one batch, a dedup key is compared without its queue",
                  job -> job.dedupKey() == null ? job : job.dedupKey())
              .alsoFails("Q04", "Q09"),
          queue(
              "Q09",
              "the jobs of a batch that precede a bad one are stored",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      List<Enqueued> answers = new ArrayList<>();
                      for (NewJob job : Limits.notNull("jobs", jobs)) {
                        answers.addAll(super.enqueue(List.of(Limits.notNull("job", job))));
                      }
                      return answers;
                    }
                  }),
          queue(
                  "Q09",
                  "find of an illegal name finds nothing instead of refusing it",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public Optional<Job> find(String queue, String id) {
                          return session.run(
                              (data, now) ->
                                  find(data, now, String.valueOf(queue), String.valueOf(id)));
                        }
                      })
              .seen("J01", "J02"),
          due("a due time in the past becomes now", (due, now) -> due.isBefore(now) ? now : due)
              .alsoFails("Q11", "Q13"),
          due(
                  "a due time of 1970 counts as no due time",
                  (due, now) -> due.equals(Instant.EPOCH) ? now : due)
              .seen("J13"),
          due(
                  "a due time after 2038 becomes one in the past",
                  (due, now) ->
                      Instant.ofEpochSecond((due.getEpochSecond() << 32) >> 32, due.getNano()))
              .seen("J13"));

  private BrokenEnqueues() {}

  private static NewJob copy(
      NewJob job, String payload, Map<String, String> headers, @Nullable Duration keep) {
    return Headers.only(headers, job).toBuilder().payload(payload).keep(keep).build();
  }

  private static BrokenStore changed(String clause, String how, UnaryOperator<NewJob> change) {
    return job(
        clause, how, (input, place, now) -> new InMemoryJob(change.apply(input), place, now));
  }

  private static BrokenStore payload(String how, UnaryOperator<String> change) {
    return changed(
        "Q01", how, job -> copy(job, change.apply(job.payload()), job.headers(), job.keep()));
  }

  private interface BeforeEnqueue {
    void run(InMemoryJobQueue store, InMemoryData data, Instant now, NewJob job);
  }

  private static BrokenStore enqueue(String clause, String how, BeforeEnqueue before) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                before.run(this, data, now, job);
                return super.enqueue(data, now, job);
              }
            });
  }

  private static BrokenStore answers(String how, UnaryOperator<List<Enqueued>> change) {
    return queue(
        "Q04",
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              public List<Enqueued> enqueue(List<NewJob> jobs) {
                return change.apply(super.enqueue(jobs));
              }
            });
  }

  private static BrokenStore holder(String how, Predicate<InMemoryJob> holds) {
    return data(
        "Q05",
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                return jobs(queue).stream()
                    .filter(job -> dedupKey.equals(job.dedupKey()))
                    .filter(holds)
                    .findFirst();
              }
            });
  }

  private static BrokenStore inBatch(String how, Function<NewJob, Object> identity) {
    return queue(
        "Q07",
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              public List<Enqueued> enqueue(List<NewJob> jobs) {
                Map<Object, Enqueued> first = new HashMap<>();
                List<Enqueued> answers = new ArrayList<>();
                for (NewJob job : Limits.batch("jobs", jobs)) {
                  Enqueued before = first.get(identity.apply(job));
                  if (before == null) {
                    answers.addAll(super.enqueue(List.of(job)));
                    first.put(identity.apply(job), answers.get(answers.size() - 1));
                  } else {
                    answers.add(Enqueued.of(before.id(), false));
                  }
                }
                return answers;
              }
            });
  }

  private interface DueTime {
    Instant of(Instant due, Instant now);
  }

  private static BrokenStore due(String how, DueTime change) {
    return job(
        "Q10",
        how,
        (input, place, now) -> {
          var job = new InMemoryJob(input, place, now);
          job.dueAt = change.of(job.dueAt, now);
          return job;
        });
  }
}
