package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Change;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls of operators on many jobs, on what stands behind others, and on an interrupted thread. */
@Since(2)
abstract class AdminListContract extends AdminPastContract {

  @Test
  @DisplayName("Q48 pages with a filter leave out no job, also while jobs before them are deleted")
  void pagesWhileJobsGo() {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      batch.add(job((i % 2 == 0 ? "even-" : "odd-") + i).build());
    }
    jobs.enqueue(batch);
    JobFilter even = JobFilter.all().inQueue(queue).inState(JobState.PENDING).withIdPrefix("even-");
    List<String> seen = new ArrayList<>();
    String after = null;
    do {
      JobPage page = admin.list(JobQuery.of(even).after(after).limit(4));
      page.jobs().stream().map(Job::id).forEach(seen::add);
      // The last ones, so that the job at the cursor is gone.
      page.jobs().stream().skip(1).forEach(job -> admin.delete(queue, job.id()));
      after = page.next();
    } while (after != null && seen.size() < 100);
    assertThat(seen)
        .as("the jobs of all pages")
        .containsExactlyInAnyOrderElementsOf(
            batch.stream().map(NewJob::id).filter(id -> id.startsWith("even-")).toList());
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q48 a filter by type takes that very type, and none that looks like it")
  void typesThatLookAlike() {
    List<NewJob> batch =
        Texts.ALIKE.stream().map(type -> NewJob.builder(queue, type, type, "").build()).toList();
    jobs.enqueue(batch);
    for (String type : Texts.ALIKE) {
      JobFilter filter = JobFilter.all().inQueue(queue).ofType(type);
      assertThat(AllPages.of(admin, JobQuery.of(filter).limit(10)).stream().map(Job::id))
          .as("the jobs of type '%s'", type)
          .containsExactly(type);
    }
  }

  @Test
  @DisplayName("Q48 counts are exact with more than a thousand jobs")
  void countsOfMany() {
    takeLongLeases();
    enqueuedMany(1_000);
    enqueuedMany(501);
    List<JobLease> held =
        jobs.claim(ClaimRequest.of(queue, "worker", 1_000, term)).jobs().stream()
            .map(job -> job.lease())
            .toList();
    assertThat(held).as("a claim of 1,000").hasSize(1_000);
    for (List<JobLease> done : List.of(held.subList(0, 300), held.subList(300, 600))) {
      jobs.settle(done.stream().map(SettlementKind.DONE::of).toList());
    }
    QueueCounts counts = otherAdmin.counts().queue(queue).orElseThrow();
    assertThat(counts.count(JobState.PENDING)).as("jobs in PENDING").isEqualTo(501);
    assertThat(counts.count(JobState.PROCESSING)).as("jobs in PROCESSING").isEqualTo(400);
    assertThat(counts.count(JobState.DONE)).as("jobs in DONE").isEqualTo(600);
  }

