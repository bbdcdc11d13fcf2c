package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract of a {@link JobAdmin}: those of the clauses Q02 to Q93 in which operators take part.
 * It also uses the {@link dev.lease.JobQueue} of the same store. Extend this class and return your
 * store from {@link #fixture()}.
 */
public abstract class JobAdminContract extends AdminTimeContract {

  /** Takes no arguments: {@link #fixture()} says everything. */
  protected JobAdminContract() {}

  private JobFilter here() {
    return JobFilter.all().inQueue(queue);
  }

  private List<String> listed(JobFilter filter) {
    return AllPages.of(admin, JobQuery.of(filter).limit(1_000)).stream().map(Job::id).toList();
  }

  private Optional<QueueCounts> counts(String queue) {
    return otherAdmin.counts().queue(queue);
  }

  /** Makes one job in each state, and returns them by state. */
  private Map<JobState, String> oneOfEach() {
    Map<JobState, String> ids = new HashMap<>();
    ids.put(JobState.DONE, settledJob(SettlementKind.DONE));
    ids.put(JobState.FAILED, settledJob(SettlementKind.FAILED));
    JobLease retried = held(job());
    settled(SettlementKind.RETRY.different(retried));
    ids.put(JobState.RETRY, retried.jobId());
    ids.put(JobState.PROCESSING, held().jobId());
    String cancelled = enqueued(job());
    admin.cancel(queue, cancelled);
    ids.put(JobState.CANCELLED, cancelled);
    ids.put(JobState.PENDING, enqueued(job()));
    return ids;
  }

  @Test
  @DisplayName("Q48 list shows the jobs of a queue as find does")
  void listGivesWholeJobs() {
    List<String> ids = List.copyOf(oneOfEach().values());

    List<Job> listed = AllPages.of(admin, JobQuery.of(here()).limit(1_000));

    assertThat(listed.stream().map(JobContract::withoutAsOf))
        .as("the jobs listed")
        .containsExactlyInAnyOrderElementsOf(
            ids.stream().map(id -> withoutAsOf(find(id))).toList());
  }

  @Test
  @DisplayName("Q48 list filters by state and by type, and by all conditions together")
  void listFilters() {
    Map<JobState, String> ids = oneOfEach();
    String typed = enqueued(NewJob.builder(queue, "typed", "another type", ""));

    ids.forEach(
        (state, id) -> {
          if (state != JobState.PENDING) {
            assertThat(listed(here().inState(state))).as("jobs in %s", state).containsExactly(id);
          }
        });
    assertThat(listed(here().inState(JobState.DONE, JobState.FAILED)))
        .as("jobs in two states")
        .containsExactlyInAnyOrder(ids.get(JobState.DONE), ids.get(JobState.FAILED));
    assertThat(listed(here().ofType("another type"))).as("one type").containsExactly(typed);
    assertThat(listed(JobFilter.all().ofType(unique("type")))).as("an unknown type").isEmpty();
    assertThat(listed(here().ofType("another type").inState(JobState.DONE)))
        .as("type and state that no job has")
        .isEmpty();
    assertThat(listed(JobFilter.all().inQueue(unique("queue")))).as("unknown queue").isEmpty();
  }

  @Test
  @DisplayName("Q48 over all pages every job that does not change is listed once")
  void listPages() {
    List<String> expected = enqueuedMany(23);
    List<String> seen = new ArrayList<>();
    String after = null;
    int pages = 0;
    do {
      JobPage page =
          (pages % 2 == 0 ? admin : otherAdmin).list(JobQuery.of(here()).after(after).limit(5));
      assertThat(page.jobs()).as("a page of 5").hasSizeLessThanOrEqualTo(5);
      page.jobs().forEach(job -> seen.add(job.id()));
      after = page.next();
      pages++;
      admin.delete(queue, enqueued(job()));
    } while (after != null && pages < 100);

    assertThat(seen).as("the jobs of all pages").containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  @DisplayName("Q48 bad filters, pages and limits are refused")
  void badLists() {
    for (int limit : new int[] {0, -1, 1_001}) {
      assertRefused("list, limit " + limit, () -> admin.list(JobQuery.of(here()).limit(limit)));
    }
    assertRefused("list, no query", () -> admin.list(absent()));
    assertRefused("list, no filter", () -> admin.list(JobQuery.of(absent())));
    for (String bad : List.of("", "not of this store", "-", "\0", "1;2", "😀")) {
      assertRefused(
          "list, after '" + bad + "'", () -> admin.list(JobQuery.of(here()).after(bad).limit(1)));
    }
  }

  @Test
  @DisplayName("Q48 the counts by state add up to the jobs that were enqueued and not purged")
  void countsAddUp() throws Exception {
    oneOfEach();
    admin.pause(queue);

    QueueCounts counts = counts(queue).orElseThrow();

    for (JobState state : JobState.values()) {
      assertThat(counts.count(state)).as("jobs in %s", state).isEqualTo(1);
    }
    assertThat(counts.expired()).as("expired").isZero();
    assertThat(counts.paused()).as("paused").isTrue();
    admin.resume(queue);
    expireLeases();
    assertThat(counts(queue).orElseThrow().expired()).as("expired").isEqualTo(1);
    assertThat(counts(queue).orElseThrow().paused()).as("paused").isFalse();
    admin.purge(queue, Duration.ZERO, 1_000);
    assertThat(counts(queue).orElseThrow().jobs().values().stream().mapToLong(n -> n).sum())
        .as("jobs after a purge")
        .isEqualTo(3);
  }

  @Test
  @DisplayName(
      "Q48 after every kind of call the counts add up to the jobs that were created and not"
          + " removed")
  void countsAddUpAllAlong() throws Exception {
    List<String> ids = enqueuedMany(20);
    jobs.enqueue(List.of(job(ids.get(0)).build()));
    assertCounted(20, "after enqueues");
    List<JobLease> leases = claim(14).stream().map(ClaimedJob::lease).toList();
    assertCounted(20, "after a claim");
    List<Settlement> settlements = new ArrayList<>();
    for (SettlementKind kind : SettlementKind.values()) {
      settlements.add(kind.different(leases.get(settlements.size())));
      settlements.add(kind.different(leases.get(settlements.size())));
    }
    jobs.settle(settlements);
    others.settle(settlements);
    assertCounted(20, "after settlements");
    admin.cancel(queue, ids.get(14));
    admin.cancel(queue, leases.get(10).jobId());
    ids.forEach(id -> otherAdmin.requeue(queue, id));
    assertCounted(20, "after cancels and requeues");
    admin.delete(queue, ids.get(15));
    admin.delete(queue, leases.get(11).jobId());
    assertCounted(18, "after deletes");
    expireLeases();
    claim(1);
    admin.resetExpired(queue, 1_000);
    assertCounted(18, "after expiry and a reset");
    int purged = admin.purge(queue, Duration.ZERO, 1_000);
    assertThat(purged).as("purge").isPositive();
    assertCounted(18 - purged, "after a purge");
  }

  @Test
  @Since(2)
  @DisplayName("Q55 counts show no queue because of a hint that somebody gave")
  void hintsMakeNoQueue() {
    jobs.hint(queue);

    assertThat(counts(queue)).as("counts of a queue that never had a job").isEmpty();
  }

  @Test
  @Since(3)
  @DisplayName("Q48 the counts add up after a claim that finished jobs whose deadline had passed")
  void countsAfterDeadlines() throws Exception {
    for (int i = 0; i < 4; i++) {
      enqueued(job().notAfter(Due.after(term)));
    }
    for (ClaimedJob given : claim(3)) {
      settled(given.lease(), SettlementKind.RETRY);
    }
    claim(1);
    enqueuedMany(3);
    expireLeases();
    claim(1);
    assertCounted(7, "after the deadlines");
  }

  private void assertCounted(int expected, String when) {
    QueueCounts counts = counts(queue).orElseThrow();
    assertThat(counts.jobs().values().stream().mapToLong(n -> n).sum())
        .as("jobs %s: %s", when, counts)
        .isEqualTo(expected);
    for (JobState state : JobState.values()) {
      assertThat(counts.count(state))
          .as("count of jobs in %s %s, compared with list", state, when)
          .isEqualTo(listed(here().inState(state)).size());
    }
  }

  @Test
  @Since(2)
  @DisplayName("Q48 counts tell of an expiry and a due time from that very time on")
  void countsAtTheTime() throws Exception {
    JobLease lease = held();
    String held = queue;
    freshQueue();
    String waiting = queue;
    enqueued(job().due(Due.after(term)));
    advanceAlmost(term);
    assertThat(counts(held).orElseThrow().expired()).as("expired, before").isZero();
    assertThat(counts(waiting).orElseThrow().oldestDue()).as("oldestDue, before").isNull();
    advanceTheRest();
    assertThat(counts(held).orElseThrow().expired()).as("expired").isEqualTo(1);
    assertThat(counts(held).orElseThrow().oldestDue())
        .as("oldestDue of an expired job")
        .isEqualTo(find(held, lease.jobId()).dueAt());
    assertThat(counts(waiting).orElseThrow().oldestDue()).as("oldestDue").isNotNull();
  }

  @Test
  @DisplayName("Q48 the counts show the earliest due time of the jobs that can be claimed now")
  void countsTellTheOldestDue() throws Exception {
    Instant now = storeNow();
    enqueued(job().due(Due.after(LEASE)));
    assertThat(counts(queue).orElseThrow().oldestDue()).as("oldestDue with nothing due").isNull();
    enqueued(job().due(Due.at(now.minusSeconds(60))));
    String oldest = enqueued(job().due(Due.at(now.minusSeconds(3_600))).priority(0));

    assertThat(counts(queue).orElseThrow().oldestDue())
        .as("oldestDue")
        .isEqualTo(find(oldest).dueAt());
    List<ClaimedJob> claimed = claim(10);
    assertThat(counts(queue).orElseThrow().oldestDue()).as("oldestDue with all jobs held").isNull();
    jobs.settle(claimed.stream().map(job -> SettlementKind.DONE.of(job.lease())).toList());
    assertThat(counts(queue).orElseThrow().oldestDue())
        .as("oldestDue with all jobs finished")
        .isNull();
    JobLease expired = held(job().due(Due.at(now.minusSeconds(60))));
    expireLeases();
    assertThat(counts(queue).orElseThrow().oldestDue())
        .as("oldestDue with an expired job")
        .isEqualTo(find(expired.jobId()).dueAt());
  }

  @Test
  @DisplayName(
      "Q48 counts cover the queues that have a job or are paused, in the order of their UTF-8"
          + " bytes")
  void countedQueues() {
    List<String> queues = List.of(queue + "B", queue + "a", queue + "\uFF5E", queue + "😀");
    for (String each : queues) {
      jobs.enqueue(List.of(NewJob.builder(each, "id", "kit", "").build()));
    }
    String empty = queue + "empty";
    jobs.enqueue(List.of(NewJob.builder(empty, "id", "kit", "").build()));
    admin.delete(empty, "id");
    assertThat(counts(empty)).as("a queue whose only job was deleted").isEmpty();
    admin.pause(empty);
    assertThat(counts(empty)).as("a paused queue without jobs").isPresent();
    admin.resume(empty);

    assertThat(
            admin.counts().queues().stream()
                .map(QueueCounts::queue)
                .filter(q -> q.startsWith(queue)))
        .as("the queues")
        .containsExactlyElementsOf(queues);
  }

  @Test
  @DisplayName("Q48 list and counts change nothing, not even expired jobs")
  void adminReadsChangeNothing() throws Exception {
    JobLease lease = held(job().maxCrashes(1));
    expireLeases();
    Optional<Job> before = record(lease.jobId());

    admin.list(JobQuery.of(JobFilter.all()).limit(10));
    admin.list(JobQuery.of(here().inState(JobState.PROCESSING)).limit(10));
    admin.counts();

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q02 the id of a cancelled job is taken as long as the job is kept")
  void idOfACancelledJob() {
    String id = enqueued(job());
    admin.cancel(queue, id);
    Optional<Job> before = record(id);

    assertThat(jobs.enqueue(List.of(job(id).build())).get(0).created()).as("created").isFalse();

    assertThat(record(id)).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q49 cancel, requeue and reset that are sent twice take effect once")
  void adminCallsTwice() throws Exception {
    String waiting = enqueued(job());
    assertThat(admin.cancel(queue, waiting)).as("cancel").isEqualTo(Cancellation.CANCELLED);
    Optional<Job> cancelled = record(waiting);
    assertThat(admin.cancel(queue, waiting)).as("cancel again").isEqualTo(Cancellation.FINISHED);
    assertThat(record(waiting)).as("the record").isEqualTo(cancelled);

    JobLease lease = heldAndCancelled(job());
    assertThat(admin.cancel(queue, lease.jobId()))
        .as("cancel of a held job again")
        .isEqualTo(Cancellation.REQUESTED);
    settled(lease, SettlementKind.RETRY);

    assertThat(admin.requeue(queue, lease.jobId())).as("requeue").isEqualTo(Requeue.REQUEUED);
    Optional<Job> requeued = record(lease.jobId());
    assertThat(admin.requeue(queue, lease.jobId()))
        .as("requeue again")
        .isEqualTo(Requeue.NOT_FAILED);
    assertThat(record(lease.jobId())).as("the record").isEqualTo(requeued);

    claimed();
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);
    assertThat(admin.resetExpired(queue, 10).count()).as("reset again").isZero();
  }

  @Test
  @DisplayName("Q49 pause, resume, delete and purge that are sent twice take effect once")
  void removalsTwice() {
    settledJob(SettlementKind.DONE);
    enqueued(job());
    String deleted = enqueued(job());
    List<Runnable> calls =
        List.of(
            () -> admin.pause(queue),
            () -> admin.resume(queue),
            () -> admin.delete(queue, deleted),
            () -> admin.purge(queue, Duration.ZERO, 1_000));
    for (Runnable call : calls) {
      call.run();
      QueueCounts once = counts(queue).orElseThrow();
      call.run();
      QueueCounts twice = counts(queue).orElseThrow();

      assertThat(twice.paused()).as("paused").isEqualTo(once.paused());
      assertThat(twice.jobs()).as("jobs by state").isEqualTo(once.jobs());
    }
    assertThat(claim(10)).as("the jobs that are left").hasSize(1);
  }

  /** Every call that takes a queue, and possibly a job. */
  private Map<String, Consumer<String>> callsByQueue(JobAdmin admin) {
    Map<String, Consumer<String>> calls = new LinkedHashMap<>();
    calls.put("resetExpired", name -> admin.resetExpired(name, 1));
    calls.put("cancel", name -> admin.cancel(name, "id"));
    calls.put("requeue", name -> admin.requeue(name, "id"));
    calls.put("change", name -> admin.change(name, "id", JobChange.runNow()));
    calls.put("delete", name -> admin.delete(name, "id"));
    calls.put("pause", admin::pause);
    calls.put("resume", admin::resume);
    calls.put("purge", name -> admin.purge(name, 1));
    calls.put("purge by age", name -> admin.purge(name, Duration.ZERO, 1));
    calls.put("steps", name -> admin.steps(name, "id"));
    calls.put("brief steps", name -> admin.briefSteps(name, "id"));
    calls.put("failedAttempts", name -> admin.failedAttempts(name, "id"));
    return calls;
  }

  @Test
  @DisplayName("Q51 bad names of queues and jobs are refused")
  void badAdminNames() {
    assertRefusesBadNames(admin);
    if (!lacks(Capability.AUDIT)) {
      assertRefusesBadNames(admin.by(ANNA));
    }
  }

  private void assertRefusesBadNames(JobAdmin admin) {
    callsByQueue(admin)
        .forEach(
            (what, call) -> {
              Texts.BAD_NAMES.forEach(
                  (why, bad) -> assertRefused(what + ", queue " + why, () -> call.accept(bad)));
              assertRefused(what + ", no queue", () -> call.accept(absent()));
            });
    Texts.BAD_NAMES.forEach(
        (why, bad) -> {
          assertRefused("cancel, id " + why, () -> admin.cancel(queue, bad));
          assertRefused("requeue, id " + why, () -> admin.requeue(queue, bad));
          assertRefused("change, id " + why, () -> admin.change(queue, bad, JobChange.runNow()));
          assertRefused("delete, id " + why, () -> admin.delete(queue, bad));
        });
    assertRefused("cancel, no id", () -> admin.cancel(queue, absent()));
    assertRefused("change, no id", () -> admin.change(queue, absent(), JobChange.runNow()));
    assertRefused("change to nothing", () -> admin.change(queue, "id", absent()));
    assertRefused("delete, no id", () -> admin.delete(queue, absent()));
    assertRefused("cancel, no filter", () -> admin.cancel(noFilter(), null, 1));
    assertRefused("requeue, no filter", () -> admin.requeue(noFilter(), Requeueing.now(), null, 1));
    assertRefused("delete, no filter", () -> admin.delete(noFilter(), null, 1));
    assertRefused(
        "requeue of what matches, which is nothing, no how",
        () -> admin.requeue(here(), absent(), null, 1));
  }

  private static JobFilter noFilter() {
    return absent();
  }

  @Test
  @DisplayName("Q51 queues of 1 to 200 bytes are paused, counted and listed by their exact names")
  void longQueueNames() {
    for (String name : Texts.LONG) {
      String id = unique("id");
      jobs.enqueue(List.of(NewJob.builder(name, id, "kit", "").build()));
      admin.pause(name);
      assertThat(counts(name).map(QueueCounts::paused)).as("paused").contains(true);
      assertThat(jobs.claim(ClaimRequest.of(name, "worker", 1, term)).jobs()).as("claim").isEmpty();
      assertThat(listed(JobFilter.all().inQueue(name))).as("listed").containsExactly(id);
      admin.resume(name);
      assertThat(admin.delete(name, id)).as("delete").isTrue();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q51 a pause stops no queue whose name looks like that of its own")
  void pausesOfLookalikes() {
    takeLongLeases();
    List<String> names =
        Stream.of("a", "A", "a ", "a\t", "á", "a%", "_", "ab").map(queue::concat).toList();
    List<NewJob> batch = new ArrayList<>();
    for (String paused : names) {
      for (String name : names) {
        batch.add(NewJob.builder(name, "while " + paused, "kit", "").build());
      }
    }
    jobs.enqueue(batch);
    for (String paused : names) {
      admin.pause(paused);
      assertThat(otherAdmin.counts().queues())
          .as("the queues that are paused while '%s' is", paused)
          .filteredOn(counts -> names.contains(counts.queue()) && counts.paused())
          .extracting(QueueCounts::queue)
          .containsExactly(paused);
      for (String name : names) {
        boolean isPaused = name.equals(paused);
        assertThat(jobs.claim(ClaimRequest.of(name, "worker", 1, term)).jobs())
            .as("claim of queue '%s' while '%s' is paused", name, paused)
            .hasSize(isPaused ? 0 : 1);
      }
      admin.resume(paused);
    }
  }

  @Test
  @DisplayName("Q54 after close every call of operators throws IllegalStateException")
  void closedAdmin() throws Exception {
    Backend backend = open();
    List<JobAdmin> closed = new ArrayList<>(List.of(backend.jobAdmin()));
    if (!lacks(Capability.AUDIT)) {
      closed.add(closed.get(0).by(ANNA));
    }

    close(backend);

    closed.forEach(this::assertEveryCallIsClosed);
  }

  private void assertEveryCallIsClosed(JobAdmin closed) {
    callsByQueue(closed).forEach((what, call) -> assertClosed(what, () -> call.accept(queue)));
    assertClosed("count", () -> closed.count(here(), 1));
    assertClosed("list", () -> closed.list(JobQuery.of(here()).limit(1)));
    assertClosed("counts", closed::counts);
    assertClosed("cancel by filter", () -> closed.cancel(here(), null, 1));
    assertClosed("requeue by filter", () -> closed.requeue(here(), Requeueing.now(), null, 1));
    assertClosed("delete by filter", () -> closed.delete(here(), null, 1));
    if (!lacks(Capability.AUDIT)) {
      assertClosed("actions", () -> closed.actions(ActionQuery.inQueue(queue)));
      assertClosed("purgeActions", () -> closed.purgeActions(queue, Duration.ZERO, 1));
    }
  }

  @Test
  @DisplayName("Q48 list shows every field of a job")
  void listGivesEveryPart() {
    JobLease lease =
        held(
            job()
                .priority(7)
                .maxCrashes(4)
                .maxFailures(5)
                .notAfter(Due.after(Duration.ofDays(9)))
                .dedupKey("key")
                .dedupFor(Duration.ofDays(8))
                .headers(Map.of("name", "value"))
                .keep(Duration.ofHours(3)));
    jobs.progress(lease, Progress.of(50, "half"));

    assertThat(
            AllPages.of(admin, JobQuery.of(here()).limit(10)).stream()
                .map(JobContract::withoutAsOf))
        .as("the jobs listed")
        .containsExactly(withoutAsOf(find(lease.jobId())));
  }

  @Test
  @Disabled("Redis only: the backend's own tests")
  @DisplayName("Q44 untested: a job that lost its index entry")
  void untestedIndexes() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q43 untested in part: that a row that cannot be decoded stops no other call")
  void untestedRows() {}
}
