package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.StepValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What operators ask of a list: what a store refuses, brief pages, bounds, orders, counts, steps.
 */
@Since(2)
abstract class AdminQueryContract extends AdminListContract {

  private static final List<JobOrder> ORDERS =
      List.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST, JobOrder.LAST_FINISHED_FIRST);

  private JobFilter here() {
    return JobFilter.all().inQueue(queue);
  }

  @Test
  @DisplayName("Q83 a condition or an order that the store does not know is refused, unchanged")
  void unknownConditions() {
    String failed = settledJob(SettlementKind.FAILED);
    String waiting = enqueued(job());
    List<Job> before = List.of(find(failed), find(waiting));
    JobFilter unknown = here().withUnknownCondition();
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("list", () -> admin.list(JobQuery.of(unknown)));
    calls.put("count", () -> admin.count(unknown, 10));
    calls.put("cancel", () -> admin.cancel(unknown, null, 10));
    calls.put("requeue", () -> admin.requeue(unknown, Requeueing.now(), null, 10));
    calls.put("delete", () -> admin.delete(unknown, null, 10));
    if (!lacks(Capability.AUDIT)) {
      calls.put("actions", () -> admin.actions(ActionQuery.all().withUnknownCondition()));
    }
    calls.put("order", () -> admin.list(JobQuery.of(here()).order(JobOrder.UNKNOWN)));
    calls.forEach(
        (what, call) ->
            assertThatThrownBy(call, what)
                .as("%s with what no store knows", what)
                .isInstanceOf(UnsupportedOperationException.class));
    assertThat(List.of(find(failed), find(waiting)).stream().map(JobContract::withoutAsOf))
        .as("the jobs after the refused calls")
        .isEqualTo(before.stream().map(JobContract::withoutAsOf).toList());
  }

  @Test
  @DisplayName("Q84 a brief list has the first 200 characters of payload, result and header values")
  void brief() {
    takeLongLeases();
    // The 200th character is a pair of surrogates, and so is each before it in the second text.
    for (String beginning : List.of("p".repeat(199) + "😀", "😀".repeat(200))) {
      String text = beginning + "😀" + "r".repeat(500);
      JobLease lease = held(job().payload(text).headers(Map.of("long", beginning + "h", "a", "b")));
      String error = "e".repeat(1_000);
      settled(Settlement.retry(lease, Duration.ZERO, error));
      assertBrief(beginning, null, error);
      settled(Settlement.done(claimed().lease(), text));
      assertBrief(beginning, beginning, null);
      assertThat(AllPages.of(admin, JobQuery.of(here())))
          .as("the list that is not brief")
          .singleElement()
          .satisfies(job -> assertThat(job.payload()).as("payload").isEqualTo(text))
          .satisfies(job -> assertThat(job.result()).as("result").isEqualTo(text));
      admin.delete(queue, lease.jobId());
    }
  }

  private void assertBrief(String payload, @Nullable String result, @Nullable String error) {
    assertThat(AllPages.of(admin, JobQuery.of(here()).brief()))
        .as("the brief list")
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.payload()).as("payload").isEqualTo(payload);
              assertThat(job.result()).as("result").isEqualTo(result);
              assertThat(job.headers()).as("headers").isEqualTo(Map.of("long", payload, "a", "b"));
              assertThat(job.error()).as("error").isEqualTo(error);
            });
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q84 a brief list differs in nothing else, in each order and state")
  void briefInNothingElse() {
    takeLongLeases();
    String name = "n".repeat(Limits.MAX_NAME_BYTES);
    String text = "t".repeat(1_000);
    for (SettlementKind kind : SettlementKind.values()) {
      NewJob.Builder job =
          NewJob.builder(queue, kind + name.substring(kind.name().length()), name, text)
              .dedupKey(kind + name.substring(kind.name().length()))
              .headers(Map.of(name, text))
              .priority(1)
              .notAfter(Due.after(LEASE.multipliedBy(2)));
      enqueued(job);
      JobLease lease = jobs.claim(ClaimRequest.of(queue, name, 1, term)).jobs().get(0).lease();
      jobs.progress(lease, Progress.of(50, text));
      settled(kind.of(lease, text, LEASE));
    }
    JobLease held = held(job().payload(text));
    jobs.progress(held, Progress.of(50, text));
    admin.cancel(queue, held.jobId());
    for (JobOrder order : ORDERS) {
      JobQuery query = JobQuery.of(here()).order(order).limit(2);
      assertThat(AllPages.of(admin, query.brief()).stream().map(JobContract::withoutAsOf))
          .as("the brief list, %s", order)
          .isEqualTo(
              AllPages.of(admin, query).stream().map(job -> withoutAsOf(job.brief())).toList());
    }
  }

  @Test
  @DisplayName("Q84 a page ends when as many jobs were examined as the query allows")
  void examined() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String type = i % 4 == 3 ? "rare" : "kit";
      ids.add(enqueued(NewJob.builder(queue, "job-" + i, type, "payload")));
      settled(claimed().lease(), SettlementKind.FAILED);
    }
    JobFilter failed = here().inState(JobState.FAILED);
    for (JobOrder order : ORDERS) {
      JobQuery five = JobQuery.of(failed).order(order).examineAtMost(5);
      assertThat(ids(five)).as("all jobs, %s", order).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(ids(JobQuery.of(failed.ofType("rare")).order(order).examineAtMost(5)))
          .as("the jobs of a rare type, %s", order)
          .containsExactlyInAnyOrder("job-3", "job-7", "job-11");
      assertThat(ids(JobQuery.of(failed.withErrorText("nowhere")).order(order).examineAtMost(5)))
          .as("the jobs with an error that none has, %s", order)
          .isEmpty();
    }
  }

  /** The ids of all pages. */
  private List<String> ids(JobQuery query) {
    List<String> ids = new ArrayList<>();
    JobQuery of = query;
    for (int pages = 1; pages <= 10_000; pages++) {
      JobPage page = admin.list(of);
      assertThat(page.examined())
          .as("jobs that were examined for a page of %s", page.jobs().size())
          .isBetween(page.jobs().size(), query.examineAtMost());
      assertThat(page.missing()).as("parts that did not answer").isEmpty();
      page.jobs().forEach(job -> ids.add(job.id()));
      if (page.next() == null) {
        return ids;
      }
      of = query.after(page.next());
    }
    throw new AssertionError("after 10,000 pages of " + query + " there was a next one");
  }

  @Test
  @DisplayName("Q85 last finished first has the finished jobs only, by the time of their finish")
  void lastFinishedFirst() throws Exception {
    takeLongLeases();
    List<String> ids = enqueuedMany(9);
    List<JobLease> held =
        jobs.claim(ClaimRequest.of(queue, "worker", 8, term)).jobs().stream()
            .map(job -> job.lease())
            .toList();
    // Not in the order of enqueueing, and two of them at once.
    settled(held.get(4), SettlementKind.DONE);
    advance(Duration.ofMillis(5));
    settled(held.get(1), SettlementKind.FAILED);
    settled(held.get(7), SettlementKind.FAILED);
    advance(Duration.ofMillis(5));
    jobs.settle(
        List.of(SettlementKind.FAILED.of(held.get(3)), SettlementKind.FAILED.of(held.get(0))));
    advance(Duration.ofMillis(5));
    admin.cancel(queue, ids.get(8));
    settled(held.get(2), SettlementKind.FAILED);
    admin.requeue(queue, ids.get(2));

    List<String> expected = new ArrayList<>();
    for (int i : new int[] {0, 1, 3, 4, 7, 8}) {
      expected.add(ids.get(i));
    }
    Comparator<String> byFinish =
        Comparator.<String, Instant>comparing(id -> find(id).finishedAt())
            .thenComparing(ids::indexOf);
    expected.sort(byFinish.reversed());
    assertThat(expected.get(5)).as("the job that finished first").isEqualTo(ids.get(4));
    JobQuery all = JobQuery.of(here()).order(JobOrder.LAST_FINISHED_FIRST);
    for (int limit : new int[] {1, 2, 100}) {
      assertThat(ids(all.limit(limit))).as("pages of %s", limit).isEqualTo(expected);
    }
    JobFilter failed = here().inState(JobState.FAILED);
    expected.removeAll(List.of(ids.get(4), ids.get(8)));
    assertThat(ids(JobQuery.of(failed).order(JobOrder.LAST_FINISHED_FIRST).limit(1)))
        .as("the jobs that failed")
        .isEqualTo(expected);
  }

  @Test
  @DisplayName("Q85 last finished first goes by the time of the finish over several queues too")
  void lastFinishedOfSeveralQueues() throws Exception {
    String type = Names.unique("type");
    List<String> expected = new ArrayList<>();
    String first = queue;
    freshQueue();
    String second = queue;
    for (int i = 0; i < 6; i++) {
      queue = i % 2 == 0 ? first : second;
      String id = enqueued(NewJob.builder(queue, "job-" + i, type, ""));
      settled(claimed().lease(), SettlementKind.FAILED);
      expected.add(0, id);
      advance(Duration.ofMillis(5));
    }
    JobQuery query =
        JobQuery.of(JobFilter.all().ofType(type)).order(JobOrder.LAST_FINISHED_FIRST).limit(4);
    assertThat(AllPages.of(admin, query))
        .as("the jobs of two queues")
        .extracting(Job::id)
        .isEqualTo(expected);
  }

  @Test
  @DisplayName("Q86 count tells how many jobs match, and stops at the largest number asked for")
  void count() {
    takeLongLeases();
    settledJob(SettlementKind.FAILED);
    for (int i = 0; i < 3; i++) {
      held();
    }
    enqueuedMany(7);
    enqueued(NewJob.builder(queue, "typed", "another type", ""));
    assertCount(here(), 12);
    assertCount(here().inState(JobState.PENDING), 8);
    assertCount(here().inState(JobState.PROCESSING), 3);
    assertCount(here().inState(JobState.FAILED, JobState.PENDING), 9);
    assertCount(
        here().inState(JobState.PENDING, JobState.PROCESSING, JobState.RETRY, JobState.DONE), 11);
    assertCount(here().ofType("another type"), 1);
    assertCount(here().ofType("another type").inState(JobState.FAILED), 0);
    assertCount(here().withErrorText("nowhere"), 0);
    assertRefused("count up to 0", () -> admin.count(here(), 0));
    assertRefused("count, no filter", () -> admin.count(absent(), 1));
  }

  private void assertCount(JobFilter filter, int jobs) {
    for (int most : new int[] {1, 5, 1_000_000}) {
      assertThat(otherAdmin.count(filter, most).jobs())
          .as("count of the jobs of %s up to %s", filter, most)
          .isEqualTo(Math.min(jobs, most));
    }
    assertThat(admin.count(filter, 5).missing()).as("parts that did not answer").isEmpty();
  }

  @Test
  @DisplayName("Q86 a count goes past the first thousand, and no answer misses a part of the store")
  void countOfMany() {
    enqueuedMany(1_000);
    enqueuedMany(5);
    assertThat(admin.count(here(), 2_000).jobs()).as("count").isEqualTo(1_005);
    assertThat(admin.count(here().inState(JobState.PENDING).ofType("kit"), 1_003).jobs())
        .as("count up to 1,003")
        .isEqualTo(1_003);
    assertThat(admin.counts().missing()).as("parts that did not answer").isEmpty();
    assertThat(admin.cancel(here(), null, 1).missing()).as("parts that did not answer").isEmpty();
  }

  @Test
  @DisplayName("Q87 steps of a job come with their values, in the order in which they were kept")
  void steps() throws Exception {
    takeLongLeases();
    List<JobLease> leases = neighbours();
    keepStep(leases, "b");
    for (JobLease lease : leases) {
      advance(Duration.ofMillis(5));
      jobs.checkpoint(lease, "a", "first");
      jobs.checkpoint(lease, "a", "second");
      jobs.checkpoint(lease, "c", "");
      jobs.checkpoint(lease, "b", "again, after others were kept");
      Map<String, String> kept = new LinkedHashMap<>(jobs.checkpoints(lease).orElseThrow());
      Instant before = find(lease.queue(), lease.jobId()).createdAt();
      for (SettlementKind kind : List.of(SettlementKind.RELEASED, SettlementKind.FAILED)) {
        assertSteps(lease, kept, before);
        settled(kind == SettlementKind.RELEASED ? kind.of(lease) : kind.of(again(lease)));
      }
      assertSteps(lease, kept, before);
    }
    assertThat(admin.steps(queue, enqueued(job()))).as("steps of a new job").isEmpty();
    assertThat(admin.steps(queue, "unknown")).as("steps of an unknown job").isEmpty();
    admin.delete(queue, "id");
    assertThat(admin.steps(queue, "id")).as("steps of a deleted job").isEmpty();
  }

  @Test
  @Since(3)
  @DisplayName("Q87 brief steps have the first 200 characters of each value, and all else")
  void briefSteps() {
    takeLongLeases();
    JobLease lease = held();
    List<String> values =
        List.of(
            "",
            "x".repeat(200),
            "x".repeat(201),
            "\uD83D\uDE00".repeat(300),
            "\u00E9".repeat(1_000));
    for (int i = 0; i < values.size(); i++) {
      jobs.checkpoint(lease, "step " + i, values.get(i));
    }
    for (boolean isHeld : List.of(true, false)) {
      if (!isHeld) {
        settled(lease, SettlementKind.DONE);
      }
      List<StepValue> whole = otherAdmin.steps(queue, lease.jobId());
      assertThat(whole).extracting(StepValue::value).as("whole values").isEqualTo(values);
      assertThat(otherAdmin.briefSteps(queue, lease.jobId()))
          .as("brief steps")
          .isEqualTo(whole.stream().map(StepValue::brief).toList());
    }
    assertThat(admin.briefSteps(queue, enqueued(job()))).as("brief steps of a new job").isEmpty();
    assertThat(admin.briefSteps(queue, "unknown")).as("brief steps of an unknown job").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q87 a step tells when it was first kept, if the store keeps the time")
  void timesOfSteps() throws Exception {
    takeLongLeases();
    JobLease lease = held();
    Map<String, List<Duration>> kept = new LinkedHashMap<>();
    for (String step : List.of("a", "b", "c")) {
      advance(Duration.ofMillis(5));
      for (String again : kept.keySet()) {
        jobs.checkpoint(lease, again, "again");
      }
      Duration before = sinceEnqueue(lease.jobId());
      jobs.checkpoint(lease, step, "first");
      kept.put(step, List.of(before, sinceEnqueue(lease.jobId())));
      if (step.equals("b")) {
        settled(lease, SettlementKind.RETRY);
        lease = claimed().lease();
      }
    }
    advance(Duration.ofMillis(5));
    settled(lease, SettlementKind.DONE);
    Instant enqueued = find(lease.jobId()).createdAt();
    for (StepValue step : otherAdmin.steps(queue, lease.jobId())) {
      if (step.keptAt() != null) {
        List<Duration> times = kept.getOrDefault(step.name(), List.of());
        assertThat(Duration.between(enqueued, step.keptAt()))
            .as("when step %s was kept, from the enqueue of its job on", step.name())
            .isBetween(times.get(0), times.get(1));
      }
    }
  }

  /** Some stores move the times of a job instead of their clock, but all of them together. */
  private Duration sinceEnqueue(String id) {
    Job job = find(id);
    return Duration.between(job.createdAt(), job.asOf());
  }

  private JobLease again(JobLease lease) {
    return jobs.claim(ClaimRequest.of(lease.queue(), "worker", 2, term)).jobs().stream()
        .map(job -> job.lease())
        .filter(it -> it.jobId().equals(lease.jobId()))
        .findFirst()
        .orElseThrow();
  }

  private void assertSteps(JobLease lease, Map<String, String> kept, Instant before) {
    List<StepValue> steps = otherAdmin.steps(lease.queue(), lease.jobId());
    assertThat(steps).as("steps").extracting(StepValue::name).containsExactly("b", "a", "c");
    assertThat(steps)
        .as("values of the steps")
        .extracting(StepValue::value)
        .containsExactlyElementsOf(kept.values());
    Instant now = find(lease.queue(), lease.jobId()).asOf();
    assertThat(steps)
        .as("times of the steps, if the store knows them")
        .allMatch(
            step ->
                step.keptAt() == null
                    || !(step.keptAt().isBefore(before) || step.keptAt().isAfter(now)));
  }
}
