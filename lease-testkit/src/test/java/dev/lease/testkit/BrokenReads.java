package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.session;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads that are wrong or that write, names that are mixed up, hints that do harm, and a close that
 * closes nothing.
 */
final class BrokenReads {

  static final List<BrokenStore> ALL =
      List.of(
          queue(
              "Q55",
              "a hint that is given for a paused queue wakes nobody",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public void hint(String queue) {
                      if (!session.run((data, now) -> data.pausedQueues.contains(queue))) {
                        super.hint(queue);
                      }
                    }
                  }),
          admin(
              "Q48",
              "a list begins anew an hour after its last page",
              session ->
                  new InMemoryJobAdmin(session) {
                    private Instant last = Instant.EPOCH;

                    @Override
                    JobPage list(
                        InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                      boolean isLate = after != null && now.isAfter(last.plusSeconds(3_600));
                      last = now;
                      return super.list(data, now, query, isLate ? null : after);
                    }
                  }),
          admin(
              "Q48",
              "a list begins anew if the job at its cursor is gone",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    JobPage list(
                        InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                      boolean isThere =
                          data.inOrder(null).stream()
                              .anyMatch(job -> Place.of(job, query.order()).equals(after));
                      return super.list(data, now, query, isThere ? after : null);
                    }
                  }),
          admin(
              "Q48",
              "counts tell of an expiry a unit too late",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    QueueCounts counts(InMemoryData data, Instant now, String queue) {
                      QueueCounts counts = super.counts(data, now, queue);
                      return counts.toBuilder()
                          .expired(super.counts(data, now.minusNanos(1_000), queue).expired())
                          .build();
                    }
                  }),
          counts(
              "the counts leave out jobs that wait for a retry",
              (data, now, counts) ->
                  counted(
                      counts,
                      without(counts.jobs(), JobState.RETRY),
                      counts.expired(),
                      counts.oldestDue())),
          counts(
              "the counts leave out jobs whose lease has expired",
              (data, now, counts) ->
                  counts.expired() == 0
                      ? counts
                      : counted(
                          counts,
                          without(counts.jobs(), JobState.PROCESSING),
                          counts.expired(),
                          counts.oldestDue())),
          counts(
              "all held jobs are counted as expired",
              (data, now, counts) ->
                  counted(
                      counts,
                      counts.jobs(),
                      counts.count(JobState.PROCESSING),
                      counts.oldestDue())),
          counts(
              "the oldest due time may lie in the future",
              (data, now, counts) ->
                  counted(
                      counts,
                      counts.jobs(),
                      counts.expired(),
                      data.jobs(counts.queue()).stream()
                          .filter(job -> job.finish == null && job.hold == null)
                          .map(InMemoryJob::dueAt)
                          .min(Comparator.naturalOrder())
                          .orElse(counts.oldestDue()))),
          admin(
              "Q48",
              "a queue without jobs is left out of the counts, though it is paused",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<QueueCounts> counts(InMemoryData data, Instant now) {
                      return super.counts(data, now).stream()
                          .filter(counts -> !data.jobs(counts.queue()).isEmpty())
                          .toList();
                    }
                  }),
          admin(
              "Q48",
              "the counts are in the order of Java's chars",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<QueueCounts> counts(InMemoryData data, Instant now) {
                      return super.counts(data, now).stream()
                          .sorted(Comparator.comparing(QueueCounts::queue))
                          .toList();
                    }
                  }),
          admin(
                  "Q48",
                  "each page begins with the last job of the previous page",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        JobPage list(
                            InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                          return super.list(
                              data,
                              now,
                              query,
                              after == null
                                  ? null
                                  : new Place(after.finished(), after.number() - 1));
                        }
                      })
              .alsoFails("Q58", "Q84", "Q86"),
          admin(
                  "Q48",
                  "one job is left out between two pages",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        JobPage list(
                            InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                          return super.list(
                              data,
                              now,
                              query,
                              after == null
                                  ? null
                                  : new Place(after.finished(), after.number() + 1));
                        }
                      })
              .alsoFails("Q58", "Q84", "Q85", "Q86", "Q91", "Q92"),
          admin(
                  "Q48",
                  "a list by type and state gives jobs that match only one of both",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        boolean matches(JobFilter filter, Job job) {
                          boolean two = filter.type() != null && !filter.states().isEmpty();
                          return super.matches(filter, job)
                              || (two && job.type().equals(filter.type()));
                        }
                      })
              .alsoFails("Q86"),
          admin(
                  "Q48",
                  "a list leaves out the headers",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        JobPage list(
                            InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                          JobPage page = super.list(data, now, query, after);
                          return JobPage.of(
                              page.jobs().stream().map(BrokenReads::withoutHeaders).toList(),
                              page.next(),
                              page.examined());
                        }
                      })
              .alsoFails("Q84"),
          counts(
              "a job that a claim finished after its deadline still counts as in RETRY",
              (data, now, counts) -> {
                long wrong =
                    data.jobs(counts.queue()).stream()
                        .filter(job -> job.state() == JobState.CANCELLED && job.failures > 0)
                        .filter(job -> "deadline passed".equals(job.error))
                        .count();
                Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
                jobs.putAll(counts.jobs());
                if (wrong > 0) {
                  jobs.merge(JobState.RETRY, wrong, Long::sum);
                }
                return counts.toBuilder().jobs(jobs).build();
              }),
          admin(
              "Q48",
              "a list of held jobs resets the expired ones",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    JobPage list(
                        InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                      if (query.filter().states().contains(JobState.PROCESSING)) {
                        data.inOrder(null).stream()
                            .filter(job -> job.isExpired(now))
                            .forEach(job -> job.loseHold(now));
                      }
                      return super.list(data, now, query, after);
                    }
                  }),
          queue(
                  "Q48",
                  "find resets an expired job",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Optional<Job> find(
                            InMemoryData data, Instant now, String queue, String id) {
                          data.job(queue, id)
                              .filter(job -> job.isExpired(now))
                              .ifPresent(job -> job.loseHold(now));
                          return super.find(data, now, queue, id);
                        }
                      })
              .alsoFails("Q38", "Q40"),
          ids("ids are compared without case", id -> id.toLowerCase(Locale.ROOT)).seen("G08"),
          ids("ids are compared without trailing spaces", String::stripTrailing).seen("G08"),
          // Only these two: among thousands of random ids others may have the same hash by chance.
          ids("ids are compared by their hash", id -> id.replace("BB", "Aa")).seen("A13"),
          ids("ids are cut after 191 bytes", id -> id.substring(0, Math.min(191, id.length())))
              .seen("J09"),
          data(
                  "Q51",
                  "dedup keys are compared without case",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                          return jobs(queue).stream()
                              .filter(
                                  job ->
                                      !job.state().isFinished()
                                          && dedupKey.equalsIgnoreCase(job.dedupKey()))
                              .findFirst();
                        }
                      })
              .seen("G08"),
          queue(
                  "Q51",
                  "the owner of a job loses its leading and trailing spaces",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
                          return super.claim(
                              data,
                              now,
                              ClaimRequest.of(
                                  request.queue(),
                                  request.owner().strip(),
                                  request.limit(),
                                  request.leaseDuration()));
                        }
                      })
              .alsoFails("Q11"),
          session(
              "Q54",
              "a closed backend goes on working",
              data ->
                  new InMemorySession(data) {
                    @Override
                    void close() {}
                  }),
          session(
              "Q54",
              "closing a backend gives back the jobs that are held",
              data ->
                  new InMemorySession(data) {
                    @Override
                    void close() {
                      run(
                          (all, now) -> {
                            all.inOrder(null).stream()
                                .filter(job -> job.hold != null)
                                .forEach(job -> job.release(Duration.ZERO, now));
                            return all;
                          });
                      super.close();
                    }
                  }),
          queue(
                  "Q54",
                  "after close a claim answers that there are no jobs",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        public Claim claim(ClaimRequest request) {
                          try {
                            return super.claim(request);
                          } catch (IllegalStateException e) {
                            return Claim.empty();
                          }
                        }
                      })
              .seen("F12"),
          queue(
                  "Q55",
                  "a hint that throws makes the enqueue fail",
                  session ->
                      new InMemoryJobQueue(session) {
                        private final Map<String, Runnable> failing = new ConcurrentHashMap<>();

                        @Override
                        public Subscription onWork(String queue, Runnable hint) {
                          Subscription subscription = super.onWork(queue, hint);
                          failing.put(queue, hint);
                          return () -> {
                            subscription.close();
                            failing.remove(queue, hint);
                          };
                        }

                        @Override
                        Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                          failing.getOrDefault(job.queue(), () -> {}).run();
                          return super.enqueue(data, now, job);
                        }
                      })
              .seen("E18"),
          queue(
              "Q55",
              "closing a subscription twice throws",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription subscription = super.onWork(queue, hint);
                      List<Subscription> open = new ArrayList<>(List.of(subscription));
                      return () -> open.remove(0).close();
                    }
                  }),
          store(
              "Q55",
              "a store that declares to lack hints gives them late, after its next settlements",
              new Parts() {
                @Override
                Set<Capability> capabilities() {
                  Set<Capability> capabilities = super.capabilities();
                  capabilities.remove(Capability.HINTS);
                  capabilities.remove(Capability.HINTS_FROM_OTHERS);
                  return capabilities;
                }

                @Override
                JobQueue jobQueue(InMemorySession session) {
                  return new InMemoryJobQueue(session) {
                    private final List<Runnable> hints = new CopyOnWriteArrayList<>();
                    private int settlements;

                    @Override
                    public Subscription onWork(String queue, Runnable hint) {
                      Subscription subscription = super.onWork(queue, () -> {});
                      hints.add(hint);
                      return subscription;
                    }

                    @Override
                    public List<Settlement.Result> settle(List<Settlement> batch) {
                      if (++settlements > 50) {
                        hints.forEach(Runnable::run);
                      }
                      return super.settle(batch);
                    }
                  };
                }
              }));

  private BrokenReads() {}

  private static Map<JobState, Long> without(Map<JobState, Long> jobs, JobState state) {
    Map<JobState, Long> rest = new EnumMap<>(JobState.class);
    rest.putAll(jobs);
    rest.remove(state);
    return rest;
  }

  private static QueueCounts counted(
      QueueCounts counts, Map<JobState, Long> jobs, long expired, @Nullable Instant oldestDue) {
    return counts.toBuilder().jobs(jobs).expired(expired).oldestDue(oldestDue).build();
  }

  private interface Count {
    QueueCounts of(InMemoryData data, Instant now, QueueCounts counts);
  }

  private static BrokenStore counts(String how, Count change) {
    return admin(
        "Q48",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              QueueCounts counts(InMemoryData data, Instant now, String queue) {
                return change.of(data, now, super.counts(data, now, queue));
              }
            });
  }

  private static BrokenStore ids(String how, UnaryOperator<String> fold) {
    return data(
        "Q51",
        how,
        clock ->
            new InMemoryData(clock) {
              @Override
              Optional<InMemoryJob> job(String queue, String id) {
                return super.job(queue, id)
                    .or(
                        () ->
                            jobs(queue).stream()
                                .filter(job -> fold.apply(job.id()).equals(fold.apply(id)))
                                .findFirst());
              }
            });
  }

  private static Job withoutHeaders(Job job) {
    return job.toBuilder().headers(Map.of()).build();
  }
}
