package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;

import dev.lease.Job;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.StepValue;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Lists and counts that do not do what they were asked, and steps that are told wrongly. */
final class BrokenQueries {

  static final List<BrokenStore> ALL =
      List.of(
          admin(
              "Q83",
              "a condition that the store does not know is ignored",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    void requireKnown(JobQuery query) {
                      super.requireKnown(JobQuery.of(JobFilter.all()).order(query.order()));
                    }

                    @Override
                    boolean matches(JobFilter filter, Job job) {
                      String queue = filter.queue();
                      boolean isUnknown = filter.conditions().contains(JobFilter.Condition.UNKNOWN);
                      return (queue != null && isUnknown)
                          ? super.matches(JobFilter.all().inQueue(queue), job)
                          : super.matches(filter, job);
                    }
                  }),
          admin(
              "Q83",
              "an order that the store does not know is taken for another one",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    void requireKnown(JobQuery query) {
                      super.requireKnown(query.order(JobOrder.NEWEST_FIRST));
                    }
                  }),
          brief("a brief list cuts nothing", job -> job),
          brief(
              "a brief list cuts a character in two",
              job ->
                  job.toBuilder()
                      .payload(start(job.payload()))
                      .result(job.result() == null ? null : start(job.result()))
                      .build()),
          brief(
              "a brief list has whole headers",
              job -> job.brief().toBuilder().headers(job.headers()).build()),
          brief(
              "a brief list cuts the error",
              job ->
                  job.brief().toBuilder()
                      .error(job.error() == null ? null : Limits.brief(job.error()))
                      .build()),
          list(
              "Q84",
              "a page examines as many jobs as it takes",
              query -> query.examineAtMost(JobQuery.MAX_EXAMINED)),
          admin(
              "Q84",
              "a page that examined enough jobs and is not full is the last one",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    JobPage list(
                        InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                      JobPage page = super.list(data, now, query, after);
                      return page.jobs().size() < query.limit()
                          ? JobPage.of(page.jobs(), null, page.examined())
                          : page;
                    }
                  }),
          list(
                  "Q85",
                  "last finished first goes by the order of enqueueing",
                  query ->
                      query.order() == JobOrder.LAST_FINISHED_FIRST
                          ? JobQuery.of(
                                  query.filter().states().isEmpty()
                                      ? query
                                          .filter()
                                          .inState(
                                              JobState.DONE, JobState.FAILED, JobState.CANCELLED)
                                      : query.filter())
                              .order(JobOrder.NEWEST_FIRST)
                              .after(query.after())
                              .limit(query.limit())
                          : query)
              .alsoFails("Q84"),
          admin(
                  "Q85",
                  "a page goes on at the next time of a finish, past other jobs of the same time",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        JobPage list(
                            InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
                          return super.list(
                              data,
                              now,
                              query,
                              after == null || query.order() != JobOrder.LAST_FINISHED_FIRST
                                  ? after
                                  : new Place(after.finished(), 0));
                        }
                      })
              .alsoFails("Q84"),
          admin(
              "Q86",
              "a count goes on to the end of its page",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobCount count(JobFilter filter, long most) {
                      return super.count(filter, Math.max(most, Limits.MAX_BATCH));
                    }
                  }),
          admin(
              "Q86",
              "a count stops after its first page",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public JobCount count(JobFilter filter, long most) {
                      return super.count(filter, Math.min(most, Limits.MAX_BATCH));
                    }
                  }),
          admin(
                  "Q86",
                  "a page says that a part of the store did not answer, though all did",
                  session ->
                      new InMemoryJobAdmin(session) {
                        @Override
                        public JobPage list(JobQuery query) {
                          return super.list(query).withMissing(List.of("part"));
                        }
                      })
              .alsoFails("Q84", "Q85"),
          admin(
              "Q87",
              "the steps of a job are in the order of their names",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<StepValue> steps(InMemoryData data, String queue, String id) {
                      return super.steps(data, queue, id).stream()
                          .sorted(Comparator.comparing(StepValue::name))
                          .toList();
                    }
                  }),
          admin(
              "Q87",
              "brief steps have whole values",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    public List<StepValue> briefSteps(String queue, String id) {
                      return steps(queue, id);
                    }
                  }),
          admin(
              "Q87",
              "the steps of a finished job are not shown",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<StepValue> steps(InMemoryData data, String queue, String id) {
                      return data.job(queue, id).filter(job -> job.finish == null).isPresent()
                          ? super.steps(data, queue, id)
                          : List.of();
                    }
                  }),
          admin(
              "Q87",
              "the steps of a job are those of another queue's job with the same id",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    List<StepValue> steps(InMemoryData data, String queue, String id) {
                      return data.inOrder(null).stream()
                          .filter(job -> job.id().equals(id))
                          .findFirst()
                          .map(job -> super.steps(data, job.queue(), id))
                          .orElse(List.of());
                    }
                  }),
          admin(
              "Q84",
              "a brief page cuts the message of the progress too",
              session ->
                  new InMemoryJobAdmin(session) {
                    @Override
                    Job brief(Job job) {
                      Progress progress = job.progress();
                      return progress == null || progress.message() == null
                          ? job.brief()
                          : job.brief().toBuilder()
                              .progress(
                                  Progress.of(progress.percent(), Limits.brief(progress.message())))
                              .build();
                    }
                  }));

  private BrokenQueries() {}

  private static String start(String text) {
    return text.substring(0, Math.min(Limits.BRIEF_CHARS, text.length()));
  }

  private static BrokenStore brief(String how, UnaryOperator<Job> brief) {
    return admin(
        "Q84",
        how,
        session ->
            new InMemoryJobAdmin(session) {
              @Override
              Job brief(Job job) {
                return brief.apply(job);
              }
            });
  }

  private static BrokenStore list(String clause, String how, UnaryOperator<JobQuery> change) {
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
}
