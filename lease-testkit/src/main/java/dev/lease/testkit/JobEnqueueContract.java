package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Enqueueing: new jobs, the same job again, dedup keys, bad arguments and due times. */
abstract class JobEnqueueContract extends JobContract {

  @Test
  @DisplayName("Q01 an enqueued job is PENDING with 0 attempts, and has every field as given")
  void enqueuedJob() {
    NewJob given =
        job()
            .priority(7)
            .maxCrashes(4)
            .dedupKey("key")
            .headers(Map.of("traceparent", "00-a-b-01", "ключ", "значение 😀", "empty", ""))
            .keep(Duration.ofHours(3))
            .build();
    Instant before = storeNow();
    assertThat(jobs.enqueue(List.of(given)))
        .as("enqueue")
        .containsExactly(Enqueued.of(given.id(), true));
    Instant after = storeNow();

    Job job = find(given.id());
    assertThat(job.queue()).as("queue").isEqualTo(queue);
    assertThat(job.id()).as("id").isEqualTo(given.id());
    assertThat(job.type()).as("type").isEqualTo(given.type());
    assertThat(job.payload()).as("payload").isEqualTo(given.payload());
    assertThat(job.priority()).as("priority").isEqualTo(7);
    assertThat(job.maxCrashes()).as("maxCrashes").isEqualTo(4);
    assertThat(job.dedupKey()).as("dedupKey").isEqualTo("key");
    assertThat(job.headers()).as("headers").isEqualTo(given.headers());
    assertThat(job.keep()).as("keep").isEqualTo(Duration.ofHours(3));
    assertThat(job.createdAt()).as("createdAt").isBetween(before, after);
    assertThat(job.dueAt()).as("dueAt").isBetween(before, after);
    assertUntouched(job);
  }

  private static void assertUntouched(Job job) {
    assertThat(job.state()).as("state").isEqualTo(JobState.PENDING);
    assertThat(job.attempts()).as("attempts").isZero();
    assertThat(job.token()).as("token").isZero();
    assertThat(job.lease()).as("lease").isNull();
    assertThat(job.cancelRequested()).as("cancelRequested").isFalse();
    assertThat(job.progress()).as("progress").isNull();
    assertThat(job.result()).as("result").isNull();
    assertThat(job.error()).as("error").isNull();
    assertThat(job.finishedAt()).as("finishedAt").isNull();
  }

  @Test
  @DisplayName("Q01 a job without dedup key, headers and keep has none")
  void enqueuedJobWithDefaults() {
    Job job = find(enqueued(job()));

    assertThat(job.dedupKey()).as("dedupKey").isNull();
    assertThat(job.headers()).as("headers").isEmpty();
    assertThat(job.keep()).as("keep").isNull();
    assertUntouched(job);
  }

  @Test
  @Since(3)
  @DisplayName("Q01 each job of a batch has its own payload, also where all are long")
  void payloadsOfABatch() {
    Map<String, String> payloads = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      payloads.put("long" + i, Integer.toString(i).repeat(20_000));
    }
    List<NewJob> batch = new ArrayList<>();
    payloads.forEach((id, payload) -> batch.add(NewJob.builder(queue, id, "kit", payload).build()));
    jobs.enqueue(batch);

