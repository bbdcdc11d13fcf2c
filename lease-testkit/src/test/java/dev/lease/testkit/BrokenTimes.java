package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Micros;
import dev.lease.NameRange;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stores that are wrong after days, months or years, or within a millisecond. */
final class BrokenTimes {

  private static final Duration WEEK = Duration.ofDays(7);

  /** When the last page was read. */
  private static final class Rests {
    private Instant begun = Instant.MIN;

    boolean isOver(InMemorySession session) {
      return session.run((data, now) -> now.isAfter(begun.plus(Duration.ofHours(1))));
    }

    void begin(InMemorySession session) {
      begun = session.run((data, now) -> now);
    }
  }

  static final List<BrokenStore> ALL =
      List.of(
          leases(
              "L33",
              "a page of leases takes as many as its limit, and then leaves the expired ones out",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    List<Lease> list(InMemoryData data, Instant now, NameRange range, int limit) {
                      return data.leases.subMap(range.from(), range.end()).values().stream()
                          .limit(limit)
                          .filter(lease -> isLive(now, lease))
                          .map(lease -> asOf(now, lease))
                          .toList();
                    }
                  }),
          leases(
              "L02",
              "the sweep forgets names that were acquired more than 100 days ago",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    void forgetLongExpired(InMemoryData data, Instant now) {
                      Instant old = now.minus(Duration.ofDays(100));
                      data.leases.values().removeIf(lease -> lease.asOf().isBefore(old));
                      super.forgetLongExpired(data, now);
                    }
                  }),
          leases(
              "L33",
              "a listing that rests for an hour is over",
              session ->
                  new InMemoryLeaseStore(session) {
                    private final Rests rests = new Rests();

                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      boolean isOver = after != null && rests.isOver(session);
                      rests.begin(session);
                      return isOver
                          ? LeasePage.upTo(limit, List.of())
                          : super.list(prefix, after, limit);
                    }
                  }),
          admin(
              "Q90",
              "a list of acts that rests for an hour is over",
              session ->
                  new InMemoryJobAdmin(session) {
                    private final Rests rests = new Rests();

                    @Override
                    public ActionPage actions(ActionQuery query) {
                      boolean isOver = query.after() != null && rests.isOver(session);
                      rests.begin(session);
                      return isOver ? ActionPage.of(List.of(), null) : super.actions(query);
                    }
                  }),
          leases(
              "L08",
              "a lease can be renewed for a week, and no longer",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> renew(
                        InMemoryData data, Instant now, Lease lease, Duration leaseDuration) {
                      return isOld(lease.token(), now)
                          ? Optional.empty()
                          : super.renew(data, now, lease, leaseDuration);
                    }
                  }),
          leases(
              "L33",
              "list leaves out what expires within a second",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    List<Lease> list(InMemoryData data, Instant now, NameRange range, int limit) {
                      return super.list(data, now, range, limit).stream()
                          .filter(lease -> lease.expiresAt().isAfter(now.plusSeconds(1)))
                          .toList();
                    }
                  }),
          leases(
              "L11",
              "tokens are compared by their low 32 bits",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                      return live(data, now, lease.name())
                          .filter(
                              live ->
                                  (int) live.token() == (int) lease.token()
                                      && live.owner().equals(lease.owner()));
                    }
                  }),
          leases(
              "L01",
              "expiries are kept in seconds of 31 bits",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Instant expiry(Instant now, Duration leaseDuration) {
                      Instant last = Instant.ofEpochSecond(Integer.MAX_VALUE);
                      Instant expiry = super.expiry(now, leaseDuration);
                      return expiry.isBefore(last) ? expiry : last;
                    }
                  }),
          job(
              "Q14",
              "a job waits for a year at most",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isUpForClaim(Instant at) {
                      return super.isUpForClaim(at)
                          || (state() == JobState.PENDING
                              && at.isAfter(createdAt.plus(Duration.ofDays(365))));
                    }
                  }),
          job(
                  "Q32",
                  "a retry comes within a week",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void retry(Duration delay, String error, Instant at) {
                          super.retry(atMost(delay), error, at);
                        }
                      })
              .alsoFails("Q34"),
          job(
                  "Q35",
                  "a release comes back within a week",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void release(Duration delay, Instant at) {
                          super.release(atMost(delay), at);
                        }
                      })
              .alsoFails("Q34"),
          job(
              "Q35",
              "the delay of a release is counted in whole milliseconds",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void release(Duration delay, Instant at) {
                      super.release(delay.toMillis() == 0 ? Duration.ZERO : delay, at);
                    }
                  }),
          job(
              "Q17",
              "a lease ends a week after its claim",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isExpired(Instant at) {
                      return super.isExpired(at) || (hold != null && isOld(token, at));
                    }
                  }),
          queue(
              "Q22",
              "a lease can be extended for a week, and no longer",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Extension extend(
                        InMemoryData data, Instant now, JobLease lease, Duration duration) {
                      return isOld(lease.token(), now)
                          ? Extension.lost()
                          : super.extend(data, now, lease, duration);
                    }
                  }),
          queue(
              "Q28",
              "a week after its claim a job is settled no more",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
                      return super.held(data, lease)
                          .filter(
                              job ->
                                  !job.isExpired(data.now()) || !isOld(lease.token(), data.now()));
                    }
                  }),
          job(
              "Q23",
              "tokens are compared by their low 32 bits",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isHeldBy(JobLease lease) {
                      return hold != null && (int) token == (int) lease.token();
                    }
                  }),
          queue(
              "Q02",
              "an id is remembered for a week, however long its job is to be kept",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      data.job(job.queue(), job.id())
                          .filter(it -> it.isFinishedSince(WEEK, now))
                          .ifPresent(data::remove);
                      return super.enqueue(data, now, job);
                    }
                  }),
          job(
              "Q82",
              "a dedup key stays taken for a week at most",
              (input, place, now) -> {
                var made = new InMemoryJob(input, place, now);
                Instant last = now.plus(WEEK);
                if (made.dedupUntil != null && made.dedupUntil.isAfter(last)) {
                  made.dedupUntil = last;
                }
                return made;
              }),
          job(
              "Q81",
              "a deadline in more than a week never passes",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    boolean isOverdue(Instant at) {
                      return super.isOverdue(at)
                          && Objects.requireNonNull(notAfter).isBefore(createdAt.plus(WEEK));
                    }
                  }),
          queue(
              "Q13",
              "due times are compared in steps of 16 microseconds",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                      return super.upForClaim(data, now, queue).stream()
                          .sorted(
                              Comparator.comparingInt((InMemoryJob job) -> -job.input.priority())
                                  .thenComparing(job -> Micros.of(job.dueAt()) / 16)
                                  .thenComparing(InMemoryJob::place))
                          .toList();
                    }
                  }),
          job(
                  "Q20",
                  "a job that crashes too often keeps the error that it had",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        void loseHold(Instant at) {
                          String before = error;
                          super.loseHold(at);
                          error = before == null ? error : before;
                        }
                      })
              .alsoFails("Q81"),
          pauseEnds(),
          admin(
              "Q45",
              "a requeue of a job in a paused queue is refused",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      return data.pausedQueues.contains(job.queue())
                          ? Requeue.NOT_FAILED
                          : super.requeue(data, now, due, job);
                    }
                  }),
          admin(
              "Q46",
              "a purge passes over paused queues",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    int purge(
                        InMemoryData data, String queue, int limit, Predicate<InMemoryJob> isOld) {
                      return data.pausedQueues.contains(queue)
                          ? 0
                          : super.purge(data, queue, limit, isOld);
                    }
                  }),
          admin(
              "Q46",
              "an age of more than 366 days is taken for 366 days",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public int purge(String queue, Duration olderThan, int limit) {
                      Duration most = Duration.ofDays(366);
                      return super.purge(
                          queue,
                          olderThan != null && olderThan.compareTo(most) > 0 ? most : olderThan,
                          limit);
                    }
                  }),
          admin(
              "Q48",
              "counts tell of 100 expired jobs at most",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    QueueCounts counts(InMemoryData data, Instant now, String queue) {
                      QueueCounts counts = super.counts(data, now, queue);
                      return counts.toBuilder().expired(Math.min(100, counts.expired())).build();
                    }
                  }),
          admin(
              "Q48",
              "counts leave out queues whose jobs are all finished",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<QueueCounts> counts(InMemoryData data, Instant now) {
                      return super.counts(data, now).stream()
                          .filter(
                              counts ->
                                  counts.paused()
                                      || data.jobs(counts.queue()).stream()
                                          .anyMatch(job -> !job.state().isFinished()))
                          .toList();
                    }
                  }));

  private BrokenTimes() {}

  /** Whether a token was made more than a week ago. */
  private static boolean isOld(long token, Instant now) {
    return token > 0 && Micros.instant(token).plus(WEEK).isBefore(now);
  }

  private static Duration atMost(Duration delay) {
    return delay.compareTo(WEEK) > 0 ? WEEK : delay;
  }

  private static BrokenStore pauseEnds() {
    return store(
        "Q21",
        "a pause ends after a week",
        new Parts() {
          private final Map<String, Instant> paused = new HashMap<>();

          @Override
          JobAdmin jobAdmin(InMemorySession session) {
            return new InMemoryJobAdmin(session) {
              @Override
              public void pause(String queue) {
                super.pause(queue);
                session.run((data, now) -> paused.put(queue, now));
              }
            };
          }

          @Override
          JobQueue jobQueue(InMemorySession session) {
            return new InMemoryJobQueue(session) {
              @Override
              List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
                if (paused.containsKey(queue) && paused.get(queue).plus(WEEK).isBefore(now)) {
                  data.pausedQueues.remove(queue);
                }
                return super.upForClaim(data, now, queue);
              }
            };
          }
        });
  }
}