  @Test
  @DisplayName("Q46 a purge with a small limit finds old jobs behind younger ones")
  void oldJobsBehindYoungOnes() throws Exception {
    List<JobLease> young = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      young.add(held(job().keep(Duration.ofDays(9))));
    }
    JobLease old = held(job().keep(Duration.ofMinutes(5)));
    JobLease older = held(job().keep(Duration.ofMinutes(5)));
    settled(old, SettlementKind.DONE);
    settled(older, SettlementKind.FAILED);
    advance(
        Duration.ofHours(1).plus(offered("keep of a finished job", find(older.jobId()).keep())));
    young.forEach(lease -> settled(lease, SettlementKind.DONE));
    assertThat(admin.purge(queue, Duration.ofMinutes(30), 1)).as("purge by age").isBetween(0, 1);
    assertThat(admin.purge(queue, 1)).as("purge").isBetween(0, 1);
    for (JobLease lease : List.of(old, older)) {
      assertThat(record(lease.jobId())).as("an old job after two purges of 1").isEmpty();
    }
    assertThat(admin.purge(queue, Duration.ofMinutes(30), 1)).as("another by age").isZero();
    assertThat(admin.purge(queue, 1)).as("another by the time to keep").isZero();
    for (JobLease lease : young) {
      assertThat(find(lease.jobId()).state()).as("state of a young job").isEqualTo(JobState.DONE);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q01 texts are exact in lists, in failed attempts, after a change and a requeue")
  void textsThroughOperators() {
    takeLongLeases();
    for (String text : Texts.AWKWARD) {
      JobLease lease = held(job().headers(Map.of("name", text)));
      settled(Settlement.failed(lease, text));
      assertThat(admin.failedAttempts(queue, lease.jobId()))
          .as("the error of the failed attempt")
          .extracting(FailedAttempt::error)
          .containsExactly(text);
      admin.requeue(queue, lease.jobId());
      assertThat(admin.change(queue, lease.jobId(), JobChange.builder().payload(text).build()))
          .as("change of the payload")
          .isEqualTo(Change.CHANGED);
      assertThat(AllPages.of(admin, JobQuery.of(JobFilter.all().inQueue(queue)).limit(10)))
          .as("the list")
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.payload()).as("payload").isEqualTo(text);
                assertThat(job.headers()).as("headers").isEqualTo(Map.of("name", text));
                assertThat(job.error()).as("error").isEqualTo(text);
              });
      ClaimedJob claimed = claimed();
      assertThat(claimed.payload()).as("payload of the claim").isEqualTo(text);
      assertThat(claimed.headers()).as("headers of the claim").isEqualTo(Map.of("name", text));
      settled(claimed.lease(), SettlementKind.DONE);
      admin.purge(queue, Duration.ZERO, 10);
    }
  }

  @Test
  @DisplayName("Q45 a requeued job is due now, and keeps its progress and error as its past")
  void pastOfARequeuedJob() {
    JobLease lease = held();
    jobs.progress(lease, Progress.of(40, "nearly half"));
    settled(Settlement.failed(lease, "no money"));
    String before = enqueued(job());
    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    Job requeued = find(lease.jobId());
    assertThat(requeued.progress()).as("progress").isEqualTo(Progress.of(40, "nearly half"));
    assertThat(requeued.error()).as("error").isEqualTo("no money");
    assertThat(requeued.dueAt()).as("due time").isAfterOrEqualTo(find(before).dueAt());
  }

  @Test
  @DisplayName("Q21 a pause stays when the backend object that made it is closed")
  void pauseOutlivesItsMaker() throws Exception {
    String waiting = enqueued(job());
    Backend backend = open();
    backend.jobAdmin().pause(queue);
    close(backend);
    assertThat(claim(1)).as("claim of a paused queue").isEmpty();
    Backend next = open();
    assertThat(next.jobQueue().claim(ClaimRequest.of(queue, "worker", 1, term)).jobs())
        .as("claim by a backend object that was opened later")
        .isEmpty();
    next.jobAdmin().resume(queue);
    close(next);
    assertThat(ids(claim(1))).as("claim after the resume").containsExactly(waiting);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q60 on an interrupted thread each call of an operator answers as it does otherwise")
  void interruptedOperators() {
    JobLease failed = held();
    settled(failed, SettlementKind.FAILED);
    String id = failed.jobId();
    JobFilter here = JobFilter.all().inQueue(queue);
    JobObjectContract.interrupted(
        "requeue", () -> assertThat(admin.requeue(queue, id)).isEqualTo(Requeue.REQUEUED));
    JobObjectContract.interrupted(
        "list",
        () ->
            assertThat(AllPages.of(admin, JobQuery.of(here).limit(10)))
                .as("the list of a queue with a job")
                .hasSize(1));
    JobObjectContract.interrupted(
        "counts",
        () ->
            assertThat(admin.counts().queues())
                .as("the counts of all queues")
                .anyMatch(it -> it.queue().equals(queue)));
    JobObjectContract.interrupted(
        "cancel", () -> assertThat(admin.cancel(queue, id)).isEqualTo(Cancellation.CANCELLED));
    JobObjectContract.interrupted(
        "failedAttempts",
        () -> assertThat(admin.failedAttempts(queue, id)).as("failed attempts").hasSize(1));
    JobObjectContract.interrupted(
        "count", () -> assertThat(admin.count(here, 10).jobs()).as("count").isEqualTo(1));
    JobObjectContract.interrupted(
        "steps", () -> assertThat(admin.steps(queue, id)).as("steps").isEmpty());
    JobObjectContract.interrupted("pause", () -> admin.pause(queue));
    JobObjectContract.interrupted("resume", () -> admin.resume(queue));
    JobObjectContract.interrupted("resetExpired", () -> admin.resetExpired(queue, 10));
    JobObjectContract.interrupted(
        "purge", () -> assertThat(admin.purge(queue, Duration.ZERO, 10)).isEqualTo(1));
    String waiting = enqueued(job());
    JobObjectContract.interrupted(
        "change",
        () ->
            assertThat(admin.change(queue, waiting, JobChange.builder().priority(1).build()))
                .isEqualTo(Change.CHANGED));
    JobObjectContract.interrupted(
        "purge by the time to keep", () -> assertThat(admin.purge(queue, 10)).isZero());
    JobObjectContract.interrupted(
        "cancel by a filter",
        () ->
            assertThat(AllPages.changed(10, after -> admin.cancel(here, after, 10)))
                .as("cancelled")
                .isEqualTo(1));
    JobObjectContract.interrupted(
        "requeue by a filter",
        () ->
            assertThat(
                    AllPages.changed(10, after -> admin.requeue(here, Requeueing.now(), after, 10)))
                .as("requeued")
                .isEqualTo(1));
    JobObjectContract.interrupted(
        "delete by a filter",
        () ->
            assertThat(AllPages.changed(10, after -> admin.delete(here, after, 10)))
                .as("deleted")
                .isEqualTo(1));
    String last = enqueued(job());
    JobObjectContract.interrupted("delete", () -> assertThat(admin.delete(queue, last)).isTrue());
  }
}