    List<ClaimedJob> claimed = claim(3);
    assertThat(claimed).as("claimed").hasSize(3);
    for (ClaimedJob job : claimed) {
      String id = job.lease().jobId();
      assertThat(job.payload().equals(payloads.get(id)))
          .as("the claim gives that of %s", id)
          .isTrue();
      assertThat(find(id).payload().equals(payloads.get(id)))
          .as("find gives that of %s", id)
          .isTrue();
    }
  }

  @Test
  @DisplayName("Q01 the payload is kept exactly: empty, long, and with every legal code point")
  void payloadIsExact() {
    takeLongLeases();
    for (String payload : Texts.EXACT) {
      String id = UUID.randomUUID().toString();
      enqueued(NewJob.builder(queue, id, "kit", payload));
      ClaimedJob claimed = claimed();
      // AssertJ would compute the difference of two texts, which takes minutes for a megabyte.
      assertThat(claimed.payload().equals(payload))
          .as("the claim gives the exact payload")
          .isTrue();
      assertThat(find(id).payload().equals(payload)).as("find gives the exact payload").isTrue();
      settled(claimed.lease(), SettlementKind.DONE);
    }
  }

  @Test
  @DisplayName(
      "Q02 enqueueing an id again creates and changes nothing, and reports an existing job")
  void sameIdAgain() {
    String id = enqueued(job());
    Optional<Job> before = record(id);

    assertThat(others.enqueue(List.of(different(id))))
        .as("the second enqueue")
        .containsExactly(Enqueued.of(id, false));

    assertThat(record(id)).as("the record").isEqualTo(before);
    assertThat(claim(10)).as("the claimable jobs").hasSize(1);
  }

  private NewJob different(String id) {
    return NewJob.builder(queue, id, "another type", "another payload")
        .priority(9)
        .maxCrashes(9)
        .due(Due.after(Duration.ofDays(1)))
        .dedupKey(unique("key"))
        .build();
  }

  @Test
  @DisplayName(
      "Q02 enqueueing an id again changes nothing while its job runs, waits for a retry or is"
          + " finished")
  void sameIdLater() {
    JobLease lease = held();
    assertExisting(lease.jobId());
    for (SettlementKind kind : SettlementKind.values()) {
      String id = settledJob(kind);
      assertExisting(id);
      freshQueue();
    }
  }

  private void assertExisting(String id) {
    Optional<Job> before = record(id);
    assertThat(jobs.enqueue(List.of(different(id))))
        .as("enqueue of the id of a job that is %s", before.map(Job::state))
        .containsExactly(Enqueued.of(id, false));
    assertThat(record(id)).as("the record").isEqualTo(before);
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q03 N concurrent enqueues with one dedup key create one job, and all get its id")
  void concurrentEnqueuesOfOneKey() throws Exception {
    for (int round = 0; round < 10; round++) {
      freshQueue();

      List<Enqueued> answers =
          Together.run(
              8,
              i ->
                  (i % 2 == 0 ? jobs : others)
                      .enqueue(List.of(job().dedupKey("key").build()))
                      .get(0));

      assertThat(answers)
          .as("the answers to 8 threads, of two backend objects, that report a new job")
          .filteredOn(Enqueued::created)
          .hasSize(1);
      assertThat(answers.stream().map(Enqueued::id).distinct()).as("the ids").hasSize(1);
      assertThat(ids(claim(10))).as("the jobs").containsExactly(answers.get(0).id());
    }
  }

  @Test
  @DisplayName(
      "Q04 an id or dedup key that is repeated within a batch creates one job; answers are by"
          + " position")
  void repeatedWithinABatch() {
    List<Enqueued> answers =
        jobs.enqueue(
            List.of(
                job("a").build(),
                job("b").dedupKey("key").build(),
                job("a").build(),
                job("c").dedupKey("key").build(),
                job("d").build()));

    assertThat(answers)
        .as("the answers")
        .containsExactly(
            Enqueued.of("a", true),
            Enqueued.of("b", true),
            Enqueued.of("a", false),
            Enqueued.of("b", false),
            Enqueued.of("d", true));
    assertThat(ids(claim(10))).as("the jobs").containsExactly("a", "b", "d");
  }

  @Test
  @DisplayName(
      "Q04 an id or dedup key that is repeated in a later batch creates no job; answers are by"
          + " position")
  void repeatedBetweenBatches() {
    jobs.enqueue(List.of(job("a").dedupKey("key").build()));

    assertThat(
            others.enqueue(
                List.of(
                    job("x").build(),
                    job("a").build(),
                    job("y").dedupKey("key").build(),
                    job("z").dedupKey("another key").build())))
        .as("the answers")
        .containsExactly(
            Enqueued.of("x", true),
            Enqueued.of("a", false),
            Enqueued.of("a", false),
            Enqueued.of("z", true));
  }

  @Test
  @DisplayName(
      "Q04 the same job twice in a batch creates one job, or none if its dedup key is taken")
  void sameJobTwiceInABatch() {
    NewJob fresh = job("fresh").dedupKey("its own key").build();
    assertThat(jobs.enqueue(List.of(fresh, fresh)))
        .as("the answers for a new job")
        .containsExactly(Enqueued.of("fresh", true), Enqueued.of("fresh", false));
    enqueued(job("holder").dedupKey("key"));
    NewJob late = job("late").dedupKey("key").build();

    assertThat(others.enqueue(List.of(late, late)))
        .as("the answers for a job whose key is taken")
        .containsExactly(Enqueued.of("holder", false), Enqueued.of("holder", false));

    assertThat(record("late")).as("the record of the job whose key is taken").isEmpty();
    assertThat(ids(claim(10))).as("the jobs").containsExactly("fresh", "holder");
  }

  @Test
  @DisplayName(
      "Q04 a job whose dedup key an earlier job of the batch took is not created, and its id"
          + " stays free")
  void sameJobTwiceAfterItsKey() {
    NewJob late = job("late").dedupKey("key").build();

    assertThat(
            jobs.enqueue(
                List.of(
                    job("holder").dedupKey("key").build(), late, late, job("late").build(), late)))
        .as("the answers")
        .containsExactly(
            Enqueued.of("holder", true),
            Enqueued.of("holder", false),
            Enqueued.of("holder", false),
            Enqueued.of("late", true),
            Enqueued.of("late", false));
    assertThat(find("late").dedupKey()).as("the dedup key of the job that has none").isNull();
  }

  @Test
  @Since(3)
  @DisplayName("Q04 the jobs of a batch go to several queues in turn; answers are by position")
  void batchOverQueuesInTurn() {
    List<String> queues = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      freshQueue();
      queues.add(queue);
    }
    List<NewJob> batch = new ArrayList<>();
    List<Enqueued> expected = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      NewJob made = NewJob.builder(queues.get(i % 3), "job-" + i, "kit", "").build();
      batch.add(made);
      expected.add(Enqueued.of(made.id(), i % 2 == 0));
      if (i % 2 == 1) {
        jobs.enqueue(List.of(made));
      }
    }
    assertThat(others.enqueue(batch)).as("the answers").isEqualTo(expected);
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q02 an enqueue of an id that is there takes no other dedup key")
  void keyOfARepeatedId() {
    NewJob keyless = job().build();
    NewJob withKey = job(keyless.id()).dedupKey("key").build();
    assertThat(jobs.enqueue(List.of(keyless, withKey)))
        .as("enqueue of one id, with a key and without")
        .extracting(Enqueued::created)
        .containsExactly(true, false);
    assertKeyFree("whose id was there without one");
    freshQueue();
    String done = enqueued(job().dedupKey("its own"));
    settled(claimed().lease(), SettlementKind.DONE);
    assertThat(jobs.enqueue(List.of(job(done).dedupKey("key").build())))
        .as("enqueue of the id of a job that is done")
        .containsExactly(Enqueued.of(done, false));
    assertKeyFree("whose id was that of a job that is done");
  }

  @Test
  @DisplayName("Q04 the answer to an empty batch is an empty list")
  void emptyBatch() {
    assertThat(jobs.enqueue(List.of())).as("the answers").isEmpty();
  }

  @Test
  @DisplayName("Q04 a batch may have a thousand jobs")
  void greatestBatch() {
    assertThat(enqueuedMany(Limits.MAX_BATCH)).as("the ids").hasSize(Limits.MAX_BATCH);
    assertThat(claim(Limits.MAX_BATCH)).as("the jobs").hasSize(Limits.MAX_BATCH);
  }

  /** Asserts that this job has the dedup key "key" of the queue. */
  void assertKeyTakenBy(String id, String when) {
    assertThat(others.enqueue(List.of(job().dedupKey("key").build())))
        .as("enqueue of the dedup key of a job %s", when)
        .containsExactly(Enqueued.of(id, false));
  }

  void assertKeyFree(String when) {
    NewJob next = job().dedupKey("key").build();
    assertThat(others.enqueue(List.of(next)))
        .as("enqueue of the dedup key of a job %s", when)
        .containsExactly(Enqueued.of(next.id(), true));
  }

  @Test
  @DisplayName(
      "Q05 a dedup key is taken while its job waits, runs, waits for a retry or has expired")
  void keyTaken() throws Exception {
    String id = enqueued(job().dedupKey("key").maxCrashes(1));
    assertKeyTakenBy(id, "that is PENDING");
    JobLease lease = claimed().lease();
    assertKeyTakenBy(id, "that runs");
    settled(lease, SettlementKind.RELEASED);
    assertKeyTakenBy(id, "that was released");
    settled(claimed().lease(), SettlementKind.RETRY);
    assertKeyTakenBy(id, "that waits for a retry");
    claimed();
    expireLeases();
    assertKeyTakenBy(id, "whose last crash nobody has noticed");
  }

  @Test
  @DisplayName("Q05 a dedup key is free once its job is DONE or FAILED")
  void keyFreedBySettlement() {
    for (SettlementKind kind : List.of(SettlementKind.DONE, SettlementKind.FAILED)) {
      freshQueue();
      settled(held(job().dedupKey("key")), kind);
      assertKeyFree("that is " + kind);
    }
  }

  @Test
  @DisplayName("Q05 a dedup key is free once its job failed by a retry that was its last failure")
  void keyFreedByTheLastRetry() {
    settled(held(job().dedupKey("key").maxFailures(1)), SettlementKind.RETRY);
    assertKeyFree("whose last failure was a retry");
  }

  @Test
  @DisplayName("Q05 a dedup key is free once a claim found its job expired in its last crash")
  void keyFreedByAClaim() throws Exception {
    held(job().dedupKey("key").maxCrashes(1));
    expireLeases();
    assertThat(claim(1)).as("claim of an exhausted job").isEmpty();
    assertKeyFree("that has crashed too often");
  }

  @Test
  @DisplayName("Q06 a job that is released or in RETRY never collides with its own dedup key")
  void noCollisionWithOwnKey() {
    JobLease lease = held(job().dedupKey("key"));
    settled(lease, SettlementKind.RETRY);
    JobLease next = claimed().lease();
    assertThat(next.jobId()).as("the job after a retry").isEqualTo(lease.jobId());
    settled(next, SettlementKind.RELEASED);
    assertThat(claimed().lease().jobId()).as("the job after a release").isEqualTo(lease.jobId());
  }

  @Test
  @DisplayName("Q07 the same dedup key or id in two queues makes two jobs")
  void queuesHaveTheirOwnKeysAndIds() {
    String first = queue;
    NewJob one = job("id").dedupKey("key").build();
    freshQueue();
    NewJob two = job("id").dedupKey("key").build();

    assertThat(jobs.enqueue(List.of(one, two)))
        .as("the answers")
        .containsExactly(Enqueued.of("id", true), Enqueued.of("id", true));
    assertThat(find(first, "id").queue()).as("the queue of the first").isEqualTo(first);
    assertThat(find(queue, "id").queue()).as("the queue of the second").isEqualTo(queue);
  }

  @Test
  @DisplayName("Q09 a bad batch is refused, and none of its jobs is stored")
  void badBatch() {
    NewJob good = job().build();
    List<NewJob> withNull = new ArrayList<>(List.of(good));
    withNull.add(absent());

    assertRefused("enqueue of no list", () -> jobs.enqueue(absent()));
    assertRefused("enqueue of a list with null", () -> jobs.enqueue(withNull));
    assertRefused("enqueue of 1001 jobs", () -> jobs.enqueue(Collections.nCopies(1_001, good)));

    assertThat(record(good.id())).as("the good job of the bad batches").isEmpty();
  }

  @Test
  @DisplayName("Q09 bad names are refused by find")
  void findWithBadNames() {
    Texts.BAD_NAMES.forEach(
        (why, bad) -> {
          assertRefused("find, queue " + why, () -> jobs.find(bad, "id"));
          assertRefused("find, id " + why, () -> jobs.find(queue, bad));
        });
    assertRefused("find, no queue", () -> jobs.find(absent(), "id"));
    assertRefused("find, no id", () -> jobs.find(queue, absent()));
  }

  @Test
  @DisplayName("Q10 a job with a due time in the past is claimable now, and goes first")
  void dueInThePast() {
    String now = enqueued(job());
    String longAgo = enqueued(job().due(Due.at(Limits.MIN_DUE)));
    String anHourAgo = enqueued(job().due(Due.at(storeNow().minus(Duration.ofHours(1)))));

    assertThat(find(longAgo).dueAt()).as("the due time").isEqualTo(Limits.MIN_DUE);
    assertThat(ids(claim(10))).as("the jobs").containsExactly(longAgo, anHourAgo, now);
  }

  @Test
  @DisplayName("Q10 a job with a due time in the far future is accepted, but not given")
  void dueInTheFarFuture() {
    String last = enqueued(job().due(Due.at(Limits.MAX_DUE)));
    String late = enqueued(job().due(Due.after(Limits.MAX_DELAY)));

    assertThat(find(last).dueAt()).as("the due time").isEqualTo(Limits.MAX_DUE);
    assertThat(find(late).dueAt())
        .as("the due time")
        .isAfter(storeNow().plus(Duration.ofDays(3_649)));
    assertThat(claim(10)).as("claim").isEmpty();
  }
}
