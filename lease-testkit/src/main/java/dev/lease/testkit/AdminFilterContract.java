package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Requeueing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Filters, by a rule: {@link JobFilter#matches} says of each job, as find shows it, whether a list,
 * a count or a call by a filter has to take it.
 */
@Since(3)
abstract class AdminFilterContract extends AdminQueryContract {

  private static final String GONE = "gone";
  private static final String REQUESTED = "to be cancelled";

  /** Beginnings of ids that as patterns, or without case, would be those of others too. */
  private static final List<String> LITERALS = List.of("a%", "a_", "a*", "a?", "a\\", "A", "ä");

  private final Random random = new Random(ModelCheck.seed());

  /**
   * Filters of each combination of conditions, some of each: fewer where few sequences are asked.
   */
  private List<JobFilter> filters(FilteredJobs given, int most) {
    int ofEach = Math.max(1, Math.min(most, ModelCheck.sequences()));
    List<Job> there = given.found();
    FilterRule rule = rule(given);
    List<JobFilter> filters = new ArrayList<>();
    for (Set<JobFilter.Condition> conditions : FilterRule.combinations()) {
      for (int i = 0; i < ofEach; i++) {
        filters.add(rule.filter(conditions, there, there));
      }
    }
    return filters;
  }

  private FilterRule rule(FilteredJobs given) {
    return new FilterRule(random, given.mark(), bare.fixture.unit());
  }

  /** One page is enough of a list that may be dear. */
  private int someLimit(JobFilter filter) {
    return filter.queue() == null ? 1_000 : List.of(2, 7, 1_000).get(random.nextInt(3));
  }

  private static List<Job> matching(List<Job> jobs, JobFilter filter) {
    return jobs.stream().filter(filter::matches).toList();
  }

  private static String told(String what, JobFilter filter) {
    return "%s, filter %s (-Dlease.kit.seed=%s)".formatted(what, filter, ModelCheck.seed());
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q48 a list has the jobs that match, whichever conditions meet in its filter")
  void listsOfWhatMatches() throws Exception {
    var given = new FilteredJobs(this);
    List<Job> there = given.found();
    for (JobFilter filter : filters(given, 4)) {
      JobOrder order = random.nextBoolean() ? JobOrder.OLDEST_FIRST : JobOrder.NEWEST_FIRST;
      JobQuery query = JobQuery.of(filter).order(order).limit(someLimit(filter));
      assertThat(pages(query))
          .as(told("list, " + order + ", pages of " + query.limit(), filter))
          .containsExactlyInAnyOrderElementsOf(matching(there, filter));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName(
      "Q85 last finished first has the finished jobs that match, whichever conditions meet")
  void lastFinishedOfWhatMatches() throws Exception {
    var given = new FilteredJobs(this);
    List<Job> there = given.found();
    for (JobFilter filter : filters(given, 2)) {
      if (filter.states().stream().allMatch(JobState::isFinished)) {
        JobQuery query =
            JobQuery.of(filter).order(JobOrder.LAST_FINISHED_FIRST).limit(someLimit(filter));
        String what = told("list, last finished first, pages of " + query.limit(), filter);
        List<Job> listed = pages(query);
        assertThat(listed)
            .as(what)
            .containsExactlyInAnyOrderElementsOf(
                matching(there, filter).stream().filter(job -> job.state().isFinished()).toList());
        assertThat(listed)
            .as(what)
            .extracting(Job::finishedAt)
            .isSortedAccordingTo(Comparator.reverseOrder());
      }
    }
  }

  private List<Job> pages(JobQuery query) {
    return AllPages.of(admin, query).stream().map(JobContract::withoutAsOf).toList();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q86 a count is of the jobs that match, whichever conditions meet in its filter")
  void countsOfWhatMatches() throws Exception {
    var given = new FilteredJobs(this);
    List<Job> there = given.found();
    for (JobFilter filter : filters(given, 2)) {
      for (int most : new int[] {1_000, 1 + random.nextInt(10)}) {
        assertThat(admin.count(filter, most).jobs())
            .as(told("count up to " + most, filter))
            .isEqualTo(Math.min(most, matching(there, filter).size()));
      }
    }
  }

  /** A call that changes the jobs that match a filter. */
  private interface ByFilter {
    JobPiece piece(JobFilter filter, @Nullable String after, int limit);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q58 delete deletes what matches, whichever conditions meet, and spares the rest")
  void deletesWhatMatches() throws Exception {
    assertChanges(admin::delete, job -> GONE);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q58 cancel cancels what matches, whichever conditions meet, and spares the rest")
  void cancelsWhatMatches() throws Exception {
    assertChanges(
        admin::cancel,
        job ->
            switch (job.state()) {
              case PENDING, RETRY -> "CANCELLED";
              case PROCESSING -> REQUESTED;
              default -> null;
            });
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q58 requeue requeues what matches, whichever conditions meet, and spares the rest")
  void requeuesWhatMatches() throws Exception {
    assertChanges(
        (filter, after, limit) -> admin.requeue(filter, Requeueing.now(), after, limit),
        job ->
            switch (job.state()) {
              case FAILED, CANCELLED -> "PENDING";
              default -> null;
            });
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q58 no character of an id or an error is a pattern in a call by a filter")
  void patternsInCallsByFilter() {
    assertLiteral("delete", SettlementKind.FAILED, admin::delete);
    assertLiteral("cancel", SettlementKind.RETRY, admin::cancel);
    assertLiteral(
        "requeue",
        SettlementKind.FAILED,
        (filter, after, limit) -> admin.requeue(filter, Requeueing.now(), after, limit));
  }

  private void assertLiteral(String call, SettlementKind state, ByFilter byFilter) {
    takeLongLeases();
    for (boolean byError : new boolean[] {false, true}) {
      freshQueue();
      jobs.enqueue(
          Stream.concat(LITERALS.stream(), Stream.of("ab", "a"))
              .map(text -> job(text + 1).build())
              .toList());
      jobs.settle(
          claim(LITERALS.size() + 2).stream()
              .map(job -> state.of(job.lease(), "says " + job.lease().jobId(), LEASE))
              .toList());
      for (String text : LITERALS) {
        JobFilter here = JobFilter.all().inQueue(queue);
        JobFilter filter = byError ? here.withErrorText(text) : here.withIdPrefix(text);
        assertThat(AllPages.changed(10, after -> byFilter.piece(filter, after, 10)))
            .as("how many jobs a %s changed by the filter %s", call, filter)
            .isEqualTo(1);
      }
    }
  }

  /**
   * Makes a call with filters of each combination of conditions.
   *
   * @param outcome what becomes of a job that matches; null if the call leaves it as it is
   */
  private void assertChanges(ByFilter call, Function<Job, @Nullable String> outcome)
      throws Exception {
    var given = new FilteredJobs(this);
    List<Job> there = given.found();
    long atFirst = changing(there, outcome).size();
    for (Set<JobFilter.Condition> conditions : FilterRule.combinations()) {
      if (changing(there, outcome).size() < atFirst / 2) {
        given = new FilteredJobs(this);
        there = given.found();
      }
      JobFilter filter = rule(given).filter(conditions, changing(there, outcome), there);
      List<Job> changed = changing(matching(there, filter), outcome);
      int limit = someLimit(filter);
      String what = told("in pieces of " + limit, filter);
      assertThat(AllPages.changed(limit, after -> call.piece(filter, after, limit)))
          .as("how many jobs were changed, %s", what)
          .isEqualTo(changed.size());
      List<Job> left = new ArrayList<>();
      for (Job before : there) {
        Optional<Job> after = record(before.queue(), before.id());
        after.ifPresent(left::add);
        String job = "job %s in queue %s".formatted(before.id(), before.queue());
        if (changed.contains(before)) {
          assertThat(shortly(after))
              .as("%s, which matches, %s", job, what)
              .isEqualTo(outcome.apply(before));
        } else {
          assertThat(after).as("%s, which was to be left, %s", job, what).contains(before);
        }
      }
      there = left;
    }
  }

  private static List<Job> changing(List<Job> jobs, Function<Job, @Nullable String> outcome) {
    return jobs.stream().filter(job -> outcome.apply(job) != null).toList();
  }

  private static String shortly(Optional<Job> job) {
    return job.map(it -> it.cancelRequested() ? REQUESTED : it.state().name()).orElse(GONE);
  }
}
