package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The records of what operators do, and what operators need to do it with care. */
abstract class AdminActionContract extends AdminBulkContract {

  static final Operator ANNA = Operator.of("anna", "the mail host is back");

  /** A store may move the time of a record a little, so that it has its own. */
  private static final Duration SLACK = Duration.ofMillis(1);

  /** Skips the test if the store records nothing, once it has shown that it says so. */
  private JobAdmin anna() {
    if (lacks(Capability.AUDIT)) {
      Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
      calls.put("by", () -> admin.by(ANNA));
      calls.put("actions", () -> admin.actions(ActionQuery.inQueue(queue)));
      calls.put("purgeActions", () -> admin.purgeActions(queue, Duration.ZERO, 1));
      calls.forEach(
          (name, call) ->
              assertThatThrownBy(call)
                  .as("%s of a store that lacks AUDIT", name)
                  .isInstanceOf(UnsupportedOperationException.class));
      reportAsLacking(Capability.AUDIT);
    }
    return admin.by(ANNA);
  }

  private List<OperatorAction> actions(@Nullable String id) {
    ActionQuery query = id == null ? ActionQuery.inQueue(queue) : ActionQuery.ofJob(queue, id);
    return AllPages.of(otherAdmin, query.limit(1_000));
  }

  private void assertRecorded(Kind... newestFirst) {
    assertThat(actions(null))
        .as("the kinds of the records of the queue")
        .extracting(OperatorAction::kind)
        .containsExactly(newestFirst);
  }

  private JobFilter here() {
    return JobFilter.all().inQueue(queue);
  }

  @Test
  @Since(2)
  @DisplayName("Q88 each act that changes something leaves a record: who, why, when and what")
  void recorded() {
    JobAdmin anna = anna();
    String id = enqueued(job());
    Instant before = storeNow();

    anna.cancel(queue, id);
    anna.requeue(queue, id);
    anna.change(queue, id, JobChange.builder().priority(8).build());
    anna.delete(queue, id);
    anna.pause(queue);
    anna.resume(queue);
    settledJob(SettlementKind.DONE);
    anna.purge(queue, Duration.ZERO, 10);

    assertRecorded(
        Kind.PURGE, Kind.RESUME, Kind.PAUSE, Kind.DELETE, Kind.CHANGE, Kind.REQUEUE, Kind.CANCEL);
    assertThat(actions(null))
        .allSatisfy(
            action -> {
              assertThat(action.operator()).as("who and why").isEqualTo(ANNA);
              assertThat(action.at()).as("when").isBetween(before, storeNow().plus(SLACK));
              assertThat(action.queue()).as("the queue").isEqualTo(queue);
              assertThat(action.changed()).as("how many").isEqualTo(1);
            });
    assertThat(actions(null))
        .as("the jobs of the records")
        .extracting(OperatorAction::id)
        .containsExactly(null, null, null, id, id, id, id);
  }

  @Test
  @Since(2)
  @DisplayName("Q88 the record of a change has each value that changed, before and after")
  void recordedChange() {
    JobAdmin anna = anna();
    String id = enqueued(job().priority(2).maxCrashes(3).due(Due.after(Duration.ofHours(1))));
    Job before = find(id);
    Due.At due = (Due.At) Due.at(before.dueAt().plusSeconds(7));
    anna.change(
        queue,
        id,
        JobChange.builder()
            .due(due)
            .priority(8)
            .crashesLeft(9)
            .failuresLeft(4)
            .payload("é")
            .build());
    anna.change(queue, id, JobChange.builder().payload("è").build());
    anna.change(queue, id, JobChange.builder().priority(0).build());

    assertThat(actions(id))
        .as("what the changes changed")
        .extracting(OperatorAction::what)
        .containsExactly(
            "priority 8 -> 0",
            "payload bytes 2 -> 2",
            "due "
                + before.dueAt()
                + " -> "
                + due.instant()
                + ", priority 2 -> 8, crashes 3 -> 9, failures none -> 4, payload bytes 7 -> 2");
  }

  @Test
  @Since(2)
  @DisplayName(
      "Q88 a record has name, reason and id as they were given, whatever characters they have")
  void recordedTexts() {
    anna();
    Operator odd = Operator.of("anna\n'é😀 ", "why?\0\t\\ \"%_\uD800 " + "x".repeat(2_000));
    String id = enqueued(job("{id} 'é😀 "));
    admin.by(odd).cancel(queue, id);

    assertThat(actions(id)).as("its record").hasSize(1);
    assertThat(actions(id).get(0).operator()).as("who and why").isEqualTo(odd);
  }

