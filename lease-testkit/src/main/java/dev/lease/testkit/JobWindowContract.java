package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dedup keys that stay taken for a time, whatever becomes of their jobs. */
@Since(2)
abstract class JobWindowContract extends JobEnqueueContract {

  /** A job whose key stays taken for longer than any test lasts. */
  final NewJob.Builder keeper() {
    return job().dedupKey("key").dedupFor(Duration.ofDays(1));
  }

  @Test
  @DisplayName("Q82 a dedup key stays taken when its job has finished, however it did")
  void staysTaken() {
    takeLongLeases();
    for (SettlementKind kind : SettlementKind.values()) {
      freshQueue();
      JobLease lease = held(keeper());
      settled(lease, kind);
      assertKeyTakenBy(lease.jobId(), "that was settled as " + kind);
    }
  }

  @Test
  @DisplayName("Q82 the key is free once its time is over, and not before")
  void isFreeAfterwards() throws Exception {
    JobLease lease = held(job().dedupKey("key").dedupFor(term));
    settled(lease, SettlementKind.DONE);
    advanceAlmost(term);
    assertKeyTakenBy(lease.jobId(), "whose time for its key is nearly over");
    advanceTheRest();
    assertKeyFree("whose time for its key is over");
  }

  @Test
  @DisplayName("Q82 the time counts from the enqueue: no claim or settlement lengthens it")
  void countsFromTheEnqueue() throws Exception {
    enqueued(job().dedupKey("key").dedupFor(term.multipliedBy(2)));
    advance(term);
    settled(claimed().lease(), SettlementKind.DONE);
    advance(term.plusSeconds(1));
    assertKeyFree("that finished within the time for its key");
  }

  @Test
  @DisplayName("Q82 an unfinished job has its key, also when the time is over")
  void unfinished() throws Exception {
    String id = enqueued(job().dedupKey("key").dedupFor(term));
    advance(term.multipliedBy(2));
    assertKeyTakenBy(id, "that waits");
    settled(claimed().lease(), SettlementKind.DONE);
    assertKeyFree("that finished after the time for its key");
  }

  @Test
  @DisplayName("Q82 once in a period: each job opens the next one")
  void onceInAPeriod() throws Exception {
    for (int period = 0; period < 3; period++) {
      JobLease lease = held(job().dedupKey("key").dedupFor(term));
      settled(lease, SettlementKind.DONE);
      assertKeyTakenBy(lease.jobId(), "of period " + period);
      NewJob again = job().dedupKey("key").dedupFor(term).build();
      assertThat(others.enqueue(List.of(again)))
          .as("enqueue with a time of its own in period %s", period)
          .containsExactly(Enqueued.of(lease.jobId(), false));
      advance(term.multipliedBy(2));
    }
  }

  @Test
  @DisplayName("Q82 a time of zero ends with the job")
  void zero() {
    settled(held(job().dedupKey("key").dedupFor(Duration.ZERO)), SettlementKind.DONE);
    assertKeyFree("that is DONE");
  }

  @Test
  @DisplayName("Q82 the same holds within a batch, and the answers are in its order")
  void batch() {
    settled(held(keeper()), SettlementKind.DONE);
    String first = job().build().id();
    List<NewJob> jobs =
        List.of(
            job(first).dedupKey("other").dedupFor(Duration.ofDays(1)).build(),
            job().dedupKey("other").build(),
            job().build());

    assertThat(this.jobs.enqueue(jobs))
        .as("the answers")
        .containsExactly(
            Enqueued.of(first, true),
            Enqueued.of(first, false),
            Enqueued.of(jobs.get(2).id(), true));
  }

  @Test
  @DisplayName("Q82 a key that stays taken in one queue is free in another")
  void otherQueue() {
    settled(held(keeper()), SettlementKind.DONE);
    freshQueue();
    assertKeyFree("in another queue");
  }

  @Test
  @DisplayName("Q82 a job tells until when its key stays taken")
  void untilWhen() {
    var day = Duration.ofDays(1);
    String with = enqueued(keeper());
    assertThat(find(with).dedupUntil())
        .as("dedupUntil")
        .isEqualTo(find(with).createdAt().plus(day));
    assertThat(find(enqueued(job())).dedupUntil()).as("dedupUntil of another job").isNull();
  }

  @Test
  @Since(3)
  @DisplayName("Q82 the time counts from the enqueue, of a job that is due later or was long ago")
  void countsNotFromTheDueTime() throws Exception {
    Due longAgo = Due.at(storeNow().minus(Duration.ofDays(2)));
    JobLease lease = held(keeper().due(longAgo));
    settled(lease, SettlementKind.DONE);
    assertKeyTakenBy(lease.jobId(), "that was due long ago");

    freshQueue();
    enqueued(job().dedupKey("key").dedupFor(term).due(Due.after(term)));
    advance(term.plusSeconds(1));
    settled(claimed().lease(), SettlementKind.DONE);
    assertKeyFree("whose time for its key ended when it became due");
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q51 dedup keys that stay taken, and look alike, are different")
  void keptKeysThatLookAlike() {
    List<String> keys = new ArrayList<>(Texts.ALIKE);
    keys.add("x".repeat(199) + "1");
    keys.add("x".repeat(199) + "2");
    List<NewJob> batch =
        keys.stream().map(key -> job().dedupKey(key).dedupFor(Duration.ofDays(1)).build()).toList();
    assertThat(jobs.enqueue(batch)).as("enqueue with each key").allMatch(Enqueued::created);
    List<Settlement> done =
        claim(keys.size()).stream().map(job -> SettlementKind.DONE.of(job.lease())).toList();
    assertThat(done).as("claim of all").hasSameSizeAs(keys);
    assertThat(jobs.settle(done)).as("settle").containsOnly(Settlement.Result.ACCEPTED);
    List<NewJob> again = keys.stream().map(key -> job().dedupKey(key).build()).toList();
    assertThat(others.enqueue(again))
        .as("enqueue with each key again")
        .isEqualTo(batch.stream().map(job -> Enqueued.of(job.id(), false)).toList());
    keys.replaceAll(key -> key.length() < 199 ? key + "~" : key.substring(1));
    List<NewJob> fresh = keys.stream().map(key -> job().dedupKey(key).build()).toList();
    assertThat(jobs.enqueue(fresh)).as("enqueue with other keys").allMatch(Enqueued::created);
  }
}
