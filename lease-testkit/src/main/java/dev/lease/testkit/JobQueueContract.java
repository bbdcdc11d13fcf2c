package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobQueue.Subscription;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract of a {@link JobQueue}: those of the clauses Q01 to Q93 that need no {@link
 * dev.lease.JobAdmin}. Extend this class and return your store from {@link #fixture()}.
 */
public abstract class JobQueueContract extends JobEdgeContract {

  /** Takes no arguments: {@link #fixture()} says everything. */
  protected JobQueueContract() {}

  @Test
  @DisplayName("Q48 find changes nothing")
  void findChangesNothing() throws Exception {
    JobLease lease = held();
    Optional<Job> before = record(lease.jobId());
    for (int i = 0; i < 3; i++) {
      jobs.find(queue, lease.jobId());
      jobs.find(queue, "unknown");
      jobs.checkpoints(lease);
    }
    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);

    expireLeases();
    Job expired = find(lease.jobId());
    assertThat(expired.state()).as("state of an expired job").isEqualTo(JobState.PROCESSING);
    assertThat(expired.lease()).as("lease of an expired job").isNotNull();
    assertThat(find(lease.jobId()).state())
        .as("state in a second find")
        .isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("Q51 ids, dedup keys and steps that look alike are different")
  void namesOfAJobNeverMeet() {
    takeLongLeases();
    List<String> names = Texts.ALIKE;
    List<NewJob> batch = new ArrayList<>();
    for (String name : names) {
      batch.add(NewJob.builder(queue, name, name, name).dedupKey(name).build());
    }

    assertThat(jobs.enqueue(batch)).as("the answers").allMatch(answer -> answer.created());

    List<ClaimedJob> claimed =
        jobs.claim(ClaimRequest.of(queue, "worker", names.size() + 1, term)).jobs();
    assertThat(ids(claimed)).as("ids").containsExactlyElementsOf(names);
    assertThat(claimed).as("types").extracting(ClaimedJob::type).containsExactlyElementsOf(names);
    JobLease lease = claimed.get(0).lease();
    for (String name : names) {
      assertThat(find(name).dedupKey()).as("dedup key").isEqualTo(name);
      assertThat(jobs.checkpoint(lease, name, name)).as("checkpoint %s", name).contains(name);
    }
    assertThat(jobs.checkpoints(lease).orElseThrow().keySet())
        .as("steps")
        .containsExactlyElementsOf(names);
  }

  @Test
  @DisplayName("Q51 queues that look alike are different queues")
  void queuesNeverMeet() {
    takeLongLeases();
    List<String> queues = Texts.ALIKE.stream().map(name -> queue + name + ".").toList();
    jobs.enqueue(queues.stream().map(q -> NewJob.builder(q, q, "kit", "").build()).toList());

    for (String each : queues) {
      assertThat(ids(jobs.claim(ClaimRequest.of(each, "worker", 2, term)).jobs()))
          .as("claim of queue '%s'", each)
          .containsExactly(each);
    }
  }

  @Test
  @DisplayName("Q51 queues, ids, types, keys, steps and owners of 1 to 200 bytes come back exactly")
  void longNames() {
    takeLongLeases();
    for (String name : Texts.LONG) {
      jobs.enqueue(
          List.of(
              NewJob.builder(name, name, name, "")
                  .dedupKey(name)
                  .headers(Map.of(name, name))
                  .build()));
      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(name, name, 1, term)).jobs();

      assertThat(claimed).as("claim").hasSize(1);
      Job job = find(name, name);
      assertThat(job.queue()).as("queue").isEqualTo(name);
      assertThat(job.type()).as("type").isEqualTo(name);
      assertThat(job.dedupKey()).as("dedup key").isEqualTo(name);
      assertThat(job.headers()).as("headers").isEqualTo(Map.of(name, name));
      assertThat(job.lease()).as("lease").isEqualTo(claimed.get(0).lease());
      assertThat(claimed.get(0).lease().owner()).as("owner").isEqualTo(name);
      assertThat(jobs.checkpoint(claimed.get(0).lease(), name, name)).as("step").contains(name);
    }
  }

  @Test
  @DisplayName(
      "Q54 after close every call throws IllegalStateException, and leases stay until they expire")
  void closedQueue() throws Exception {
    Backend backend = open();
    JobQueue closed = backend.jobQueue();
    enqueued(job());
    JobLease lease = closed.claim(ClaimRequest.of(queue, "worker", 1, term)).jobs().get(0).lease();
    Optional<Job> before = record(lease.jobId());

    close(backend);

    assertClosed("enqueue", () -> closed.enqueue(List.of(job().build())));
    assertClosed("claim", () -> closed.claim(ClaimRequest.of(queue, "worker", 1, term)));
    assertClosed("extend", () -> closed.extend(List.of(lease), term));
    assertClosed("settle", () -> closed.settle(List.of(SettlementKind.DONE.of(lease))));
    assertClosed("progress", () -> closed.progress(lease, Progress.of(1, "")));
    assertClosed("checkpoint", () -> closed.checkpoint(lease, "step", "value"));
    assertClosed("checkpoints", () -> closed.checkpoints(lease));
    assertClosed("find", () -> closed.find(queue, lease.jobId()));
    assertThat(record(lease.jobId())).as("the record of the held job").isEqualTo(before);
    expireLeases();
    assertThat(ids(claim(1))).as("claim after expiry").containsExactly(lease.jobId());
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName(
      "Q54 claims during a close return or throw, and their jobs are claimable again after expiry")
  void closeDuringClaims() throws Exception {
    List<String> expected = enqueuedMany(500);
    Backend backend = open();
    JobQueue closing = backend.jobQueue();
    var claims = new CountDownLatch(10);
    var closed = new AtomicBoolean();

    List<Boolean> underWay =
        Together.run(
            5,
            i -> {
              if (i > 0) {
                claimUntil(closed, closing, claims);
                return true;
              }
              try {
                boolean begun = claims.await(2, TimeUnit.MINUTES);
                close(backend);
                return begun;
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              } finally {
                closed.set(true);
              }
            });

    assertThat(underWay.get(0)).as("claims were under way when the backend was closed").isTrue();
    expireLeases();
    assertThat(ids(claim(Limits.MAX_BATCH)))
        .as("claim after expiry")
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private void claimUntil(AtomicBoolean closed, JobQueue closing, CountDownLatch claims) {
    try {
      while (!closed.get()) {
        closing.claim(ClaimRequest.of(queue, "worker", 1, term));
        claims.countDown();
      }
    } catch (IllegalStateException | StoreException e) {
      // A close allows these two exceptions. Any other fails the test.
    }
  }

  @Test
  @DisplayName("Q55 hints lose no job, and closing a subscription twice is harmless")
  void hintsAreHarmless() {
    Subscription failing =
        jobs.onWork(
            queue,
            () -> {
              throw new IllegalStateException("a hint that the test lets fail");
            });
    Subscription other = others.onWork(queue, () -> {});
    String first = enqueued(job());
    failing.close();
    failing.close();
    String second = enqueued(job());
    other.close();

    assertThat(ids(claim(10))).as("the jobs").containsExactly(first, second);
    assertRefused("onWork, no queue", () -> jobs.onWork(absent(), () -> {}));
    assertRefused("onWork, bad queue", () -> jobs.onWork("", () -> {}));
    assertRefused("onWork, no hint", () -> jobs.onWork(queue, absent()));
  }

  @Test
  @DisplayName("Q55 a hint comes for jobs that the same backend object enqueues")
  void hints() throws Exception {
    assertHints(Capability.HINTS, one);
  }

  @Test
  @DisplayName("Q55 a hint comes for jobs that another backend object enqueues")
  void hintsFromOthers() throws Exception {
    assertHints(Capability.HINTS_FROM_OTHERS, two);
  }

  private void assertHints(Capability capability, Backend producer) throws Exception {
    JobQueue from = producer.jobQueue();
    if (lacks(capability)) {
      assertNoHints(from);
      reportAsLacking(capability);
    }
    var hints = new Semaphore(0);
    Subscription mine = jobs.onWork(queue, hints::release);
    for (int i = 0; i < 10; i++) {
      hints.drainPermits();
      assertHintComes(hints, from);
    }
    mine.close();
  }

  /**
   * A store that lacks hints must never call one until its backend object is closed. To catch late
   * hints too, the backend object claims and settles a hundred jobs first.
   */
  private void assertNoHints(JobQueue from) throws Exception {
    takeLongLeases();
    var hints = new AtomicInteger();
    Backend listener = open();
    JobQueue listening = listener.jobQueue();
    Subscription ended = listening.onWork(queue, hints::incrementAndGet);
    for (int i = 0; i < 100; i++) {
      from.enqueue(List.of(job().build()));
      List<ClaimedJob> claimed = listening.claim(ClaimRequest.of(queue, "worker", 2, term)).jobs();
      assertThat(claimed).as("claim of the only job, without a hint").hasSize(1);
      listening.settle(List.of(SettlementKind.DONE.of(claimed.get(0).lease())));
    }
    close(listener);
    ended.close();
    assertThat(hints).as("hints of a store that does not name the capability").hasValue(0);
  }

  @Test
  @DisplayName(
      "Q55 a hint that throws does not affect others, and a closed subscription gets no more hints")
  void hintsAreApart() throws Exception {
    if (lacks(Capability.HINTS)) {
      assertNoHints(jobs);
      reportAsLacking(Capability.HINTS);
    }
    var hints = new Semaphore(0);
    var ended = new Semaphore(0);
    jobs.onWork(queue, ended::release).close();
    Subscription failing =
        jobs.onWork(
            queue,
            () -> {
              throw new IllegalStateException("a hint that the test lets fail");
            });
    Subscription mine = jobs.onWork(queue, hints::release);
    for (int i = 0; i < 10; i++) {
      hints.drainPermits();
      assertHintComes(hints, jobs);
    }
    mine.close();
    failing.close();
    assertThat(ended.availablePermits())
        .as("hints after the subscription was closed, of which one may have been on its way")
        .isLessThanOrEqualTo(1);
  }

  @Test
  @DisplayName("Q48 a store gives a JobAdmin, or refuses it and does not name that capability")
  void admin() {
    if (lacks(Capability.ADMIN)) {
      assertLacks(Capability.ADMIN, one::jobAdmin);
    }
    assertThat(one.jobAdmin()).as("the JobAdmin").isNotNull();
  }

  @Test
  @Since(2)
  @DisplayName("Q48 a store gives a LeaseStore, or refuses it and does not name that capability")
  void leaseStore() {
    if (lacks(Capability.LEASES)) {
      assertLacks(Capability.LEASES, one::leaseStore);
    }
    assertThat(one.leaseStore()).as("the LeaseStore").isNotNull();
  }

  @Test
  @DisplayName("Q51 200-byte ids that differ in the last byte are different ids")
  void longIdsThatDiffer() {
    String common = "x".repeat(199);
    String one = enqueued(job(common + "1"));
    String two = enqueued(job(common + "2"));

    assertThat(ids(claim(3))).as("ids").containsExactly(one, two);
  }

  @Test
  @DisplayName("Q51 owners come back exactly, with spaces and special characters")
  void workersRoundTrip() {
    enqueuedMany(Texts.ALIKE.size());
    for (String worker : Texts.ALIKE) {
      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, worker, 1, term)).jobs();
      assertThat(claimed).as("claim").hasSize(1);
      JobLease lease = claimed.get(0).lease();
      assertThat(lease.owner()).as("owner").isEqualTo(worker);
      assertThat(find(lease.jobId()).lease()).as("stored lease").isEqualTo(lease);
    }
  }

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q08 untested: enqueue in the caller's own transaction")
  void untestedTransactions() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q16 untested: a claim beside rows that a transaction has locked")
  void untestedLockedRows() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q31 untested: effect and settlement in the caller's own transaction")
  void untestedEffects() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q50 untested: query plans and buffers")
  void untestedPlans() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q52 untested: schemas and layouts, and their upgrade")
  void untestedSchemas() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q09 untested in part: that nothing was sent before a refusal")
  void untestedSending() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q12 untested in part: that no query plan takes too many jobs")
  void untestedPlansOfClaims() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q22 untested in part: how long extend waits for a locked row")
  void untestedWaiting() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q53 untested in part: the time zones of sessions and servers")
  void untestedZones() {}
}
