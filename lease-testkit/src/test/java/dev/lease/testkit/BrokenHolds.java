package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Extensions, progress and checkpoints that go wrong. */
final class BrokenHolds {

  static final List<BrokenStore> ALL =
      List.of(
          job(
                  "Q22",
                  "extend adds the duration to the old expiry",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          return hold == null
                              ? super.extend(duration, now)
                              : super.extend(
                                  duration.plus(Duration.between(now, hold.expiresAt())), now);
                        }
                      })
              .alsoFails("Q23"),
          job(
                  "Q22",
                  "extend never shortens: the greater expiry wins",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          JobLease old = hold;
                          return old != null && now.plus(duration).isBefore(old.expiresAt())
                              ? Extension.held(old.expiresAt(), cancelRequested)
                              : super.extend(duration, now);
                        }
                      })
              .alsoFails("Q23"),
          job(
                  "Q22",
                  "an extension lasts a minute or two, whatever was requested",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          Duration most = Duration.ofMinutes(2);
                          return super.extend(duration.compareTo(most) > 0 ? most : duration, now);
                        }
                      })
              .seen("K03"),
          job(
                  "Q22",
                  "an extension counts as an attempt",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          Extension answer = super.extend(duration, now);
                          attempts += answer instanceof Extension.Held ? 1 : 0;
                          return answer;
                        }
                      })
              .alsoFails("Q49"),
          extend(
                  "Q22",
                  "one lost lease makes its whole batch lost",
                  (store, leases, duration, answers) ->
                      answers.contains(Extension.lost())
                          ? answers.stream().<Extension>map(answer -> Extension.lost()).toList()
                          : answers)
              .seen("D07")
              .alsoFails("Q23"),
          extend(
                  "Q22",
                  "lost leases are left out of the answers, unless all are lost",
                  (store, leases, duration, answers) -> {
                    List<Extension> held =
                        answers.stream().filter(Extension.Held.class::isInstance).toList();
                    return held.isEmpty() ? answers : held;
                  })
              .alsoFails("Q23"),
          queue(
              "Q22",
              "only the leases of a batch's first queue are extended",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Extension> extend(List<JobLease> leases, Duration duration) {
                      super.extend(leases, duration);
                      return leases.stream()
                          .map(
                              lease ->
                                  lease.queue().equals(leases.get(0).queue())
                                      ? super.extend(List.of(lease), duration).get(0)
                                      : Extension.lost())
                          .toList();
                    }
                  }),
          queue(
                  "Q22",
                  "all leases of a batch are reported as extended, but only the first one is",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public List<Extension> extend(List<JobLease> leases, Duration duration) {
                          List<JobLease> batch = Limits.batch("leases", leases);
                          Map<InMemoryJob, JobLease> holds = new HashMap<>();
                          session.run(
                              (data, now) -> {
                                batch.stream()
                                    .flatMap(lease -> held(data, lease).stream())
                                    .forEach(
                                        job ->
                                            holds.put(
                                                job, StoreContract.offered("hold", job.hold)));
                                batch.stream()
                                    .limit(1)
                                    .flatMap(lease -> held(data, lease).stream())
                                    .forEach(holds::remove);
                                return holds;
                              });
                          List<Extension> answers = super.extend(batch, duration);
                          holds.forEach((job, hold) -> job.hold = hold);
                          return answers;
                        }
                      })
              .alsoFails("Q23"),
          job(
                  "Q23",
                  "an expired lease can be extended as long as nobody claimed the job",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          Instant end = StoreContract.offered("hold", hold).expiresAt();
                          return super.extend(
                              duration.plus(Duration.between(end, now)), end.minusNanos(1_000));
                        }
                      })
              .seen("A03")
              .alsoFails("Q22"),
          queue(
                  "Q23",
                  "progress needs a held job, but no token",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        boolean progress(InMemoryData data, JobLease lease, Progress progress) {
                          Optional<InMemoryJob> running =
                              data.job(lease.queue(), lease.jobId())
                                  .filter(job -> job.hold != null);
                          running.ifPresent(job -> job.progress(progress));
                          return running.isPresent();
                        }
                      })
              .seen("A18")
              .alsoFails("Q17", "Q37", "Q38", "Q46"),
          queue(
                  "Q23",
                  "checkpoints can be read without a valid lease",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<Map<String, String>> checkpoints(
                            InMemoryData data, JobLease lease) {
                          return data.job(lease.queue(), lease.jobId())
                              .map(job -> new LinkedHashMap<>(job.checkpoints));
                        }
                      })
              .seen("A18")
              .alsoFails("Q17", "Q32", "Q35", "Q37", "Q38", "Q45", "Q46"),
          queue(
              "Q23",
              "token 0 opens a job that was never claimed",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
                      return data.job(lease.queue(), lease.jobId())
                          .filter(
                              job -> job.isHeldBy(lease) || (job.token == 0 && lease.token() == 0));
                    }
                  }),
          queue(
                  "Q23",
                  "after expiry progress is refused",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public boolean progress(JobLease lease, Progress progress) {
                          return !session.run(
                                  (data, now) ->
                                      held(data, lease)
                                          .filter(job -> job.isExpired(now))
                                          .isPresent())
                              && super.progress(lease, progress);
                        }
                      })
              .alsoFails("Q26"),
          queue(
                  "Q23",
                  "after expiry a checkpoint is refused",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public Optional<String> checkpoint(
                            JobLease lease, String step, String value) {
                          return session.run(
                                  (data, now) ->
                                      held(data, lease)
                                          .filter(job -> job.isExpired(now))
                                          .isPresent())
                              ? Optional.empty()
                              : super.checkpoint(lease, step, value);
                        }
                      })
              .alsoFails("Q26"),
          queue(
                  "Q23",
                  "progress of a job that is gone creates a new job with its id",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public boolean progress(JobLease lease, Progress progress) {
                          boolean held = super.progress(lease, progress);
                          if (find(lease.queue(), lease.jobId()).isEmpty()) {
                            enqueue(
                                List.of(
                                    NewJob.builder(lease.queue(), lease.jobId(), "ghost", "")
                                        .build()));
                          }
                          return held;
                        }
                      })
              .seen("A16")
              .alsoFails("Q38"),
          progress(
              "Q24",
              "progress can only increase",
              (job, progress) ->
                  job.progress != null && job.progress.percent() > progress.percent()
                      ? job.progress
                      : progress),
          progress(
              "Q24",
              "progress without a message keeps the previous message",
              (job, progress) ->
                  job.progress != null && progress.message().isEmpty()
                      ? Progress.of(progress.percent(), job.progress.message())
                      : progress),
          progress(
              "Q24",
              "0 percent counts as no progress",
              (job, progress) -> progress.percent() == 0 ? job.progress : progress),
          progress(
                  "Q24",
                  "a progress message is cut after 255 characters",
                  (job, progress) ->
                      progress.message().length() > 255
                          ? Progress.of(progress.percent(), progress.message().substring(0, 255))
                          : progress)
              .seen("J09"),
          job(
                  "Q25",
                  "progress extends the lease by ten seconds",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void progress(Progress progress) {
                          super.progress(progress);
                          JobLease old = StoreContract.offered("hold", hold);
                          Instant end = old.expiresAt().plusSeconds(10);
                          hold = JobLease.of(queue(), id(), old.owner(), token, end);
                        }
                      })
              .alsoFails("Q23"),
          job(
              "Q25",
              "the next claim clears the progress",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    ClaimedJob claim(String worker, long newToken, Duration duration, Instant now) {
                      progress = null;
                      return super.claim(worker, newToken, duration, now);
                    }
                  }),
          job(
                  "Q25",
                  "a retry clears the checkpoints",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant now) {
                          super.retry(delay, error, now);
                          checkpoints.clear();
                        }
                      })
              .alsoFails("Q26", "Q45"),
          job(
                  "Q25",
                  "a release clears the checkpoints",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant now) {
                          super.release(delay, now);
                          checkpoints.clear();
                        }
                      })
              .alsoFails("Q26", "Q87"),
          job(
                  "Q25",
                  "a claim after expiry clears the checkpoints",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void loseHold(Instant now) {
                          super.loseHold(now);
                          checkpoints.clear();
                        }
                      })
              .alsoFails("Q26", "Q40"),
          job(
              "Q26",
              "the last value of a step wins",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    String checkpoint(String step, String value) {
                      checkpoints.put(step, value);
                      return value;
                    }
                  }),
          job(
              "Q26",
              "the first value of a step is kept, but each call is answered with its own value",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    String checkpoint(String step, String value) {
                      super.checkpoint(step, value);
                      return value;
                    }
                  }),
          job(
              "Q26",
              "the second value of a step wins over the first and all others",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private final Set<String> twice = new HashSet<>();

                    @Override
                    String checkpoint(String step, String value) {
                      if (checkpoints.containsKey(step) && twice.add(step)) {
                        checkpoints.put(step, value);
                      }
                      return super.checkpoint(step, value);
                    }
                  }),
          queue(
                  "Q26",
                  "checkpoints come back in order of their steps",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<Map<String, String>> checkpoints(
                            InMemoryData data, JobLease lease) {
                          return super.checkpoints(data, lease).map(TreeMap::new);
                        }
                      })
              .alsoFails("Q51", "Q87"),
          queue(
                  "Q26",
                  "steps are compared without case",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<String> checkpoint(
                            InMemoryData data, JobLease lease, String step, String value) {
                          return super.checkpoint(
                              data, lease, step.toLowerCase(Locale.ROOT), value);
                        }
                      })
              .seen("G08")
              .alsoFails("Q51"),
          queue(
                  "Q26",
                  "jobs with the same id in different queues share their checkpoints",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<String> checkpoint(
                            InMemoryData data, JobLease lease, String step, String value) {
                          Optional<String> kept = super.checkpoint(data, lease, step, value);
                          kept.ifPresent(
                              it ->
                                  data.inOrder(null).stream()
                                      .filter(job -> job.id().equals(lease.jobId()))
                                      .forEach(job -> job.checkpoint(step, it)));
                          return kept;
                        }
                      })
              .alsoFails("Q87"),
          queue(
                  "Q26",
                  "a checkpoint with an empty value is not stored",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<String> checkpoint(
                            InMemoryData data, JobLease lease, String step, String value) {
                          return value.isEmpty()
                              ? Optional.empty()
                              : super.checkpoint(data, lease, step, value);
                        }
                      })
              .alsoFails("Q87"),
          queue(
                  "Q26",
                  "the first checkpoint of a step needs no valid lease",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<String> checkpoint(
                            InMemoryData data, JobLease lease, String step, String value) {
                          return data.job(lease.queue(), lease.jobId())
                              .filter(
                                  job ->
                                      job.state() == JobState.PROCESSING
                                          && !job.checkpoints.containsKey(step))
                              .map(job -> job.checkpoint(step, value))
                              .or(() -> super.checkpoint(data, lease, step, value));
                        }
                      })
              .seen("A18")
              .alsoFails("Q17", "Q23", "Q37", "Q38", "Q46"),
          queue(
                  "Q49",
                  "progress that changes nothing is answered lost",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        boolean progress(InMemoryData data, JobLease lease, Progress progress) {
                          boolean same =
                              held(data, lease)
                                  .filter(job -> progress.equals(job.progress))
                                  .isPresent();
                          return super.progress(data, lease, progress) && !same;
                        }
                      })
              .seen("G06"),
          job(
                  "Q49",
                  "an extension that changes nothing is answered lost",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Extension extend(Duration duration, Instant now) {
                          JobLease before = hold;
                          Extension answer = super.extend(duration, now);
                          return Objects.equals(before, hold) ? Extension.lost() : answer;
                        }
                      })
              .seen("G06")
              .alsoFails("Q17", "Q21", "Q22", "Q38"));

  private BrokenHolds() {}

  private interface ExtendAnswers {
    List<Extension> change(
        InMemoryJobQueue store, List<JobLease> leases, Duration duration, List<Extension> answers);
  }

  private static BrokenStore extend(String clause, String how, ExtendAnswers change) {
    return queue(
        clause,
        how,
        session ->
            new InMemoryJobQueue(session) {
              @Override
              public List<Extension> extend(List<JobLease> leases, Duration duration) {
                return change.change(this, leases, duration, super.extend(leases, duration));
              }
            });
  }

  private interface NextProgress {
    @Nullable Progress of(InMemoryJob job, Progress progress);
  }

  private static BrokenStore progress(String clause, String how, NextProgress change) {
    return job(
        clause,
        how,
        (input, place, now) ->
            new InMemoryJob(input, place, now) {
              @Override
              void progress(Progress progress) {
                this.progress = change.of(this, progress);
              }
            });
  }
}
