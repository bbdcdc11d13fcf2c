package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue.Subscription;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.Settlement.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Batches, headers and subscriptions at their largest, and limits that are met exactly. */
@Since(3)
abstract class JobEdgeContract extends JobTimeContract {

  private NewJob typed(String type) {
    return NewJob.builder(queue, unique("job"), type, "of " + type).dedupKey("key").build();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q03 a dedup key is one for jobs of all types")
  void keyOfAnotherType() {
    NewJob first = typed("one");
    NewJob second = typed("two");
    assertThat(jobs.enqueue(List.of(first, second)))
        .as("enqueue of two types with one key")
        .containsExactly(Enqueued.of(first.id(), true), Enqueued.of(first.id(), false));
    assertThat(others.enqueue(List.of(typed("three"))))
        .as("enqueue of a third type")
        .containsExactly(Enqueued.of(first.id(), false));
    List<ClaimedJob> claimed = claim(3);
    assertThat(ids(claimed)).as("claim").containsExactly(first.id());
    assertThat(claimed.get(0).payload()).as("payload").isEqualTo("of one");
  }

  private Claim claimOf(int limit, int bytes) {
    return jobs.claim(ClaimRequest.of(queue, "worker", limit, term).withMaxBytes(bytes));
  }

  private String sized(int bytes) {
    String id = unique("job");
    return enqueued(NewJob.builder(queue, id, "kit", "x".repeat(bytes)));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q11 a claim that gives the last job at its limit or its maxBytes leaves no more")
  void noMoreAtAnExactEnd() {
    for (int limit : new int[] {3, 9}) {
      for (int bytes : new int[] {300, 1_000}) {
        freshQueue();
        List<String> all = List.of(sized(100), sized(100), sized(100));
        Claim claim = claimOf(limit, bytes);
        assertThat(ids(claim.jobs()))
            .as("claim of %s with %s bytes", limit, bytes)
            .containsExactlyElementsOf(all);
        assertThat(claim.more()).as("more, of %s with %s bytes", limit, bytes).isFalse();
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q11 a claim does not pass over a job that does not fit for a smaller one behind it")
  void nothingBehindOneThatDoesNotFit() {
    String first = sized(600);
    String large = sized(600);
    String small = sized(1);

    Claim claim = claimOf(10, 1_000);
    assertThat(ids(claim.jobs())).as("claim").containsExactly(first);
    assertThat(claim.more()).as("more").isTrue();
    assertThat(ids(claimOf(10, 1_000).jobs())).as("the next claim").containsExactly(large, small);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName(
      "Q39 in one batch leases that are held, expired and lost are settled each for itself")
  void expiredBesideOthers() throws Exception {
    JobLease lost = held(job("lost").priority(9));
    JobLease expired = held(job("expired"));
    expireLeases();
    takeLongLeases();
    JobLease again = claim(1).get(0).lease();
    assertThat(again.jobId()).as("the job that is claimed again").isEqualTo("lost");
    jobs.enqueue(List.of(job("live").priority(8).build(), job("other").priority(8).build()));
    List<ClaimedJob> live = claim(2);
    assertThat(ids(live)).as("claim").containsExactly("live", "other");

    assertThat(
            others.settle(
                List.of(
                    Settlement.done(live.get(0).lease(), "1"),
                    Settlement.done(expired, "2"),
                    Settlement.done(lost, "3"),
                    Settlement.done(live.get(1).lease(), "4"))))
        .as("the answers")
        .containsExactly(Result.ACCEPTED, Result.ACCEPTED, Result.LOST, Result.ACCEPTED);
    for (String id : List.of("live", "expired", "other")) {
      assertThat(stateOf(id)).as("state of %s", id).isEqualTo(JobState.DONE);
    }
    assertThat(find("lost").lease()).as("the lease that others hold").isEqualTo(again);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q01 as many headers as there may be, of the longest names and values, are exact")
  void manyHeaders() {
    Map<String, String> headers = new HashMap<>();
    headers.put(" a", "before");
    headers.put("a ", "behind");
    headers.put("a", " with blanks ");
    headers.put("n".repeat(Limits.MAX_NAME_BYTES), "v".repeat(Limits.MAX_HEADER_BYTES));
    while (headers.size() < Limits.MAX_HEADERS) {
      headers.put("header " + headers.size(), "é".repeat(400 + headers.size()));
    }
    String id = enqueued(job().headers(headers));
    assertThat(find(id).headers()).as("headers in find").isEqualTo(headers);
    ClaimedJob job = claimed();
    assertThat(job.headers()).as("headers in a claim").isEqualTo(headers);
    settled(job.lease(), SettlementKind.RETRY);
    settled(claimed().lease(), SettlementKind.DONE);
    assertThat(find(id).headers()).as("headers of a job that is done").isEqualTo(headers);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q55 each of many subscriptions gets hints, and a second close ends none of them")
  void manySubscriptions() throws Exception {
    if (lacks(Capability.HINTS)) {
      reportAsLacking(Capability.HINTS);
    }
    List<Semaphore> hints = new ArrayList<>();
    List<Subscription> subscriptions = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      var semaphore = new Semaphore(0);
      hints.add(semaphore);
      subscriptions.add(jobs.onWork(queue, semaphore::release));
    }
    Subscription first = subscriptions.remove(0);
    hints.remove(0);
    first.close();
    first.close();
    for (Semaphore each : hints) {
      each.drainPermits();
      assertHintComes(each, jobs);
    }
    subscriptions.forEach(Subscription::close);
  }

  /** Leases of jobs with one id, each in a queue of its own. Every second one is held. */
  private List<JobLease> lostAndHeldOfOneId() {
    List<JobLease> leases = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      freshQueue();
      leases.add(held(job("id")));
      if (i % 2 == 0) {
        settled(leases.get(i), SettlementKind.RETRY);
      }
    }
    return leases;
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q22 in one batch jobs with one id, in several queues, are extended each for itself")
  void extensionsOfOneId() {
    assertThat(jobs.extend(lostAndHeldOfOneId(), term.multipliedBy(2)))
        .as("the answers")
        .extracting(answer -> answer instanceof Extension.Held)
        .containsExactly(false, true, false, true);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q39 in one batch jobs with one id, in several queues, are settled each for itself")
  void settlementsOfOneId() {
    List<JobLease> leases = lostAndHeldOfOneId();
    assertThat(jobs.settle(leases.stream().map(SettlementKind.DONE::of).toList()))
        .as("the answers")
        .containsExactly(Result.LOST, Result.ACCEPTED, Result.LOST, Result.ACCEPTED);
    assertThat(leases)
        .as("states")
        .extracting(lease -> find(lease.queue(), "id").state())
        .containsExactly(JobState.RETRY, JobState.DONE, JobState.RETRY, JobState.DONE);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q55 a second close ends no other subscription with the same hint")
  void secondCloseOfASharedHint() throws Exception {
    if (lacks(Capability.HINTS)) {
      reportAsLacking(Capability.HINTS);
    }
    var hints = new Semaphore(0);
    Runnable hint = hints::release;
    String first = queue;
    Subscription closed = jobs.onWork(first, hint);
    Subscription same = jobs.onWork(first, hint);
    freshQueue();
    Subscription elsewhere = jobs.onWork(queue, hint);
    for (int i = 0; i < 3; i++) {
      closed.close();
    }
    assertHintComes(hints, jobs);
    queue = first;
    hints.drainPermits();
    assertHintComes(hints, jobs);
    same.close();
    elsewhere.close();
  }
}
