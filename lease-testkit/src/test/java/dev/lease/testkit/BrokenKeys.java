package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.admission;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.limits;
import static dev.lease.testkit.BrokenStore.queue;

import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Slots of keys that get lost, count twice, or go to the wrong jobs. */
final class BrokenKeys {

  /** A store that counts the slots in use apart from its jobs, as most do. */
  private static class Counting extends InMemoryLimits {

    /** Slots that no job has, by key; fewer than none if one was freed twice. */
    final Map<String, Integer> leaked = new HashMap<>();

    Counting(Supplier<Collection<InMemoryJob>> jobs) {
      super(jobs);
    }

    void leak(InMemoryJob job, int slots) {
      if (job.jobKey() != null) {
        leaked.merge(job.jobKey(), slots, Integer::sum);
      }
    }

    @Override
    int admitted(String key) {
      return super.admitted(key) + leaked.getOrDefault(key, 0);
    }
  }

  private static class CountingData extends InMemoryData {

    CountingData(InstantSource clock) {
      super(clock);
    }

    @Override
    InMemoryLimits newLimits(String queue) {
      return new Counting(() -> jobs(queue));
    }

    void leak(InMemoryJob job, int slots) {
      ((Counting) limits(job.queue())).leak(job, slots);
    }
  }

  /** What a job of a store that counts does when it ends. */
  private abstract static class CountedJob extends InMemoryJob {

    final CountingData data;

    CountedJob(CountingData data, NewJob input, long place, Instant now) {
      super(input, place, now);
      this.data = data;
    }

    /** Runs a change; if it has finished a job that had a slot, the counter is not told. */
    void forgetful(Runnable change) {
      boolean hadSlot = isAdmitted();
      change.run();
      if (hadSlot && finish != null) {
        data.leak(this, 1);
      }
    }
  }

  private interface CountedJobMaker {
    InMemoryJob make(CountingData data, NewJob input, long place, Instant now);
  }

  private static BrokenStore counted(String clause, String how, CountedJobMaker maker) {
    return data(
        clause,
        how,
        clock ->
            new CountingData(clock) {
              @Override
              InMemoryJob newJob(NewJob input, Instant now) {
                return maker.make(this, input, super.newJob(input, now).place(), now);
              }
            });
  }

