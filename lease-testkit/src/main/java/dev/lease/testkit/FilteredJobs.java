package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Jobs that differ in all that a filter asks for: in every state, with and without an error, of two
 * types, in two queues, made and finished a unit of time apart. Each id is in both queues, in
 * another state.
 */
final class FilteredJobs {

  private static final Duration LATER = Duration.ofDays(1);

  /** Some jobs stay held while others are settled, and while the test runs. */
  private static final Duration LEASE = StoreContract.LEASE.multipliedBy(10);

  /** How a job came to be what it is. */
  private enum Past {
    NEW,
    RELEASED,
    REQUEUED,
    RETRIED,
    EXPIRED,
    HELD,
    HELD_AGAIN,
    DONE,
    DONE_AGAIN,
    FAILED,
    FAILED_LONG,
    CANCELLED,
    GIVEN_UP;

    boolean isClaimed() {
      return this != NEW && this != CANCELLED;
    }

    boolean staysHeld() {
      return this == HELD || this == EXPIRED;
    }
  }

  private static final List<String> ENDS =
      List.of(
          "-a",
          "-A",
          "-ab",
          "-b",
          "-a%",
          "-a_",
          "-a*",
          "-\\",
          "-ä",
          "",
          "x".repeat(185),
          "-" + "é".repeat(92),
          "-" + "😀".repeat(46));

  private record Planned(String queue, String id, Past past, int slot) {}

  private static final int SLOTS = 3;

  private final AdminCancelContract contract;
  private final String mark = Names.unique("kit");
  private final List<Planned> planned = new ArrayList<>();

  FilteredJobs(AdminCancelContract contract) throws Exception {
    this.contract = contract;
    contract.takeLongLeases();
    for (String queue : queues()) {
      for (int i = 0; i < ENDS.size(); i++) {
        int turn = queue.equals(queues().get(0)) ? i : i + 5;
        Past past = Past.values()[turn % ENDS.size()];
        planned.add(new Planned(queue, mark + ENDS.get(i) + 1, past, i % SLOTS));
        planned.add(new Planned(queue, mark + ENDS.get(i) + 2, past, (i + 1) % SLOTS));
      }
    }
    make();
  }

  /** A text that each queue, type, id and error has. */
  String mark() {
    return mark;
  }

  List<String> queues() {
    return List.of(mark + "-q", mark + "-Q");
  }

  /** What find shows of those that are there. */
  List<Job> found() {
    return planned.stream().flatMap(job -> contract.record(job.queue, job.id).stream()).toList();
  }

  private void make() throws Exception {
    for (int slot = 0; slot < SLOTS; slot++) {
      List<NewJob> batch = inSlot(slot).map(this::newJob).toList();
      assertThat(contract.jobs.enqueue(batch))
          .as("enqueue of new jobs")
          .allMatch(Enqueued::created);
      passUnit();
    }
    Map<String, JobLease> held = claimed(job -> job.past.isClaimed());
    for (int slot = 0; slot < SLOTS; slot++) {
      settle(
          inSlot(slot)
              .filter(job -> job.past.isClaimed() && !job.past.staysHeld())
              .map(job -> settlement(job.past, lease(held, job)))
              .toList());
      passUnit();
    }
    Map<String, JobLease> again =
        claimed(job -> job.past == Past.HELD_AGAIN || job.past == Past.DONE_AGAIN);
    settle(
        planned.stream()
            .filter(job -> job.past == Past.DONE_AGAIN)
            .<Settlement>map(job -> Settlement.done(lease(again, job)))
            .toList());
    for (Planned job : planned) {
      if (job.past == Past.CANCELLED) {
        assertThat(contract.admin.cancel(job.queue, job.id))
            .as("cancel of a waiting job")
            .isEqualTo(Cancellation.CANCELLED);
      } else if (job.past == Past.REQUEUED) {
        assertThat(contract.admin.requeue(job.queue, job.id))
            .as("requeue of a failed job")
            .isEqualTo(Requeue.REQUEUED);
      }
    }
    letExpire(
        planned.stream()
            .filter(job -> job.past == Past.EXPIRED)
            .map(job -> lease(held, job))
            .toList());
    passUnit();
  }

  private void letExpire(List<JobLease> leases) throws Exception {
    assertThat(contract.jobs.extend(leases, Limits.MIN_LEASE))
        .as("extend of valid leases")
        .allMatch(Extension.Held.class::isInstance);
    contract.advance(Limits.MIN_LEASE);
  }

  /** Each move of the time would have the next steps done within the term of short leases. */
  private void passUnit() throws Exception {
    contract.advance(contract.bare.fixture.unit());
    contract.takeLongLeases();
  }

  private Stream<Planned> inSlot(int slot) {
    return planned.stream().filter(job -> job.slot == slot);
  }

  private NewJob newJob(Planned job) {
    String type = mark + (job.id.endsWith("1") ? "-type" : "-Type");
    NewJob.Builder made = NewJob.builder(job.queue, job.id, type, "payload");
    return job.past.isClaimed() ? made.build() : made.due(Due.after(LATER)).build();
  }

  /** Claims all that can be claimed, which must be those. */
  private Map<String, JobLease> claimed(Predicate<Planned> expected) {
    Map<String, JobLease> leases = new TreeMap<>();
    for (String queue : queues()) {
      ClaimRequest all = ClaimRequest.of(queue, "worker", planned.size(), LEASE);
      for (ClaimedJob job : contract.jobs.claim(all).jobs()) {
        leases.put(queue + job.lease().jobId(), job.lease());
      }
    }
    assertThat(leases.keySet())
        .as("the jobs that are claimed")
        .containsExactlyInAnyOrderElementsOf(
            planned.stream().filter(expected).map(job -> job.queue + job.id).toList());
    return leases;
  }

  private static JobLease lease(Map<String, JobLease> leases, Planned job) {
    return StoreContract.offered("lease of " + job, leases.get(job.queue + job.id));
  }

  private void settle(List<Settlement> settlements) {
    assertThat(contract.jobs.settle(settlements))
        .as("settle with valid leases")
        .allMatch(Settlement.Result.ACCEPTED::equals);
  }

  private Settlement settlement(Past past, JobLease lease) {
    String error = "closed: 100%_" + mark + "\\no";
    return switch (past) {
      case RELEASED -> Settlement.released(lease, LATER);
      case RETRIED -> Settlement.retry(lease, LATER, error);
      case HELD_AGAIN, DONE_AGAIN -> Settlement.retry(lease, Duration.ZERO, error);
      case DONE -> Settlement.done(lease, mark);
      case FAILED_LONG -> Settlement.failed(lease, "x".repeat(7_000) + mark + "y".repeat(500));
      case GIVEN_UP -> Settlement.cancelled(lease, error);
      default -> Settlement.failed(lease, error);
    };
  }
}
