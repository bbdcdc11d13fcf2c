package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;

import dev.lease.Job;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobFilter.Condition;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Requeueing;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Filters that forget a condition beside another one, or are wrong at the edge of a value. */
final class BrokenFilters {

  static final List<BrokenStore> ALL =
      List.of(
          admin(
                  "Q58",
                  "a requeue by a filter loses the dedup keys of its jobs",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPiece requeue(
                            JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                          return session.run(
                              (data, now) -> {
                                List<InMemoryJob> finished =
                                    data.inOrder(filter.queue()).stream()
                                        .filter(job -> job.state().isFinished())
                                        .toList();
                                JobPiece piece = super.requeue(filter, how, after, limit);
                                finished.stream()
                                    .filter(job -> !job.state().isFinished())
                                    .forEach(
                                        job ->
                                            job.input =
                                                job.input.toBuilder().dedupKey(null).build());
                                return piece;
                              });
                        }
                      })
              .alsoFails("Q51"),
          admin(
              "Q48",
              "a list by state has no PROCESSING job whose lease has expired",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    boolean matches(JobFilter filter, Job job) {
                      JobLease lease = job.lease();
                      return super.matches(filter, job)
                          && (filter.states().isEmpty()
                              || lease == null
                              || job.asOf().isBefore(lease.expiresAt()));
                    }
                  }),
          matching(
              "a filter with an error text forgets the type",
              (filter, job) -> without(filter, Condition.ERROR_TEXT, Condition.TYPE).matches(job)),
          matching(
              "a filter with the beginning of ids forgets the period of finishing",
              (filter, job) ->
                  without(filter, Condition.ID_PREFIX, Condition.FINISHED).matches(job)),
          listing(
              "Q48",
              "a list with all conditions forgets the queue",
              query ->
                  query.filter().conditions().size() == 7
                      ? of(without(query.filter(), Condition.QUEUE), query)
                      : query),
          matching(
              "the times of a filter are cut to milliseconds",
              (filter, job) ->
                  periods(filter, at -> at == null ? null : at.truncatedTo(ChronoUnit.MILLIS))
                      .matches(
                          job.toBuilder()
                              .createdAt(job.createdAt().truncatedTo(ChronoUnit.MILLIS))
                              .build())),
          matching(
              "the end of a period of a filter is part of it",
              (filter, job) ->
                  filter
                      .createdBetween(filter.createdFrom(), after(filter.createdBefore()))
                      .matches(job)),
          matching(
              "times of a filter that are finer than the store's unit are cut",
              (filter, job) ->
                  periods(filter, at -> at == null ? null : at.truncatedTo(ChronoUnit.MICROS))
                      .matches(job)),
          matching(
              "a filter compares the first 100 characters of ids",
              (filter, job) -> {
                String prefix = filter.idPrefix();
                return (prefix == null || prefix.length() <= 100
                        ? filter
                        : filter.withIdPrefix(prefix.substring(0, 100)))
                    .matches(job);
              }),
          matching(
              "a filter searches the first 2,000 characters of an error",
              (filter, job) -> {
                String error = job.error();
                return filter.matches(
                    error == null || error.length() <= 2_000
                        ? job
                        : job.toBuilder().error(error.substring(0, 2_000)).build());
              }),
          matching(
              "a filter finds the errors of failed jobs only",
              (filter, job) ->
                  filter.matches(job)
                      && (filter.errorText() == null || job.state() == JobState.FAILED)),
          matching(
              "a filter obeys two states",
              (filter, job) ->
                  (filter.states().size() <= 2
                          ? filter
                          : filter.inState(
                              filter.states().stream().sorted().limit(2).toArray(JobState[]::new)))
                      .matches(job)),
          matching(
              "a filter with a period of finishing finds requeued jobs too",
              (filter, job) ->
                  (job.state() == JobState.PENDING && job.error() != null
                          ? only(filter, EnumSet.complementOf(EnumSet.of(Condition.FINISHED)))
                          : filter)
                      .matches(job)),
          matching(
              "the beginning of ids is compared without regard to case",
              (filter, job) -> {
                String prefix = filter.idPrefix();
                return prefix == null
                    ? filter.matches(job)
                    : job.id().regionMatches(true, 0, prefix, 0, prefix.length())
                        && without(filter, Condition.ID_PREFIX).matches(job);
              }),
          listing(
              "Q85",
              "last finished first forgets the period of enqueueing beside a type",
              query ->
                  query.order() == JobOrder.LAST_FINISHED_FIRST
                      ? of(without(query.filter(), Condition.TYPE, Condition.CREATED), query)
                      : query),
          admin(
              "Q86",
              "a count forgets the states beside a period of enqueueing",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobCount count(JobFilter filter, long most) {
                      return super.count(without(filter, Condition.CREATED, Condition.STATE), most);
                    }
                  }),
          admin(
              "Q58",
              "a delete by a filter forgets the period of enqueueing beside a state",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
                      return super.delete(
                          without(filter, Condition.STATE, Condition.CREATED), after, limit);
                    }
                  }),
          admin(
              "Q58",
              "a cancel by a filter obeys one state",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
                      JobFilter one =
                          Limits.notNull("filter", filter).states().size() < 2
                              ? filter
                              : filter.inState(Collections.min(filter.states()));
                      return super.cancel(one, after, limit);
                    }
                  }),
          admin(
              "Q58",
              "a requeue by a filter forgets the error text beside a type",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobPiece requeue(
                        JobFilter filter, Requeueing how, @Nullable String after, int limit) {
                      return super.requeue(
                          without(filter, Condition.TYPE, Condition.ERROR_TEXT), how, after, limit);
                    }
                  }));

  private BrokenFilters() {}

  private static BrokenStore matching(String how, BiPredicate<JobFilter, Job> matches) {
    return admin(
        "Q48",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              boolean matches(JobFilter filter, Job job) {
                return matches.test(filter, job);
              }
            });
  }

  private static BrokenStore listing(String clause, String how, UnaryOperator<JobQuery> change) {
    return admin(
        clause,
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              JobPage list(InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                return super.list(data, now, change.apply(query), after);
              }
            });
  }

  private static JobQuery of(JobFilter filter, JobQuery query) {
    return JobQuery.of(filter)
        .order(query.order())
        .limit(query.limit())
        .examineAtMost(query.examineAtMost());
  }

  /** The filter without the last condition, if it has all of them. */
  static JobFilter without(JobFilter filter, Condition... conditions) {
    Set<Condition> these = EnumSet.of(conditions[0], conditions);
    if (!Limits.notNull("filter", filter).conditions().containsAll(these)) {
      return filter;
    }
    EnumSet<Condition> left = EnumSet.copyOf(filter.conditions());
    left.remove(conditions[conditions.length - 1]);
    return only(filter, left);
  }

  private static JobFilter only(JobFilter filter, Set<Condition> conditions) {
    JobFilter only = JobFilter.all();
    String queue = filter.queue();
    if (queue != null && conditions.contains(Condition.QUEUE)) {
      only = only.inQueue(queue);
    }
    if (!filter.states().isEmpty() && conditions.contains(Condition.STATE)) {
      only = only.inState(filter.states().toArray(JobState[]::new));
    }
    String type = filter.type();
    if (type != null && conditions.contains(Condition.TYPE)) {
      only = only.ofType(type);
    }
    String prefix = filter.idPrefix();
    if (prefix != null && conditions.contains(Condition.ID_PREFIX)) {
      only = only.withIdPrefix(prefix);
    }
    String error = filter.errorText();
    if (error != null && conditions.contains(Condition.ERROR_TEXT)) {
      only = only.withErrorText(error);
    }
    if (conditions.contains(Condition.CREATED)) {
      only = only.createdBetween(filter.createdFrom(), filter.createdBefore());
    }
    if (conditions.contains(Condition.FINISHED)) {
      only = only.finishedBetween(filter.finishedFrom(), filter.finishedBefore());
    }
    return filter.conditions().contains(Condition.UNKNOWN) ? only.withUnknownCondition() : only;
  }

  private static JobFilter periods(JobFilter filter, UnaryOperator<@Nullable Instant> change) {
    return filter
        .createdBetween(change.apply(filter.createdFrom()), change.apply(filter.createdBefore()))
        .finishedBetween(
            change.apply(filter.finishedFrom()), change.apply(filter.finishedBefore()));
  }

  private static @Nullable Instant after(@Nullable Instant instant) {
    return instant == null ? null : instant.plusNanos(1);
  }
}