  @Test
  @Since(2)
  @DisplayName(
      "Q88 an act on many jobs leaves one record for each piece and queue, with its filter")
  void recordedPieces() {
    JobAdmin anna = anna();
    enqueuedMany(5);
    JobFilter pending = here().inState(JobState.PENDING);
    List<Integer> pieces =
        new ArrayList<>(AllPages.pieces(3, after -> anna.cancel(pending, after, 3)));
    pieces.removeIf(changed -> changed == 0);
    Collections.reverse(pieces);

    assertThat(actions(null))
        .as("how many jobs each record is about")
        .extracting(OperatorAction::changed)
        .containsExactlyElementsOf(pieces);
    assertThat(actions(null))
        .allSatisfy(
            action -> {
              assertThat(action.kind()).as("the kind").isEqualTo(Kind.CANCEL);
              assertThat(action.id()).as("the job").isNull();
              assertThat(action.what()).as("the filter").isEqualTo(pending.toString());
            });
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q88 a record has the longest reason and the longest filter as they were given")
  void longestTexts() {
    anna();
    Operator longest = Operator.of("€".repeat(66) + "xx", "€".repeat(Limits.MAX_MESSAGE_CHARS));
    String type = "t".repeat(Limits.MAX_NAME_BYTES);
    String id = "é".repeat(100);
    String error = "€".repeat(66);
    enqueued(NewJob.builder(queue, id, type, ""));
    settled(Settlement.failed(claimed().lease(), error));
    JobFilter filter =
        here().inState(JobState.FAILED).ofType(type).withIdPrefix(id).withErrorText(error);
    AllPages.pieces(10, after -> admin.by(longest).delete(filter, after, 10));

    assertThat(actions(null)).as("the records").hasSize(1);
    assertThat(actions(null).get(0).operator()).as("who and why").isEqualTo(longest);
    assertThat(actions(null).get(0).what()).as("the filter").isEqualTo(filter.toString());
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q88 each view records for its own operator, also one that a view has given")
  void viewsOfViews() {
    Operator bert = Operator.of("bert", "it was a mistake");
    JobAdmin anna = anna();
    JobAdmin second = anna.by(bert);
    anna.pause(queue);
    second.resume(queue);
    anna.pause(queue);

    assertThat(actions(null))
        .as("who paused, resumed and paused the queue")
        .extracting(OperatorAction::operator)
        .containsExactly(ANNA, bert, ANNA);
  }

  @Test
  @Since(2)
  @DisplayName("Q88 a piece that changes jobs of two queues leaves a record in each")
  void recordedInEachQueue() {
    JobAdmin anna = anna();
    String prefix = unique("both");
    enqueued(job(prefix + 1));
    enqueued(job(prefix + 2));
    String first = queue;
    freshQueue();
    enqueued(job(prefix + 3));
    AllPages.pieces(
        1_000, after -> anna.delete(JobFilter.all().withIdPrefix(prefix), after, 1_000));

    assertThat(changed(first)).as("in one").isEqualTo(2);
    assertThat(changed(queue)).as("in the other").isEqualTo(1);
  }

  private int changed(String queue) {
    return AllPages.of(otherAdmin, ActionQuery.inQueue(queue)).stream()
        .mapToInt(OperatorAction::changed)
        .sum();
  }

  @Test
  @Since(2)
  @DisplayName("Q88 a delete that frees the key of a job that is gone leaves a record")
  void deleteOfAPurgedJob() {
    JobAdmin anna = anna();
    JobLease lease = held(job().dedupKey("key").dedupFor(Duration.ofDays(1)));
    settled(lease, SettlementKind.DONE);
    assertThat(admin.purge(queue, Duration.ZERO, 10)).as("purge").isEqualTo(1);

    assertThat(anna.delete(queue, lease.jobId())).as("delete of a purged job").isFalse();
    anna.delete(queue, lease.jobId());

    assertRecorded(Kind.DELETE);
    assertThat(actions(lease.jobId())).as("the records of the job").hasSize(1);
  }

  @Test
  @Since(2)
  @DisplayName("Q88 without an operator nothing is recorded, nor what happens without one")
  void notRecorded() throws Exception {
    JobAdmin anna = anna();
    String id = enqueued(job());
    admin.cancel(queue, id);
    admin.requeue(queue, id);
    AllPages.pieces(10, after -> admin.delete(here(), after, 10));
    held();
    expireLeases();
    assertThat(anna.resetExpired(queue, 10).count()).as("reset by an operator").isEqualTo(1);
    anna.purge(queue, 10);

    assertRecorded();
  }

  @Test
  @Since(2)
  @DisplayName("Q89 an act that changes nothing leaves no record, so nor does one that is repeated")
  void nothingToRecord() {
    JobAdmin anna = anna();
    String id = enqueued(job().priority(4));
    JobChange change = JobChange.builder().priority(4).payload("payload").build();
    anna.change(queue, id, change);
    anna.requeue(queue, id);
    anna.resume(queue);
    anna.purge(queue, Duration.ZERO, 10);
    anna.cancel(queue, "unknown");
    anna.delete(queue, "unknown");
    anna.change(queue, "unknown", JobChange.runNow());
    JobFilter failed = here().inState(JobState.FAILED);
    AllPages.pieces(10, after -> anna.requeue(failed, Requeueing.now(), after, 10));
    assertRecorded();

    JobLease held = claimed().lease();
    anna.cancel(queue, id);
    anna.cancel(queue, id);
    AllPages.pieces(10, after -> anna.cancel(here(), after, 10));
    anna.change(queue, id, JobChange.runNow());
    assertRecorded(Kind.CANCEL);
    settled(Settlement.done(held));
    anna.cancel(queue, id);
    anna.pause(queue);
    anna.pause(queue);
    anna.delete(queue, id);
    anna.delete(queue, id);
    AllPages.pieces(10, after -> anna.delete(here(), after, 10));
    assertRecorded(Kind.DELETE, Kind.PAUSE, Kind.CANCEL);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q89 the record of an act by a filter counts no job that it did not change")
  void numbersOfPieces() {
    JobAdmin anna = anna();
    Map<String, Function<@Nullable String, JobPiece>> acts = new LinkedHashMap<>();
    acts.put("cancel", after -> anna.cancel(here(), after, 100));
    acts.put("requeue", after -> anna.requeue(here(), Requeueing.now(), after, 100));
    acts.put("delete", after -> anna.delete(here(), after, 100));
    for (Map.Entry<String, Function<@Nullable String, JobPiece>> act : acts.entrySet()) {
      freshQueue();
      String done = settledJob(SettlementKind.DONE);
      String failed = settledJob(SettlementKind.FAILED);
      JobLease taken = held(job().dedupKey("key"));
      settled(taken, SettlementKind.FAILED);
      String rival = enqueued(job().dedupKey("key").due(Due.after(LEASE)));
      String held = held().jobId();
      String marked = held().jobId();
      admin.cancel(queue, marked);
      String waiting = enqueued(job());
      List<String> ids = List.of(done, failed, taken.jobId(), rival, held, marked, waiting);
      Map<String, Optional<Job>> before = records(ids);
      AllPages.pieces(100, act.getValue());
      Map<String, Optional<Job>> after = records(ids);
      long changed =
          ids.stream().filter(id -> !Objects.equals(before.get(id), after.get(id))).count();
      assertThat(actions(null).stream().mapToLong(OperatorAction::changed).sum())
          .as("the number in the records of %s by a filter", act.getKey())
          .isEqualTo(changed);
    }
  }

  private Map<String, Optional<Job>> records(List<String> ids) {
    return ids.stream().collect(Collectors.toMap(id -> id, this::record));
  }

  @Test
  @Since(2)
  @DisplayName("Q89 a conflict of a requeue leaves no record")
  void conflictIsNotRecorded() {
    JobAdmin anna = anna();
    JobLease taken = held(job().dedupKey("key"));
    settled(taken, SettlementKind.FAILED);
    enqueued(job().dedupKey("key"));

    assertThat(anna.requeue(queue, taken.jobId())).as("requeue").isEqualTo(Requeue.CONFLICT);
    assertRecorded();
  }

  @Test
  @Since(2)
  @DisplayName("Q90 actions come newest first, page by page, of a job, of a queue or of all queues")
  void actionPages() {
    JobAdmin anna = anna();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(enqueued(job()));
      anna.cancel(queue, ids.get(i));
    }
    String first = queue;
    freshQueue();
    anna.pause(queue);
    Collections.reverse(ids);

    assertThat(paged(ActionQuery.inQueue(first)))
        .as("of a queue")
        .extracting(OperatorAction::id)
        .containsExactlyElementsOf(ids);
    assertThat(paged(ActionQuery.ofJob(first, ids.get(2))))
        .as("of a job")
        .extracting(OperatorAction::id)
        .containsExactly(ids.get(2));
    List<OperatorAction> all = paged(ActionQuery.all());
    assertThat(all)
        .as("of all queues")
        .filteredOn(action -> action.queue().equals(first) || action.queue().equals(queue))
        .hasSize(6);
    assertThat(all)
        .as("of all queues")
        .isSortedAccordingTo(Comparator.comparing(OperatorAction::at).reversed());
    assertThat(pagedWhileOthersAct(ActionQuery.inQueue(first), first))
        .as("of a queue, with acts between two pages")
        .filteredOn(action -> action.kind() == Kind.CANCEL)
        .extracting(OperatorAction::id)
        .containsExactlyElementsOf(ids);
    assertThat(paged(ActionQuery.inQueue(unique("queue")))).as("of an unknown queue").isEmpty();
    assertThat(paged(ActionQuery.ofJob(first, "unknown"))).as("of an unknown job").isEmpty();
  }

  private List<OperatorAction> pagedWhileOthersAct(ActionQuery query, String actsIn) {
    ActionPage first = otherAdmin.actions(query.limit(2));
    anna().pause(actsIn);
    anna().resume(actsIn);
    List<OperatorAction> all = new ArrayList<>(first.actions());
    all.addAll(paged(query.after(first.next())));
    return all;
  }

  private List<OperatorAction> paged(ActionQuery query) {
    return AllPages.of(otherAdmin, query.limit(2));
  }

  @Test
  @Since(2)
  @DisplayName("Q90 a record outlives its job, until a purge removes those that are old enough")
  void actionsOutliveTheirJobs() throws Exception {
    JobAdmin anna = anna();
    String id = enqueued(job());
    anna.pause(queue);
    anna.cancel(queue, id);
    anna.delete(queue, id);
    assertThat(actions(id)).as("the records of a job that is gone").hasSize(2);
    advance(Duration.ofHours(2));
    anna.resume(queue);

    assertThat(admin.purgeActions(queue, Duration.ofHours(1), 2)).as("purged of 2").isEqualTo(2);
    assertRecorded(Kind.RESUME, Kind.DELETE);
    assertThat(admin.purgeActions(queue, Duration.ofHours(1), 10)).as("purged").isEqualTo(1);
    assertThat(admin.purgeActions(queue, Duration.ofHours(1), 10)).as("purged").isZero();
    assertRecorded(Kind.RESUME);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q90 a purge of records goes exactly by their age")
  void purgeActionsAtAnAge() throws Exception {
    anna().pause(queue);
    advance(term);
    Duration age = Duration.between(actions(null).get(0).at(), storeNow());
    Duration older = age.plus(time.isFrozen() ? bare.fixture.unit() : LEASE);

    assertThat(admin.purgeActions(queue, older, 10)).as("purge of what is older").isZero();
    assertThat(admin.purgeActions(queue, age, 10)).as("purge of what is as old").isEqualTo(1);
    assertRecorded();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q90 the records of a job or a queue are not those of its neighbours")
  void actionsOfNeighbours() throws Exception {
    JobAdmin anna = anna();
    List<String> queues = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      freshQueue();
      queues.add(queue);
      for (String id : List.of("id", "beside")) {
        enqueued(job(id));
        anna.cancel(queue, id);
      }
    }
    for (String each : queues) {
      for (String id : List.of("id", "beside")) {
        assertThat(paged(ActionQuery.ofJob(each, id)))
            .as("the acts on job %s of queue %s", id, each)
            .extracting(OperatorAction::queue, OperatorAction::id)
            .containsExactly(tuple(each, id));
      }
    }
    // The last first, so that there are older records of other queues.
    Collections.reverse(queues);
    for (String each : queues) {
      assertThat(admin.purgeActions(each, Duration.ZERO, 1)).as("purge of 1").isEqualTo(1);
      assertThat(paged(ActionQuery.inQueue(each)))
          .as("what the purge of the oldest record left")
          .extracting(OperatorAction::id)
          .containsExactly("beside");
    }
  }

  @Test
  @Since(2)
  @DisplayName("Q90 bad arguments of the calls about records are refused")
  void badActionArguments() {
    anna();
    assertRefused("by, no operator", () -> admin.by(absent()));
    assertRefused("actions, no query", () -> admin.actions(absent()));
    for (String bad : List.of("", "not of this store", "-", "\0")) {
      assertRefused("actions after " + bad, () -> admin.actions(ActionQuery.all().after(bad)));
    }
    assertRefused("purgeActions, limit 0", () -> admin.purgeActions(queue, Duration.ZERO, 0));
    assertRefused(
        "purgeActions, negative age", () -> admin.purgeActions(queue, Duration.ofSeconds(-1), 1));
    assertRefused("purgeActions, blank queue", () -> admin.purgeActions(" ", Duration.ZERO, 1));
  }

  @Test
  @Since(2)
  @DisplayName("Q91 requeue over a span makes each job due at its place, which its id tells")
  void requeuedOverASpan() {
    Requeueing how = Requeueing.spreadOver(Duration.ofHours(10));
    Set<String> failed = new HashSet<>();
    for (String id : List.of("a", "b", "1234")) {
      settled(held(job(id)), SettlementKind.FAILED);
      failed.add(id);
    }
    settled(held(job("alone")), SettlementKind.FAILED);
    Instant before = storeNow();
    assertThat(admin.requeue(queue, "alone", how)).as("requeue").isEqualTo(Requeue.REQUEUED);
    JobFilter ofFailed = here().inState(JobState.FAILED);
    AllPages.pieces(2, after -> admin.requeue(ofFailed, how, after, 2));
    Instant after = storeNow();

    failed.add("alone");
    for (String id : failed) {
      assertThat(find(id).dueAt())
          .as("due time of %s", id)
          .isBetween(before.plus(how.delay(id)), after.plus(how.delay(id)));
    }
    assertThat(claim(10)).as("claim at once").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q91 whatever the id and the span, and by whichever call, a job has its place")
  void placesInSpans() {
    List<JobAdmin> admins = new ArrayList<>(List.of(admin));
    if (!lacks(Capability.AUDIT)) {
      admins.add(admin.by(ANNA));
    }
    List<String> ids = List.of("a", "é", "日本", "x😀");
    jobs.enqueue(ids.stream().map(id -> job(id).build()).toList());
    for (JobAdmin each : admins) {
      for (Duration span : SPANS) {
        Requeueing how = Requeueing.spreadOver(span);
        assertPlaces(ids, how, () -> ids.forEach(id -> each.requeue(queue, id, how)));
        assertPlaces(
            ids, how, () -> AllPages.pieces(10, after -> each.requeue(here(), how, after, 10)));
      }
    }
  }

  /** Under a second, between two seconds, and beyond 2^32 milliseconds. */
  private static final List<Duration> SPANS =
      List.of(Duration.ofMillis(900), Duration.ofMillis(1_500), Limits.MAX_DELAY);

  private void assertPlaces(List<String> ids, Requeueing how, Runnable requeue) {
    AllPages.pieces(10, after -> admin.cancel(here(), after, 10));
    Duration unit = bare.fixture.unit();
    Instant before = storeNow().minus(unit);
    requeue.run();
    Instant after = storeNow().plus(unit);
    for (String id : ids) {
      assertThat(find(id).dueAt())
          .as("due time of %s, %s", id, how)
          .isBetween(before.plus(how.delay(id)), after.plus(how.delay(id)));
    }
  }

  @Test
  @Since(2)
  @DisplayName("Q92 a call by a filter changes no more jobs than its limit")
  void noMoreThanTheLimit() {
    enqueuedMany(7);
    JobFilter pending = here().inState(JobState.PENDING);
    JobFilter cancelled = here().inState(JobState.CANCELLED);
    assertChanges(4, pending, after -> admin.cancel(pending, after, 4));
    assertChanges(1, cancelled, after -> admin.requeue(cancelled, Requeueing.now(), after, 1));
    assertChanges(2, here(), after -> admin.delete(here(), after, 2));
  }

  @Test
  @Since(3)
  @DisplayName("Q92 a call by a filter over several queues changes no more jobs than its limit")
  void noMoreThanTheLimitOverQueues() {
    String prefix = unique("limited");
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      freshQueue();
      batch.add(job(prefix + "-" + i).build());
      batch.add(job(prefix + "+" + i).build());
    }
    jobs.enqueue(batch);
    JobFilter all = JobFilter.all().withIdPrefix(prefix);
    JobFilter pending = all.inState(JobState.PENDING);
    JobFilter cancelled = all.inState(JobState.CANCELLED);
    assertChanges(3, pending, after -> admin.cancel(pending, after, 3));
    assertChanges(3, cancelled, after -> admin.requeue(cancelled, Requeueing.now(), after, 3));
    assertChanges(3, all, after -> admin.delete(all, after, 3));
  }

  /**
   * Makes the call until it has met all jobs.
   *
   * @param left the jobs that the call has not changed yet
   */
  private void assertChanges(int limit, JobFilter left, Function<@Nullable String, JobPiece> call) {
    AllPages.pieces(
        limit,
        after -> {
          int before = found(left).size();
          JobPiece piece = call.apply(after);
          assertThat(before - found(left).size())
              .as("how many jobs a piece changed")
              .isEqualTo(piece.changed())
              .isBetween(0, limit);
          return piece;
        });
    assertThat(found(left)).as("the jobs that no piece has changed").isEmpty();
  }

  @Test
  @Since(2)
  @DisplayName(
      "Q93 a failed attempt has the token of its claim, and tells when that was, if it can")
  void tokensOfFailedAttempts() throws Exception {
    String id = enqueued(NewJob.builder(queue, unique("job"), "kit", ""));
    Instant before = storeNow();
    JobLease first = claimed().lease();
    Instant after = storeNow();
    settled(Settlement.retry(first, Duration.ZERO, "first"));
    JobLease second = jobs.claim(ClaimRequest.of(queue, "worker", 1, term)).jobs().get(0).lease();
    expireLeases();
    assertThat(admin.resetExpired(queue, 10).count()).as("reset").isEqualTo(1);

    List<FailedAttempt> failed = otherAdmin.failedAttempts(queue, id);
    assertThat(failed)
        .as("the tokens")
        .extracting(FailedAttempt::token)
        .containsExactly(first.token(), second.token());
    Instant claimedAt = failed.get(0).claimedAt();
    if (claimedAt != null) {
      assertThat(claimedAt).as("when it was claimed").isBetween(before, after.plus(SLACK));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q93 a failed attempt has the time of its claim, not that of an extension")
  void timesOfClaims() throws Exception {
    takeLongLeases();
    for (SettlementKind kind : List.of(SettlementKind.RETRY, SettlementKind.FAILED)) {
      String id = enqueued(job());
      Instant before = storeNow();
      JobLease lease = claimed().lease();
      Instant after = storeNow();
      advance(Duration.ofMillis(5));
      jobs.extend(List.of(lease), LEASE);
      advance(Duration.ofMillis(5));
      Instant end = storeNow();
      settled(lease, kind);

      FailedAttempt failed = otherAdmin.failedAttempts(queue, id).get(0);
      assertThat(failed.token()).as("token").isEqualTo(lease.token());
      assertThat(failed.at()).as("when it failed").isBetween(end, storeNow().plus(SLACK));
      if (failed.claimedAt() != null) {
        assertThat(failed.claimedAt())
            .as("when it was claimed, of an attempt that was extended and settled as %s", kind)
            .isBetween(before, after.plus(SLACK));
      }
      admin.delete(queue, id);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName(
      "Q93 an attempt that a claim or a reset finds expired has the token of its own claim")
  void tokensOfExpiredAttempts() throws Exception {
    for (boolean byReset : new boolean[] {false, true}) {
      freshQueue();
      JobLease lease = held(job().maxCrashes(9));
      expireLeases();
      if (byReset) {
        admin.resetExpired(queue, 10);
      }
      jobs.claim(ClaimRequest.of(queue, "another", 1, term));
      assertThat(otherAdmin.failedAttempts(queue, lease.jobId()))
          .as("the attempt that expired")
          .extracting(FailedAttempt::token, FailedAttempt::owner)
          .containsExactly(tuple(lease.token(), lease.owner()));
    }
  }
}
