package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.data;
import static dev.lease.testkit.BrokenStore.job;
import static dev.lease.testkit.BrokenStore.leases;
import static dev.lease.testkit.BrokenStore.queue;
import static dev.lease.testkit.BrokenStore.store;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobFilter.Condition;
import dev.lease.JobLease;
import dev.lease.JobPiece;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import dev.lease.NameRange;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.QueueCounts;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepValue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stores that are wrong in a way that is seldom taken: in another call for the same, in another
 * state, in a second life, or for texts and times that are nearly alike.
 */
final class BrokenWays {

  static final List<BrokenStore> ALL =
      List.of(
          job(
              "Q57",
              "the number of a failed attempt counts the failed attempts of the job",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    int failed;

                    @Override
                    void attemptFailed(String error, Instant at) {
                      super.attemptFailed(error, at);
                      failed++;
                      FailedAttempt last = failedAttempts.removeLast();
                      failedAttempts.add(
                          FailedAttempt.builder(failed, last.owner(), last.token(), last.at())
                              .claimedAt(last.claimedAt())
                              .error(last.error())
                              .build());
                    }
                  }),
          job(
              "Q57",
              "the error of a failed attempt is cut at 2,000 bytes",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void attemptFailed(String error, Instant at) {
                      super.attemptFailed(inBytes(error, 2_000), at);
                    }
                  }),
          store(
              "Q57",
              "a delete by a filter leaves the failed attempts to the next job of that id",
              new Parts() {
                @Override
                InMemoryData data(InstantSource clock) {
                  return new KeepsAttempts(clock);
                }

                @Override
                JobAdmin jobAdmin(InMemorySession session) {
                  return new InMemoryJobAdmin(session) {
                    boolean byFilter;

                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      return session.run(
                          (data, now) -> {
                            byFilter = true;
                            try {
                              return super.delete(filter, after, limit);
                            } finally {
                              byFilter = false;
                            }
                          });
                    }

                    @Override
                    boolean delete(InMemoryData data, String queue, String id) {
                      List<FailedAttempt> left =
                          byFilter ? failedAttempts(data, queue, id) : List.of();
                      ((KeepsAttempts) data).attempts.put(List.of(queue, id), left);
                      return super.delete(data, queue, id);
                    }
                  };
                }
              }),
          job(
              "Q14",
              "a due time that is changed to a delay with nanoseconds is rounded down",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    void change(JobChange change, Instant at) {
                      super.change(change, at);
                      if (change.due() instanceof Due.After after) {
                        dueAt = at.plus(after.delay()).truncatedTo(ChronoUnit.MICROS);
                      }
                    }
                  }),
          admin(
              "Q87",
              "each step tells the time at which its job was enqueued",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<StepValue> steps(InMemoryData data, String queue, String id) {
                      return super.steps(data, queue, id).stream()
                          .map(
                              step ->
                                  StepValue.of(
                                      step.name(),
                                      step.value(),
                                      data.job(queue, id).orElseThrow().createdAt))
                          .toList();
                    }
                  }),
          store(
              "Q87",
              "a step that is kept again tells the later time",
              new Parts() {
                @Override
                InMemoryData data(InstantSource clock) {
                  return new KeepsTimesOfSteps(clock);
                }

                @Override
                JobQueue jobQueue(InMemorySession session) {
                  return new InMemoryJobQueue(session) {
                    @Override
                    Optional<String> checkpoint(
                        InMemoryData data, JobLease lease, String step, String value) {
                      held(data, lease)
                          .ifPresent(job -> ((TimesSteps) job).keptAt.put(step, data.now()));
                      return super.checkpoint(data, lease, step, value);
                    }
                  };
                }

                @Override
                JobAdmin jobAdmin(InMemorySession session) {
                  return new InMemoryJobAdmin(session) {
                    @Override
                    List<StepValue> steps(InMemoryData data, String queue, String id) {
                      return super.steps(data, queue, id).stream()
                          .map(
                              step ->
                                  StepValue.of(
                                      step.name(),
                                      step.value(),
                                      ((TimesSteps) data.job(queue, id).orElseThrow())
                                          .keptAt.get(step.name())))
                          .toList();
                    }
                  };
                }
              }),
          admin(
              "Q88",
              "what a record says of the filter is cut at 255 characters",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    ActionPage actions(
                        InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
                      ActionPage page = super.actions(data, query, lastPlace);
                      return ActionPage.of(
                          page.actions().stream()
                              .map(
                                  it ->
                                      OperatorAction.builder(
                                              it.at(), it.operator(), it.kind(), it.queue())
                                          .id(it.id())
                                          .changed(it.changed())
                                          .what(
                                              it.what()
                                                  .substring(0, Math.min(255, it.what().length())))
                                          .build())
                              .toList(),
                          page.next());
                    }
                  }),
          admin(
              "Q88",
              "a view of a view records its acts under the first operator",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobAdmin by(Operator operator) {
                      return new Recording(session, Limits.notNull("operator", operator)) {
                        @Override
                        public JobAdmin by(Operator other) {
                          Limits.notNull("operator", other);
                          return this;
                        }
                      };
                    }
                  }),
          admin(
              "Q92",
              "a delete over all queues changes as many jobs as its limit in each queue",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      if (Limits.notNull("filter", filter).queue() != null) {
                        return super.delete(filter, after, limit);
                      }
                      return session.run(
                          (data, now) -> {
                            int changed = 0;
                            boolean more = false;
                            for (String queue : List.copyOf(data.queueNames())) {
                              JobPiece piece = super.delete(filter.inQueue(queue), null, limit);
                              changed += piece.changed();
                              more |= piece.next() != null;
                            }
                            return JobPiece.of(changed, more ? "0:-1" : null);
                          });
                    }
                  }),
          job(
              "Q93",
              "the failed attempt that a claim meets has the token of the new claim",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Override
                    ClaimedJob claim(String worker, long newToken, Duration duration, Instant at) {
                      FailedAttempt last = failedAttempts.peekLast();
                      if (last != null
                          && Limits.LEASE_EXPIRED.equals(last.error())
                          && last.at().equals(at)
                          && last.token() == token) {
                        failedAttempts.removeLast();
                        failedAttempts.add(
                            FailedAttempt.builder(last.attempt(), last.owner(), newToken, at)
                                .claimedAt(last.claimedAt())
                                .error(last.error())
                                .build());
                      }
                      return super.claim(worker, newToken, duration, at);
                    }
                  }),
          job(
              "Q93",
              "a failed attempt says that its claim was when its lease was last extended",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    @Nullable Instant extendedAt;

                    @Override
                    ClaimedJob claim(String worker, long newToken, Duration duration, Instant at) {
                      extendedAt = null;
                      return super.claim(worker, newToken, duration, at);
                    }

                    @Override
                    Extension extend(Duration duration, Instant at) {
                      Extension answer = super.extend(duration, at);
                      extendedAt = answer instanceof Extension.Held ? at : extendedAt;
                      return answer;
                    }

                    @Override
                    void attemptFailed(String error, Instant at) {
                      super.attemptFailed(error, at);
                      if (extendedAt != null) {
                        FailedAttempt last = failedAttempts.removeLast();
                        failedAttempts.add(
                            FailedAttempt.builder(
                                    last.attempt(), last.owner(), last.token(), last.at())
                                .claimedAt(extendedAt)
                                .error(last.error())
                                .build());
                      }
                    }
                  }),
          admin(
              "Q45",
              "a requeue does not see that a held job has the dedup key",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      String key = job.dedupKey();
                      if (answer == Requeue.CONFLICT
                          && key != null
                          && data.holderOf(job.queue(), key)
                              .filter(other -> other.hold != null)
                              .isPresent()) {
                        job.requeue(due);
                        return Requeue.REQUEUED;
                      }
                      return answer;
                    }
                  }),
          job(
              "Q56",
              "a requeue gives the job the priority and the payload with which it was enqueued",
              (given, place, now) ->
                  new InMemoryJob(given, place, now) {
                    @Override
                    void requeue(Instant due) {
                      super.requeue(due);
                      input =
                          input.toBuilder()
                              .priority(given.priority())
                              .payload(given.payload())
                              .build();
                    }
                  }),
          admin(
              "Q48",
              "counts leave out of the expired jobs those that crashed too often",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    QueueCounts counts(InMemoryData data, Instant now, String queue) {
                      return super.counts(data, now, queue).toBuilder()
                          .expired(
                              data.jobs(queue).stream()
                                  .filter(job -> job.isExpired(now) && !job.hasCrashedTooOften())
                                  .count())
                          .build();
                    }
                  }),
          admin(
              "Q58",
              "a delete takes the beginning of an id as a pattern, with % and _",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      return new InMemoryJobAdmin(session) {
                        @Override
                        boolean matches(JobFilter filter, Job job) {
                          String prefix = filter.idPrefix();
                          return BrokenFilters.without(filter, Condition.ID_PREFIX).matches(job)
                              && (prefix == null || isLike(job.id(), prefix));
                        }
                      }.delete(filter, after, limit);
                    }
                  }),
          queue(
                  "Q23",
                  "done under the last token finishes a job that was requeued and waits",
                  session ->
                      new InMemoryJobQueue(session) {
                        @Override
                        Settlement.Result settle(
                            InMemoryData data, Instant now, Settlement settlement) {
                          Optional<InMemoryJob> waiting =
                              data.job(settlement.lease().queue(), settlement.lease().jobId())
                                  .filter(
                                      job ->
                                          job.state() == JobState.PENDING
                                              // It failed and was requeued.
                                              && !job.failedAttempts.isEmpty()
                                              && job.token() == settlement.lease().token());
                          if (waiting.isPresent() && settlement instanceof Settlement.Done done) {
                            waiting.get().done(done.result(), now);
                            return Settlement.Result.ACCEPTED;
                          }
                          return super.settle(data, now, settlement);
                        }
                      })
              .alsoFails("Q45"),
          data(
                  "Q05",
                  "a job that missed its deadline keeps its dedup key",
                  clock ->
                      new InMemoryData(clock) {
                        @Override
                        InMemoryJob newJob(NewJob input, Instant now) {
                          return new TellsOfAMissedStart(
                              input, super.newJob(input, now).place(), now);
                        }

                        @Override
                        Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
                          return jobs(queue).stream()
                              .filter(
                                  job ->
                                      !job.state().isFinished()
                                          || ((TellsOfAMissedStart) job).missed)
                              .filter(job -> dedupKey.equals(job.dedupKey()))
                              .findFirst();
                        }
                      })
              .alsoFails("Q81"),
          queue(
              "Q21",
              "settleAndClaim of a paused queue settles nothing",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public SettledAndClaimed settleAndClaim(
                        List<Settlement> settlements, ClaimRequest request) {
                      Limits.notNull("request", request);
                      List<Settlement> batch = Limits.batch("settlements", settlements);
                      return session.run(
                          (data, now) ->
                              data.pausedQueues.contains(request.queue())
                                  ? SettledAndClaimed.of(
                                      batch.stream().map(it -> Settlement.Result.LOST).toList(),
                                      Claim.empty())
                                  : super.settleAndClaim(settlements, request));
                    }
                  }),
          leases(
              "L12",
              "the first 64 characters of owners are compared",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    Optional<Lease> held(InMemoryData data, Instant now, Lease lease) {
                      return live(data, now, lease.name())
                          .filter(
                              live ->
                                  live.token() == lease.token()
                                      && sameBeginning(live.owner(), lease.owner()));
                    }
                  }),
          leases(
              "L33",
              "a page after a name that comes before the prefix begins at that name",
              session ->
                  new InMemoryLeaseStore(session) {
                    @Override
                    public LeasePage list(String prefix, @Nullable String after, int limit) {
                      NameRange range = NameRange.of(prefix, after);
                      Limits.limit(limit);
                      String from = after == null ? range.from() : after + '\u0001';
                      return LeasePage.upTo(
                          limit,
                          session.run(
                              (data, now) ->
                                  data.leases.tailMap(from, true).values().stream()
                                      .filter(
                                          lease ->
                                              Utf8.ORDER.compare(lease.name(), range.end()) < 0)
                                      .filter(lease -> isLive(now, lease))
                                      .limit(limit)
                                      .map(lease -> asOf(now, lease))
                                      .toList()));
                    }
                  }),
          queue(
              "Q04",
              "the answers to a batch for several queues are in groups, by queue",
              session ->
                  new InMemoryJobQueue(session) {
                    @Override
                    public List<Enqueued> enqueue(List<NewJob> jobs) {
                      Map<String, List<NewJob>> groups = new LinkedHashMap<>();
                      for (NewJob job : NewJob.requireNoKeys(Limits.batch("jobs", jobs))) {
                        groups.computeIfAbsent(job.queue(), it -> new ArrayList<>()).add(job);
                      }
                      return super.enqueue(groups.values().stream().flatMap(List::stream).toList());
                    }
                  }),
          store(
              "Q02",
              "an enqueue of an id that is there takes its dedup key for the job that is there",
              new Parts() {
                @Override
                InMemoryData data(InstantSource clock) {
                  return new TakesKeyFirst(clock);
                }

                @Override
                JobQueue jobQueue(InMemorySession session) {
                  return new InMemoryJobQueue(session) {
                    @Override
                    Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
                      if (job.dedupKey() != null
                          && data.job(job.queue(), job.id()).isPresent()
                          && data.holderOf(job.queue(), job.dedupKey()).isEmpty()) {
                        ((TakesKeyFirst) data)
                            .leaked.put(List.of(job.queue(), job.dedupKey()), job.id());
                      }
                      return super.enqueue(data, now, job);
                    }
                  };
                }
              }),
          data(
              "Q51",
              "a dedup key that stays taken is compared without its case",
              clock ->
                  new TablesOfKeys(clock) {
                    @Override
                    Optional<String> keeperOf(String queue, String dedupKey, Instant now) {
                      return table.getOrDefault(queue, Map.of()).entrySet().stream()
                          .filter(
                              it ->
                                  it.getValue().key().equalsIgnoreCase(dedupKey)
                                      && it.getValue().isTaken(now))
                          .map(Map.Entry::getKey)
                          .findFirst();
                    }
                  }),
          job(
                  "Q01",
                  "the value of a step is cut at 65,535 characters",
                  (input, place, now) ->
                      new InMemoryJob(input, place, now) {
                        @Override
                        String checkpoint(String step, String value) {
                          int end = Math.min(value.length(), 65_535);
                          if (end > 0 && Character.isHighSurrogate(value.charAt(end - 1))) {
                            end--;
                          }
                          return super.checkpoint(step, value.substring(0, end));
                        }
                      })
              .alsoFails("Q26"),
          job(
              "Q81",
              "a deadline that is a delay with nanoseconds is rounded down",
              (input, place, now) -> {
                var made = new InMemoryJob(input, place, now);
                if (input.notAfter() instanceof Due.After after) {
                  made.notAfter = now.plus(after.delay()).truncatedTo(ChronoUnit.MICROS);
                }
                return made;
              }),
          job(
              "Q81",
              "a deadline that is a delay begins at the due time",
              (input, place, now) -> {
                var made = new InMemoryJob(input, place, now);
                if (input.notAfter() instanceof Due.After after) {
                  made.notAfter = after.from(made.dueAt);
                }
                return made;
              }));

  private BrokenWays() {}

  private static boolean isLike(String text, String pattern) {
    StringBuilder regex = new StringBuilder();
    pattern
        .codePoints()
        .forEach(
            c ->
                regex.append(
                    c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(Character.toString(c))));
    return Pattern.compile(regex + ".*", Pattern.DOTALL).matcher(text).matches();
  }

  private static String inBytes(String text, int most) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (bytes > most) {
        return text.substring(0, i);
      }
      i += Character.charCount(c);
    }
    return text;
  }

  private static boolean sameBeginning(String one, String other) {
    return one.substring(0, Math.min(64, one.length()))
        .equals(other.substring(0, Math.min(64, other.length())));
  }

  /** The dedup keys that stay taken, in a table of their own. */
  private static class TablesOfKeys extends InMemoryData {
    final Map<String, Map<String, KeptKey>> table = new HashMap<>();

    TablesOfKeys(InstantSource clock) {
      super(clock);
    }

    @Override
    void keepKey(InMemoryJob job) {
      super.keepKey(job);
      if (job.dedupKey() != null && job.dedupUntil != null) {
        table
            .computeIfAbsent(job.queue(), queue -> new HashMap<>())
            .put(job.id(), new KeptKey(job.dedupKey(), job.dedupUntil));
      }
    }

    @Override
    void freeKey(String queue, String id) {
      super.freeKey(queue, id);
      table.getOrDefault(queue, new HashMap<>()).remove(id);
    }
  }

  private static final class TellsOfAMissedStart extends InMemoryJob {
    boolean missed;

    TellsOfAMissedStart(NewJob input, long place, Instant now) {
      super(input, place, now);
    }

    @Override
    void missDeadline(Instant now) {
      super.missDeadline(now);
      missed = true;
    }

    @Override
    void requeue(Instant due) {
      super.requeue(due);
      missed = false;
    }
  }

  /** Takes the key of an enqueue before it looks for the id. */
  private static final class TakesKeyFirst extends InMemoryData {
    final Map<List<String>, String> leaked = new HashMap<>();

    TakesKeyFirst(InstantSource clock) {
      super(clock);
    }

    @Override
    Optional<InMemoryJob> holderOf(String queue, String dedupKey) {
      Optional<InMemoryJob> holder = super.holderOf(queue, dedupKey);
      if (holder.isPresent()) {
        return holder;
      }
      String id = leaked.get(List.of(queue, dedupKey));
      return id == null ? holder : job(queue, id).filter(job -> !job.state().isFinished());
    }
  }

  /** Keeps failed attempts beside the jobs. */
  private static final class KeepsAttempts extends InMemoryData {
    final Map<List<String>, List<FailedAttempt>> attempts = new HashMap<>();

    KeepsAttempts(InstantSource clock) {
      super(clock);
    }

    @Override
    InMemoryJob newJob(NewJob input, Instant now) {
      InMemoryJob made = super.newJob(input, now);
      made.failedAttempts.addAll(
          attempts.getOrDefault(List.of(input.queue(), input.id()), List.of()));
      return made;
    }
  }

  private static final class TimesSteps extends InMemoryJob {
    final Map<String, Instant> keptAt = new HashMap<>();

    TimesSteps(NewJob input, long place, Instant now) {
      super(input, place, now);
    }
  }

  private static final class KeepsTimesOfSteps extends InMemoryData {
    KeepsTimesOfSteps(InstantSource clock) {
      super(clock);
    }

    @Override
    InMemoryJob newJob(NewJob input, Instant now) {
      return new TimesSteps(input, super.newJob(input, now).place(), now);
    }
  }
}
