package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;

/** What all contracts of queues share: a fresh queue for each test, and short ways to use it. */
abstract class JobContract extends StoreContract {

  static final String LEASE_EXPIRED = Limits.LEASE_EXPIRED;

  /** The queues, through one backend object of the store under test. */
  protected JobQueue jobs;

  /** The same queues, through another backend object on the same data. */
  protected JobQueue others;

  /** A queue of this test alone. */
  protected String queue;

  /**
   * A queue with one job, whose record tells the store's time. Empty until {@link #storeNow} needs
   * it.
   */
  private String clock = "";

  @BeforeEach
  void takeJobQueues() {
    jobs = part(Capability.JOBS, one::jobQueue);
    others = two.jobQueue();
  }

  @BeforeEach
  void freshQueue() {
    queue = unique("queue");
  }

  NewJob.Builder job() {
    return job(unique("job"));
  }

  NewJob.Builder job(String id) {
    return NewJob.builder(queue, id, "kit", "payload");
  }

  /** Enqueues a job that must be new, and returns its id. */
  String enqueued(NewJob.Builder job) {
    NewJob made = job.build();
    assertThat(jobs.enqueue(List.of(made)))
        .as("enqueue of a new job")
        .containsExactly(Enqueued.of(made.id(), true));
    return made.id();
  }

  List<ClaimedJob> claim(int limit) {
    return jobs.claim(ClaimRequest.of(queue, "worker", limit, term)).jobs();
  }

  /** Claims the only claimable job of the queue. */
  ClaimedJob claimed() {
    List<ClaimedJob> claimed = claim(2);
    assertThat(claimed).as("claim in a queue with one claimable job").hasSize(1);
    return claimed.get(0);
  }

  /** Enqueues a job and claims it. */
  JobLease held(NewJob.Builder job) {
    enqueued(job);
    return claimed().lease();
  }

  JobLease held() {
    return held(job());
  }

  /** Held jobs of which each is a neighbour of the others: by its id, or by its queue. */
  List<JobLease> neighbours() {
    List<JobLease> leases = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      freshQueue();
      leases.add(held(job("id")));
      leases.add(held(job("beside")));
    }
    return leases;
  }

  /** Gives a step of that name a value in each job, which tells the place of the job. */
  void keepStep(List<JobLease> leases, String step) {
    for (int i = 0; i < leases.size(); i++) {
      assertThat(jobs.checkpoint(leases.get(i), step, "value " + i))
          .as("the first value of a step of job %s", i)
          .contains("value " + i);
    }
  }

  static List<String> ids(List<ClaimedJob> claimed) {
    return claimed.stream().map(job -> job.lease().jobId()).toList();
  }

  Job find(String id) {
    return find(queue, id);
  }

  Job find(String queue, String id) {
    Optional<Job> job = others.find(queue, id);
    assertThat(job).as("find of job %s in queue %s", id, queue).isPresent();
    return job.get();
  }

  JobState stateOf(String id) {
    return find(id).state();
  }

  /** The stored record, without the time of the answer. */
  Optional<Job> record(String id) {
    return record(queue, id);
  }

  Optional<Job> record(String queue, String id) {
    return others.find(queue, id).map(JobContract::withoutAsOf);
  }

  static Job withoutAsOf(Job job) {
    return job.toBuilder().asOf(Instant.EPOCH).build();
  }

  /**
   * Reads the store's clock from the record of a job that is never claimed.
   *
   * @return the store's now
   */
  protected final Instant storeNow() {
    if (clock.isEmpty()) {
      clock = unique("clock");
      jobs.enqueue(
          List.of(
              NewJob.builder(clock, "job", "kit", "").due(Due.after(Limits.MAX_DELAY)).build()));
    }
    return find(clock, "job").asOf();
  }

  void settled(Settlement settlement) {
    assertThat(jobs.settle(List.of(settlement)))
        .as("settle with a valid lease")
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  void settled(JobLease lease, SettlementKind kind) {
    settled(kind.of(lease));
  }

  /** Makes every call that a lease allows, and expects each to be lost and to change nothing. */
  void assertAllLost(JobLease stale, String why) {
    for (JobQueue each : List.of(jobs, others)) {
      Optional<Job> before = record(stale.jobId());
      assertThat(each.extend(List.of(stale), term.multipliedBy(2)))
          .as("extend %s", why)
          .containsExactly(Extension.lost());
      assertThat(each.progress(stale, Progress.of(99, "stale"))).as("progress %s", why).isFalse();
      assertThat(each.checkpoint(stale, "stale step", "stale")).as("checkpoint %s", why).isEmpty();
      assertThat(each.checkpoints(stale)).as("checkpoints %s", why).isEmpty();
      for (SettlementKind kind : SettlementKind.values()) {
        assertThat(each.settle(List.of(kind.different(stale))))
            .as("settle as %s %s", kind, why)
            .containsExactly(Settlement.Result.LOST);
      }
      assertThat(record(stale.jobId())).as("the record after calls %s", why).isEqualTo(before);
    }
  }

  /** One held job for each kind of settlement. */
  Map<SettlementKind, JobLease> heldForEachKind() {
    Map<SettlementKind, JobLease> leases = new EnumMap<>(SettlementKind.class);
    for (SettlementKind kind : SettlementKind.values()) {
      leases.put(kind, held());
    }
    return leases;
  }

  /**
   * Settles a new job, which is then DONE, RETRY, FAILED, CANCELLED or, if released, PENDING.
   * Returns its id.
   */
  String settledJob(SettlementKind kind) {
    JobLease lease = held();
    settled(lease, kind);
    return lease.jobId();
  }

  /** Enqueues that many jobs in one batch, and returns their ids in the same order. */
  List<String> enqueuedMany(int count) {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(job().build());
    }
    assertThat(jobs.enqueue(batch)).as("enqueue of %s jobs", count).allMatch(Enqueued::created);
    return batch.stream().map(NewJob::id).toList();
  }

  /** Makes jobs whose lease has expired in their only attempt; their number may exceed a batch. */
  List<String> exhaustedMany(int count) throws Exception {
    List<String> ids = new ArrayList<>();
    while (ids.size() < count) {
      int some = Math.min(count - ids.size(), Limits.MAX_BATCH);
      jobs.enqueue(Stream.generate(() -> job().maxCrashes(1).build()).limit(some).toList());
      List<ClaimedJob> claimed = claim(some);
      assertThat(claimed).as("claim of new jobs").hasSize(some);
      ids.addAll(ids(claimed));
    }
    expireLeases();
    return ids;
  }

  void assertExhausted(List<String> ids) {
    for (String id : ids) {
      Job job = find(id);
      assertThat(job.state()).as("state of an exhausted job").isEqualTo(JobState.FAILED);
      assertThat(job.error()).as("error of an exhausted job").isEqualTo(LEASE_EXPIRED);
    }
  }
}
