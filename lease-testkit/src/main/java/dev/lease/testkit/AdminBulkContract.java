package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Change;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.StepValue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What operators do with many jobs: find them by a filter, and change them with one call. */
abstract class AdminBulkContract extends AdminWindowContract {

  private JobFilter ofThisQueue() {
    return JobFilter.all().inQueue(queue);
  }

  final Set<String> found(JobFilter filter) {
    return AllPages.of(otherAdmin, JobQuery.of(filter).limit(1_000)).stream()
        .map(Job::id)
        .collect(Collectors.toSet());
  }

  @Test
  @DisplayName("Q48 list goes newest first or oldest first, page by page")
  void bothOrders() {
    List<String> oldestFirst = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      oldestFirst.add(enqueued(job()));
    }
    List<String> newestFirst = new ArrayList<>(oldestFirst);
    Collections.reverse(newestFirst);

    assertThat(paged(JobOrder.OLDEST_FIRST)).as("oldest first").isEqualTo(oldestFirst);
    assertThat(paged(JobOrder.NEWEST_FIRST)).as("newest first").isEqualTo(newestFirst);
  }

  private List<String> paged(JobOrder order) {
    return AllPages.of(admin, JobQuery.of(ofThisQueue()).order(order).limit(3)).stream()
        .map(Job::id)
        .toList();
  }

  @Test
  @DisplayName(
      "Q48 a filter finds jobs by the beginning of their id and by a part of their error,"
          + " literally")
  void foundByText() {
    String one = enqueued(job("order-1%"));
    String two = enqueued(job("order-12"));
    enqueued(job("Order-13"));
    enqueued(job("an order-14"));
    assertThat(found(ofThisQueue().withIdPrefix("order-1"))).as("by id").containsOnly(one, two);
    assertThat(found(ofThisQueue().withIdPrefix("order-1%"))).as("by id with %").containsOnly(one);
    assertThat(found(ofThisQueue().withIdPrefix("order_"))).as("by id with _").isEmpty();

    freshQueue();
    JobLease timeout = held(job());
    settled(Settlement.failed(timeout, "bank said: Timeout_after 3 s"));
    settled(Settlement.failed(held(), "bank said: no"));
    enqueued(job());
    assertThat(found(ofThisQueue().withErrorText("Timeout_a")))
        .as("by error")
        .containsOnly(timeout.jobId());
    assertThat(found(ofThisQueue().withErrorText("timeout")))
        .as("by error, in lower case")
        .isEmpty();
    assertThat(found(ofThisQueue().withErrorText("%")))
        .as("by an error with %, which is not a pattern")
        .isEmpty();
  }

  @Test
  @DisplayName("Q48 a filter finds jobs by the times of enqueueing and finishing")
  void foundByTime() throws Exception {
    JobLease first = held();
    settled(first, SettlementKind.FAILED);
    advance(term);
    Instant between = storeNow();
    advance(term);
    JobLease second = held();
    settled(second, SettlementKind.FAILED);
    String waiting = enqueued(job());

    assertThat(found(ofThisQueue().createdBetween(null, between)))
        .as("enqueued before")
        .containsOnly(first.jobId());
    assertThat(found(ofThisQueue().createdBetween(between, null)))
        .as("enqueued after")
        .containsOnly(second.jobId(), waiting);
    assertThat(found(ofThisQueue().finishedBetween(between, null)))
        .as("finished after")
        .containsOnly(second.jobId());
    assertThat(found(ofThisQueue().finishedBetween(null, between)))
        .as("finished before")
        .containsOnly(first.jobId());
    Instant end = find(first.jobId()).finishedAt();
    assertThat(found(ofThisQueue().finishedBetween(end, null)))
        .as("finished at that time or after it")
        .contains(first.jobId());
    assertThat(found(ofThisQueue().finishedBetween(null, end)))
        .as("finished before the time of its finish")
        .isEmpty();
  }

  @Test
  @DisplayName("Q02 the id of a job with a keep of zero is still remembered for a while")
  void idOfAJobThatIsNotKept() {
    NewJob job = job().keep(Duration.ZERO).build();
    jobs.enqueue(List.of(job));
    settled(claimed().lease(), SettlementKind.DONE);
    admin.purge(queue, 1_000);
    otherAdmin.purge(queue, 1_000);

    List<Enqueued> again = others.enqueue(List.of(job));
    if (!isLate()) {
      assertThat(again)
          .as("enqueue, repeated after the job was done")
          .containsExactly(Enqueued.of(job.id(), false));
      assertThat(claim(1)).as("claim").isEmpty();
    }
  }

  @Test
  @DisplayName("Q02 once it is done, a job with a keep of zero exists for all calls or for none")
  void wholeOrGone() {
    // Others, in that queue and with that id elsewhere, do not make it look as if it were there.
    String id = enqueued(job());
    freshQueue();
    enqueued(job().due(Due.after(Duration.ofDays(1))));
    JobLease first = held(job(id).keep(Duration.ZERO));
    settled(Settlement.retry(first, Duration.ZERO, "closed"));
    settled(claimed().lease(), SettlementKind.DONE);

    boolean isThere = record(id).isPresent();
    assertThat(found(ofThisQueue()).contains(id))
        .as("whether list shows the job")
        .isEqualTo(isThere);
    assertThat(
            otherAdmin.counts().queues().stream()
                .filter(counts -> counts.queue().equals(queue))
                .mapToLong(counts -> counts.jobs().values().stream().mapToLong(it -> it).sum())
                .sum())
        .as("how many jobs are counted")
        .isEqualTo(isThere ? 2 : 1);
    assertThat(otherAdmin.failedAttempts(queue, id)).as("failures").hasSize(isThere ? 1 : 0);
    if (!isThere) {
      assertThat(admin.cancel(queue, id)).as("cancel").isEqualTo(Cancellation.NOT_FOUND);
      assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.NOT_FOUND);
      assertThat(admin.change(queue, id, JobChange.builder().priority(9).build()))
          .as("change")
          .isEqualTo(Change.NOT_FOUND);
      assertThat(admin.delete(queue, id)).as("delete").isFalse();
    }
  }

  @Test
  @DisplayName("Q02 after a delete the id of a job with a keep of zero is free at once")
  void idOfAJobThatIsNotKeptDeleted() {
    JobLease lease = held(job().keep(Duration.ZERO));
    settled(lease, SettlementKind.DONE);
    admin.delete(queue, lease.jobId());

    assertThat(others.enqueue(List.of(job(lease.jobId()).build())))
        .as("enqueue after the delete")
        .containsExactly(Enqueued.of(lease.jobId(), true));
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName("Q46 a job that was done with a keep of zero is gone sooner than one without a keep")
  void purgeOfAJobThatIsNotKept() throws Exception {
    JobLease lease = held(job().keep(Duration.ZERO));
    settled(lease, SettlementKind.DONE);
    JobLease longer = held(job().keep(term));
    settled(longer, SettlementKind.DONE);
    String kept = settledJob(SettlementKind.DONE);
    // The store may remember ids by whole jobs [Q02], so it may keep them all for longer.
    Duration keep = record(lease.jobId()).map(Job::keep).orElse(Duration.ZERO);
    assertThat(keep)
        .as("the keep of a job with a keep of zero")
        .isLessThanOrEqualTo(offered("keep of a job that is DONE", find(longer.jobId()).keep()));
    Duration own = offered("keep of a job that is DONE", find(kept).keep());
    advance(keep);
    admin.purge(queue, 10);

    assertThat(record(lease.jobId())).as("the job").isEmpty();
    if (own.compareTo(keep) > 0) {
      assertThat(record(kept)).as("the job without a keep").isPresent();
    }
  }

  @Test
  @DisplayName("Q38 tokens grow over the delete of a job with a keep of zero")
  void tokensOfAJobThatIsNotKept() {
    JobLease lease = held(job().keep(Duration.ZERO));
    settled(lease, SettlementKind.DONE);
    admin.delete(queue, lease.jobId());
    others.enqueue(List.of(job(lease.jobId()).build()));

    assertThat(claimed().lease().token()).isGreaterThan(lease.token());
  }

  @Test
  @Since(2)
  @DisplayName("Q02 of ids that are alike each is remembered, and forgotten, for itself")
  void idsThatAreAlike() {
    // UUIDs of version 7 that were made one after the other: a store may remember them together.
    String begin = "0199e3a1-5c00-7000-8000-00000000000";
    List<String> done = Stream.of("2", "5", "8").map(begin::concat).toList();
    List<String> alike =
        List.of(
            begin + "1", begin + "3", begin + "7", begin + "9", begin, begin.substring(1) + "5");
    jobs.enqueue(done.stream().map(id -> job(id).keep(Duration.ZERO).build()).toList());
    jobs.settle(claim(3).stream().map(it -> SettlementKind.DONE.of(it.lease())).toList());
    admin.purge(queue, 1_000);

    assertThat(others.enqueue(alike.stream().map(id -> job(id).build()).toList()))
        .as("enqueue of ids that are like those of the jobs that were done")
        .allMatch(Enqueued::created);
    admin.delete(queue, begin + "5");
    List<Enqueued> again = jobs.enqueue(done.stream().map(id -> job(id).build()).toList());
    if (!isLate()) {
      assertThat(again)
          .as("enqueue of the ids of the jobs that were done, one of which was deleted")
          .extracting(Enqueued::created)
          .containsExactly(false, true, false);
    }
  }

  @Test
  @DisplayName("Q02 an id is remembered however many jobs finish after its job")
  void idsOfManyJobs() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ids.addAll(enqueuedMany(1_000));
      jobs.settle(claim(1_000).stream().map(it -> SettlementKind.DONE.of(it.lease())).toList());
      admin.purge(queue, 1_000);
    }

    for (String id : List.of(ids.get(0), ids.get(1_500), ids.get(2_999))) {
      assertThat(others.enqueue(List.of(job(id).build())))
          .as("enqueue, repeated after the job and many others were done")
          .containsExactly(Enqueued.of(id, false));
    }
  }

  /** A call for one job and the same by a filter, and the states in which they change it. */
  private record Twins(
      String name,
      Consumer<String> single,
      BiFunction<JobFilter, @Nullable String, JobPiece> byFilter,
      List<JobState> states) {}

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q58 a job lives on after a call by a filter as after the call for one job")
  void livesAfterCallsByFilter() {
    List<Twins> calls =
        List.of(
            new Twins(
                "requeue",
                id -> admin.requeue(queue, id),
                (filter, after) -> admin.requeue(filter, Requeueing.now(), after, 10),
                List.of(JobState.FAILED, JobState.CANCELLED)),
            new Twins(
                "cancel",
                id -> admin.cancel(queue, id),
                (filter, after) -> admin.cancel(filter, after, 10),
                List.of(JobState.PENDING, JobState.RETRY, JobState.PROCESSING)),
            new Twins(
                "delete",
                id -> admin.delete(queue, id),
                (filter, after) -> admin.delete(filter, after, 10),
                List.of(JobState.RETRY, JobState.PROCESSING, JobState.DONE, JobState.FAILED)));
    takeLongLeases();
    for (Twins call : calls) {
      for (JobState state : call.states) {
        List<List<Object>> lives = new ArrayList<>();
        for (boolean byFilter : new boolean[] {false, true}) {
          freshQueue();
          JobLease lease = in(state);
          if (byFilter) {
            JobFilter filter = ofThisQueue().inState(state);
            AllPages.pieces(10, after -> call.byFilter.apply(filter, after));
          } else {
            call.single.accept("id");
          }
          lives.add(lifeAfter(lease));
        }
        assertThat(lives.get(1))
            .as("the life of a job in %s after %s by a filter", state, call.name)
            .isEqualTo(lives.get(0));
      }
    }
  }

  /** A job with a past in that state, and its last lease. */
  private JobLease in(JobState state) {
    settled(held(job("id").dedupKey("key").maxCrashes(9)), SettlementKind.RETRY);
    JobLease lease = claimed().lease();
    jobs.checkpoint(lease, "step", "kept");
    switch (state) {
      case PENDING -> {
        settled(lease, SettlementKind.FAILED);
        admin.requeue(queue, "id");
      }
      case RETRY -> settled(lease, SettlementKind.RETRY);
      case DONE -> settled(lease, SettlementKind.DONE);
      case FAILED -> settled(lease, SettlementKind.FAILED);
      case CANCELLED -> settled(lease, SettlementKind.CANCELLED);
      default -> {}
    }
    assertThat(stateOf("id")).as("state").isEqualTo(state);
    return lease;
  }

  /** What the store answers about a job, from then on. */
  private List<Object> lifeAfter(JobLease lease) {
    List<Object> life = new ArrayList<>();
    life.add(others.extend(List.of(lease), LEASE).stream().map(Object::getClass).toList());
    life.add(others.enqueue(List.of(job("another").dedupKey("key").build())));
    life.add(others.enqueue(List.of(job("id").dedupKey("key").build())));
    life.add(otherAdmin.failedAttempts(queue, "id").stream().map(FailedAttempt::attempt).toList());
    life.add(otherAdmin.steps(queue, "id").stream().map(StepValue::value).toList());
    life.add(found(ofThisQueue().inState(JobState.PENDING)));
    for (ClaimedJob job : claim(10)) {
      life.add(List.of(job.lease().jobId(), job.attempt(), job.failures(), job.crashes()));
      life.add(job.lease().token() > lease.token());
    }
    life.add(others.settle(List.of(SettlementKind.DONE.of(lease))));
    Optional<Job> job = record("id");
    life.add(job.map(Job::state));
    life.add(job.map(Job::error));
    life.add(job.map(Job::cancelRequested));
    return life;
  }

  @Test
  @DisplayName("Q58 requeue by a filter requeues the matching jobs, piece by piece, and no others")
  void requeueMany() {
    Set<String> failed = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      JobLease lease = held();
      settled(Settlement.failed(lease, "the bank is closed"));
      failed.add(lease.jobId());
    }
    String otherwise = settledJob(SettlementKind.FAILED);
    String done = settledJob(SettlementKind.DONE);
    JobFilter closed = ofThisQueue().inState(JobState.FAILED).withErrorText("bank is closed");

    int changed = AllPages.changed(3, after -> admin.requeue(closed, Requeueing.now(), after, 3));

    assertThat(changed).as("how many jobs").isEqualTo(7);
    assertThat(found(ofThisQueue().inState(JobState.PENDING))).as("requeued").isEqualTo(failed);
    assertThat(stateOf(otherwise))
        .as("state of a job that failed otherwise")
        .isEqualTo(JobState.FAILED);
    assertThat(stateOf(done)).as("state of the job that is done").isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("Q58 requeue by a filter skips a job whose dedup key is taken, and goes on")
  void requeueManyWithAConflict() {
    JobLease taken = held(job().dedupKey("key"));
    settled(taken, SettlementKind.FAILED);
    enqueued(job().dedupKey("key").due(Due.after(Duration.ofDays(1))));
    String free = settledJob(SettlementKind.FAILED);

    int changed =
        AllPages.changed(
            1,
            after ->
                admin.requeue(ofThisQueue().inState(JobState.FAILED), Requeueing.now(), after, 1));

    assertThat(changed).as("how many jobs").isEqualTo(1);
    assertThat(stateOf(taken.jobId()))
        .as("state of the job whose dedup key is taken")
        .isEqualTo(JobState.FAILED);
    assertThat(stateOf(free))
        .as("state of the job whose dedup key is free")
        .isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q58 cancel by a filter cancels waiting jobs, marks held jobs, and counts both")
  void cancelMany() {
    JobLease held = held();
    String released = settledJob(SettlementKind.RELEASED);
    enqueuedMany(4);
    String otherQueue = queue;
    freshQueue();
    String elsewhere = enqueued(job());

    int changed =
        AllPages.changed(2, after -> admin.cancel(JobFilter.all().inQueue(otherQueue), after, 2));

    assertThat(changed).as("how many jobs").isEqualTo(6);
    assertThat(find(otherQueue, held.jobId()).cancelRequested())
        .as("cancelRequested of a held job")
        .isTrue();
    assertThat(find(otherQueue, released).state())
        .as("state of a released job")
        .isEqualTo(JobState.CANCELLED);
    assertThat(stateOf(elsewhere))
        .as("state of a job in another queue")
        .isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("Q58 delete by a filter deletes the matching jobs, page by page, and no others")
  void deleteMany() {
    String failed = settledJob(SettlementKind.FAILED);
    enqueuedMany(7);

    int changed =
        AllPages.changed(
            3, after -> admin.delete(ofThisQueue().inState(JobState.PENDING), after, 3));

    assertThat(changed).as("how many jobs").isEqualTo(7);
    assertThat(found(ofThisQueue())).as("the jobs that are left").containsOnly(failed);
  }
}