  static final List<BrokenStore> ALL =
      List.of(
          limits(
              "Q61",
              "keys that differ in case only share their slots",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    int admitted(String key) {
                      return jobs(
                              SHELF_ORDER,
                              job ->
                                  job.isAdmitted()
                                      && job.jobKey() != null
                                      && job.jobKey()
                                          .toLowerCase(Locale.ROOT)
                                          .equals(key.toLowerCase(Locale.ROOT)))
                          .size();
                    }
                  }),
          job(
              "Q61",
              "a job without a key counts as one with the key of the queue's name",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    {
                      if (input.key() == null) {
                        stand = Stand.WAITING;
                      }
                    }

                    @Override
                    @Nullable String jobKey() {
                      return super.jobKey() == null ? queue() : super.jobKey();
                    }
                  }),
          job(
              "Q61",
              "a job forgets its key when it is claimed",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    Job asOf(Instant time) {
                      return hold == null
                          ? super.asOf(time)
                          : super.asOf(time).toBuilder().key(null).build();
                    }
                  }),
          data(
                  "Q62",
                  "the slot of a job is free when its lease has expired",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        InMemoryLimits newLimits(String queue) {
                          return new InMemoryLimits(() -> jobs(queue)) {
                            @Override
                            int admitted(String key) {
                              Instant now = now();
                              return jobs(
                                      SHELF_ORDER,
                                      job ->
                                          job.hasKey(key)
                                              && job.isAdmitted()
                                              && !job.isExpired(now))
                                  .size();
                            }
                          };
                        }
                      })
              .seen("#735"),
          limits(
              "Q62",
              "held jobs are counted instead of admitted ones",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    int admitted(String key) {
                      return held(key);
                    }
                  }),
          limits(
                  "Q62",
                  "jobs are admitted by their rank among those that wait, whoever is held",
                  jobs ->
                      new InMemoryLimits(jobs) {
                        @Override
                        int admit(Collection<String> keys, Instant now, int most) {
                          for (String key : keys) {
                            List<InMemoryJob> waiting = waiting(key, now);
                            waiting
                                .subList(0, Math.min(slots(key), waiting.size()))
                                .forEach(job -> job.admit(now, now));
                          }
                          return super.admit(List.of(), now, most);
                        }
                      })
              .seen("#4778"),
          queue(
              "Q62",
              "the jobs of a batch do not count each other",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      return session.run(
                          (data, now) -> {
                            Set<String> free = new HashSet<>();
                            for (NewJob job : jobs) {
                              if (job.key() != null
                                  && data.limits(job.queue()).admitted(job.key())
                                      < data.limits(job.queue()).slots(job.key())) {
                                free.add(job.key());
                              }
                            }
                            List<Enqueued> answers = super.enqueue(jobs);
                            for (NewJob job : jobs) {
                              InMemoryJob made = data.job(job.queue(), job.id()).orElse(null);
                              if (made != null
                                  && free.contains(job.key())
                                  && made.isDue(now)
                                  && !made.isAdmitted()) {
                                made.admit(now, now);
                              }
                            }
                            return answers;
                          });
                    }
                  }),
          admin(
              "Q62",
              "a requeued job is admitted past the limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      if (answer == Requeue.REQUEUED && job.isDue(now)) {
                        job.open();
                      }
                      return answer;
                    }
                  }),
          admin(
              "Q62",
              "jobs that a filter requeues are admitted past the limit",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece requeue(
                        JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                      JobPiece piece = super.requeue(filter, how, after, limit);
                      return session.run(
                          (data, now) -> {
                            data.inOrder(filter.queue()).stream()
                                .filter(job -> job.state() == JobState.PENDING && job.isDue(now))
                                .forEach(InMemoryJob::open);
                            return piece;
                          });
                    }
                  }),
          new BrokenStore(
                  "Q63",
                  "a settlement that is sent again frees a second slot",
                  new Parts() {
                    @Override
                    InMemoryData data(InstantSource clock) {
                      return new CountingData(clock);
                    }

                    @Override
                    JobQueue jobQueue(InMemorySession session) {
                      return new InMemoryJobQueue(session) {
                        @Override
                        Settlement.Result settle(
                            InMemoryData data, Instant now, Settlement settlement) {
                          Settlement.Result result = super.settle(data, now, settlement);
                          if (result == Settlement.Result.LOST) {
                            data.job(settlement.lease().queue(), settlement.lease().jobId())
                                .ifPresent(job -> ((CountingData) data).leak(job, -1));
                          }
                          return result;
                        }
                      };
                    }
                  },
                  Set.of(),
                  Set.of(),
                  false)
              .seen("#761"),
          counted(
                  "Q63",
                  "a cancellation does not free the slot",
                  (data, input, place, now) ->
                      new CountedJob(data, input, place, now) {
                        @Override
                        void cancel(Instant time) {
                          forgetful(() -> super.cancel(time));
                        }
                      })
              .seen("#3929"),
          counted(
              "Q63",
              "a job that fails for good does not free its slot",
              (data, input, place, now) ->
                  new CountedJob(data, input, place, now) {
                    @Override
                    void fail(String error, Instant time) {
                      forgetful(() -> super.fail(error, time));
                    }
                  }),
          counted(
              "Q63",
              "a job whose last failure it was does not free its slot",
              (data, input, place, now) ->
                  new CountedJob(data, input, place, now) {
                    @Override
                    void retry(Duration delay, String error, Instant time) {
                      forgetful(() -> super.retry(delay, error, time));
                    }
                  }),
          counted(
                  "Q63",
                  "a job that has crashed too often does not free its slot",
                  (data, input, place, now) ->
                      new CountedJob(data, input, place, now) {
                        @Override
                        void loseHold(Instant time) {
                          forgetful(() -> super.loseHold(time));
                        }
                      })
              .seen("#3929"),
          counted(
              "Q69",
              "a job whose deadline has passed does not free its slot",
              (data, input, place, now) ->
                  new CountedJob(data, input, place, now) {
                    @Override
                    void missDeadline(Instant time) {
                      forgetful(() -> super.missDeadline(time));
                    }
                  }),
          data(
                  "Q63",
                  "a delete does not free the slot",
                  clock ->
                      new CountingData(clock) {
                        @Override
                        void remove(InMemoryJob job) {
                          if (job.isAdmitted() && !job.state().isFinished()) {
                            leak(job, 1);
                          }
                          super.remove(job);
                        }
                      })
              .seen("#3929"),
          data(
              "Q63",
              "a delete of a job that has finished frees a slot",
              clock ->
                  new CountingData(clock) {
                    @Override
                    void remove(InMemoryJob job) {
                      if (job.state().isFinished()) {
                        leak(job, -1);
                      }
                      super.remove(job);
                    }
                  }),
          job(
              "Q63",
              "a job that is put off keeps its slot",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void putOff(boolean keepsSlot) {
                      super.putOff((finish == null && hold == null && attempts > 0) || keepsSlot);
                    }
                  }),
          queue(
              "Q63",
              "a job that is handed back without a delay loses its slot to the next one",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      Optional<InMemoryJob> held = held(data, settlement.lease());
                      Settlement.Result result = super.settle(data, now, settlement);
                      held.filter(job -> job.state() == JobState.PENDING && job.jobKey() != null)
                          .ifPresent(
                              job -> {
                                List<InMemoryJob> waiting =
                                    data.limits(job.queue())
                                        .waiting(Objects.requireNonNull(job.jobKey()), now);
                                if (!waiting.isEmpty()) {
                                  job.giveBackSlot();
                                  waiting.get(0).admit(now, now);
                                }
                              });
                      return result;
                    }
                  }),
          limits(
              "Q64",
              "a job that is not due takes a slot",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    List<InMemoryJob> waiting(String key, Instant now) {
                      return jobs(SHELF_ORDER, job -> job.hasKey(key) && !job.isAdmitted());
                    }
                  }),
          limits(
                  "Q64",
                  "the last job of a key closes it, and the enqueue does not look",
                  jobs ->
                      new InMemoryLimits(jobs) {
                        private final Set<String> used = new HashSet<>();

                        @Override
                        List<InMemoryJob> waiting(String key, Instant now) {
                          List<InMemoryJob> waiting = super.waiting(key, now);
                          if (!waiting.isEmpty()
                              && admitted(key) == 0
                              && of(key) != null
                              && !used.add(key)
                              && waiting.stream().allMatch(job -> job.createdAt.equals(now))) {
                            return List.of();
                          }
                          return waiting;
                        }
                      })
              .seen("#689"),
          limits(
              "Q65",
              "within a key the order is that of enqueueing",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    List<InMemoryJob> waiting(String key, Instant now) {
                      return super.waiting(key, now).stream()
                          .sorted(Comparator.comparingLong(InMemoryJob::place))
                          .toList();
                    }
                  }),
          limits(
              "Q65",
              "within a key the last one enqueued comes first",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    List<InMemoryJob> waiting(String key, Instant now) {
                      return super.waiting(key, now).stream()
                          .sorted(Comparator.comparingLong(job -> -job.place()))
                          .toList();
                    }
                  }),
          job(
              "Q65",
              "an admitted job stands in the queue by its due time, before all other keys",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void admit(Instant start, Instant time) {
                      super.admit(start, time);
                      if (!start.isAfter(time)) {
                        giveBackSlot();
                        stand = Stand.ADMITTED;
                      }
                    }
                  }),
          limits(
              "Q66",
              "in order, a job that is put off gives its slot away",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    boolean isInOrder(InMemoryJob job) {
                      return false;
                    }
                  }),
          limits(
              "Q67",
              "a rate is forgotten when no job of its key is left",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    Instant start(String key, Instant now) {
                      return admitted(key) == 0 ? now : super.start(key, now);
                    }
                  }),
          limits(
              "Q67",
              "a burst starts again in each period",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    Instant start(String key, Instant now) {
                      Instant start = super.start(key, now);
                      KeyLimit limit = of(key);
                      return limit != null && limit.rate() != null && limit.rate().burst() > 0
                          ? now
                          : start;
                    }
                  }),
          queue(
              "Q67",
              "each attempt counts as a start",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    Settlement.Result settle(
                        InMemoryData data, Instant now, Settlement settlement) {
                      Optional<InMemoryJob> held = held(data, settlement.lease());
                      Settlement.Result result = super.settle(data, now, settlement);
                      held.filter(
                              job ->
                                  !job.state().isFinished()
                                      && job.jobKey() != null
                                      && job.isAdmitted())
                          .ifPresent(
                              job ->
                                  job.startNotBefore(
                                      data.limits(job.queue())
                                          .start(Objects.requireNonNull(job.jobKey()), now)));
                      return result;
                    }
                  }),
          limits(
              "Q68",
              "the limit of every key goes before that of a key",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    @Nullable KeyLimit of(String key) {
                      return everyKey != null ? everyKey : super.of(key);
                    }
                  }),
          admission(
              "Q68",
              "a limit that is removed stays",
              session ->
                  new InMemoryAdmission(session) {
                    @Override
                    public void limit(
                        String queue, @Nullable String key, @Nullable KeyLimit limit) {
                      if (limit != null) {
                        super.limit(queue, key, limit);
                      } else {
                        super.keys(queue, null, 1);
                      }
                    }
                  }),
          admission(
              "Q68",
              "apply does not stop at its limit",
              session ->
                  new InMemoryAdmission(session) {
                    @Override
                    int apply(InMemoryData data, Instant now, String queue, int limit) {
                      return super.apply(data, now, queue, Limits.MAX_BATCH);
                    }
                  }),
          limits(
              "Q68",
              "apply takes the slots of the first jobs",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    List<InMemoryJob> lastFree(List<InMemoryJob> jobs, int slots, int most) {
                      int count = super.lastFree(jobs, slots, most).size();
                      return jobs.stream().filter(job -> job.hold == null).limit(count).toList();
                    }
                  }),
          limits(
              "Q68",
              "apply takes the slots of held jobs too, whose leases are lost",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    List<InMemoryJob> lastFree(List<InMemoryJob> jobs, int slots, int most) {
                      int surplus = Math.max(0, Math.min(jobs.size() - slots, most));
                      List<InMemoryJob> last = jobs.subList(jobs.size() - surplus, jobs.size());
                      last.forEach(job -> job.hold = null);
                      return last;
                    }
                  }),
          admission(
              "Q68",
              "the first page of keys is all",
              session ->
                  new InMemoryAdmission(session) {
                    @Override
                    KeyPage keys(
                        InMemoryData data,
                        Instant now,
                        String queue,
                        @Nullable String after,
                        int limit) {
                      KeyPage page = super.keys(data, now, queue, after, limit);
                      return KeyPage.of(page.keys(), null)
                          .withLimits(page.limit(), page.queueSlots());
                    }
                  }),
          admission(
              "Q68",
              "keys tells no held jobs apart from those that wait in a slot",
              session ->
                  new InMemoryAdmission(session) {
                    @Override
                    KeyPage keys(
                        InMemoryData data,
                        Instant now,
                        String queue,
                        @Nullable String after,
                        int limit) {
                      KeyPage page = super.keys(data, now, queue, after, limit);
                      List<KeyState> keys =
                          page.keys().stream()
                              .map(
                                  state ->
                                      KeyState.builder(state.key())
                                          .limit(state.limit())
                                          .admitted(state.admitted())
                                          .held(state.admitted())
                                          .heldBack(state.heldBack())
                                          .nextStart(state.nextStart())
                                          .build())
                              .toList();
                      return KeyPage.of(keys, page.next())
                          .withLimits(page.limit(), page.queueSlots());
                    }
                  }),
          data(
              "Q69",
              "a dedup key is free while its job is held back",
              clock ->
                  new InMemoryData(clock) {
                    @Override
                    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                      return super.holderOf(queue, dedupKey).filter(InMemoryJob::isAdmitted);
                    }
                  }),
          job(
                  "Q69",
                  "no read says that a job is held back",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        Job asOf(Instant time) {
                          return super.asOf(time).toBuilder().heldBack(false).build();
                        }
                      })
              .alsoFails("Q62", "Q63", "Q64", "Q65", "Q68"),
          admin(
              "Q69",
              "a filter by key goes by its beginning",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    boolean matches(JobFilter filter, Job job) {
                      boolean begins =
                          filter.key() != null
                              && job.key() != null
                              && !job.key().startsWith(filter.key());
                      return begins || filter.matches(job);
                    }
                  }),
          limits(
              "Q94",
              "jobs of each key have the slots of the queue for themselves",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    int open(Instant now, int most) {
                      Integer slots = queueSlots;
                      queueSlots = null;
                      int changed = super.open(now, most);
                      queueSlots = slots;
                      return changed;
                    }
                  }),
          limits(
              "Q94",
              "only held jobs count against the limit of the queue",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    int opened() {
                      return jobs(SHELF_ORDER, job -> job.jobKey() != null && job.hold != null)
                          .size();
                    }
                  }),
          limits(
              "Q94",
              "a job that is put off keeps the slot of the queue",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    int opened() {
                      return jobs(
                              SHELF_ORDER,
                              job ->
                                  job.jobKey() != null
                                      && (job.isOpen() || (job.isAdmitted() && job.attempts > 0)))
                          .size();
                    }
                  }),
          job(
              "Q95",
              "a key that is closed lets the jobs go that have slots",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void startNotBefore(Instant until) {}
                  }),
          limits(
              "Q95",
              "a key that is closed takes jobs in that come later",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    void close(String key, Instant until) {
                      super.close(key, until);
                      super.close(key, Instant.EPOCH);
                    }
                  }),
          limits(
              "Q95",
              "closing a key goes by its longest close",
              jobs ->
                  new InMemoryLimits(jobs) {
                    private final Map<String, Instant> longest = new HashMap<>();

                    @Override
                    void close(String key, Instant until) {
                      super.close(
                          key,
                          longest.merge(
                              key, until, (one, other) -> one.isAfter(other) ? one : other));
                    }
                  }),
          limits(
              "Q95",
              "closing a key takes the leases of its held jobs",
              jobs ->
                  new InMemoryLimits(jobs) {
                    @Override
                    void close(String key, Instant until) {
                      jobs(SHELF_ORDER, job -> job.hasKey(key)).forEach(job -> job.hold = null);
                      super.close(key, until);
                    }
                  }));

  private BrokenKeys() {}
}
