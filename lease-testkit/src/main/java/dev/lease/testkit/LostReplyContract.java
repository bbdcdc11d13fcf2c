package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Loses each reply of each call for leases and queues in turn. */
abstract class LostReplyContract extends NetworkContract {

  private static final Duration LONGER = HELD.multipliedBy(2);

  @Test
  @DisplayName(
      "L22 Q49 if the reply to enqueue is lost, the outcome is unknown; repeating it leaves one"
          + " job")
  void lostReplyOfEnqueue() {
    loseReplies(
        () -> {
          NewJob job = job(unique("job"));
          BooleanSupplier there = () -> others.find(job.queue(), job.id()).isPresent();
          return new Attempt(
              () ->
                  assertThat(jobs.enqueue(List.of(job)))
                      .containsExactly(Enqueued.of(job.id(), true)),
              there,
              () -> {
                boolean made = !there.getAsBoolean();
                assertThat(jobs.enqueue(List.of(job))).containsExactly(Enqueued.of(job.id(), made));
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to claim is lost, the outcome is unknown, never an empty queue")
  void lostReplyOfClaim() {
    loseReplies(
        () -> {
          String queue = enqueued();
          others.enqueue(List.of(job(queue, "next", Due.now())));
          BooleanSupplier taken = () -> stateOf(queue) == JobState.PROCESSING;
          return new Attempt(
              () ->
                  assertThat(jobs.claim(ClaimRequest.of(queue, "worker", 1, HELD)).jobs())
                      .hasSize(1),
              taken,
              () -> {
                assertThat(find(queue).attempts()).as("attempts").isEqualTo(attempts(taken));
                assertThat(others.find(queue, "next").orElseThrow().attempts())
                    .as("attempts of the next job, which a claim that is sent twice would take")
                    .isZero();
              });
        });
  }

  private static int attempts(BooleanSupplier taken) {
    return taken.getAsBoolean() ? 1 : 0;
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to extend is lost, the outcome is unknown, never lost; it can be"
          + " repeated")
  void lostReplyOfExtend() {
    loseReplies(
        () -> {
          JobLease lease = held();
          Runnable call = () -> extend(lease, LONGER);
          return new Attempt(call, () -> isLonger(lease), call);
        });
  }

  private boolean isLonger(JobLease lease) {
    JobLease now = find(lease.queue()).lease();
    return now != null && now.expiresAt().isAfter(lease.expiresAt());
  }

  /** Repeats the call while the transaction of a cut connection still holds the job. */
  final void extend(JobLease lease, Duration duration) {
    Extension extension = jobs.extend(List.of(lease), duration).get(0);
    while (extension instanceof Extension.Busy) {
      extension = jobs.extend(List.of(lease), duration).get(0);
    }
    assertThat(extension).isInstanceOf(Extension.Held.class);
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to settle (done) is lost, the outcome is unknown; the job finishes"
          + " once")
  void lostReplyOfDone() {
    loseReplies(lease -> Settlement.done(lease, "result"), JobState.DONE);
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to settle (retry) is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfRetry() {
    loseReplies(lease -> Settlement.retry(lease, Duration.ofHours(1), "error"), JobState.RETRY);
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to settle (failed) is lost, the outcome is unknown; the job finishes"
          + " once")
  void lostReplyOfFailed() {
    loseReplies(lease -> Settlement.failed(lease, "error"), JobState.FAILED);
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to settle (released) is lost, the outcome is unknown; one attempt is"
          + " given back")
  void lostReplyOfReleased() {
    loseReplies(lease -> Settlement.released(lease, Duration.ofHours(1)), JobState.PENDING);
  }

  private void loseReplies(Function<JobLease, Settlement> settlement, JobState after) {
    loseReplies(
        () -> {
          JobLease lease = held();
          String queue = lease.queue();
          List<Settlement> settlements = List.of(settlement.apply(lease));
          return new Attempt(
              () ->
                  assertThat(jobs.settle(settlements)).containsExactly(Settlement.Result.ACCEPTED),
              () -> stateOf(queue) == after,
              () -> {
                boolean ended = stateOf(queue) == after;
                Settlement.Result again = jobs.settle(settlements).get(0);
                assertThat(ended || again == Settlement.Result.ACCEPTED).isTrue();
                assertThat(stateOf(queue)).isEqualTo(after);
                assertThat(find(queue).attempts()).isEqualTo(after == JobState.PENDING ? 0 : 1);
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to settleAndClaim is lost, the outcome is unknown, or the reported"
          + " settlement is stored")
  void lostReplyOfSettleAndClaim() {
    loseReplies(
        () -> {
          String queue = enqueued();
          JobLease lease =
              others.claim(ClaimRequest.of(queue, "worker", 1, HELD)).jobs().get(0).lease();
          others.enqueue(List.of(job(queue, "next", Due.now()), job(queue, "last", Due.now())));
          List<Settlement> done = List.of(Settlement.done(lease));
          return new Attempt(
              () -> {
                SettledAndClaimed answer =
                    jobs.settleAndClaim(done, ClaimRequest.of(queue, "worker", 1, HELD));
                assertThat(answer.settled()).containsExactly(Settlement.Result.ACCEPTED);
                assertThat(stateOf(queue)).isEqualTo(JobState.DONE);
              },
              () -> stateOf(queue) == JobState.DONE,
              () -> {
                long taken =
                    List.of("next", "last").stream()
                        .mapToLong(id -> others.find(queue, id).orElseThrow().attempts())
                        .sum();
                assertThat(taken).as("jobs that a claim with limit 1 took").isLessThanOrEqualTo(1);
                jobs.settle(done);
                assertThat(stateOf(queue)).isEqualTo(JobState.DONE);
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to checkpoint is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfCheckpoint() {
    loseReplies(
        () -> {
          JobLease lease = held();
          Runnable call =
              () -> assertThat(jobs.checkpoint(lease, "step", "value")).contains("value");
          return new Attempt(call, () -> !others.checkpoints(lease).orElseThrow().isEmpty(), call);
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to progress is lost, the outcome is unknown, never lost; it can be"
          + " repeated")
  void lostReplyOfProgress() {
    loseReplies(
        () -> {
          JobLease lease = held();
          Runnable call = () -> assertThat(jobs.progress(lease, Progress.of(50, "half"))).isTrue();
          return new Attempt(call, () -> find(lease.queue()).progress() != null, call);
        });
  }

  @Test
  @DisplayName(
      "L22 L23 if the reply to acquire is lost, the outcome is unknown, never that the name is"
          + " held")
  void lostReplyOfAcquire() {
    loseReplies(
        () -> {
          String name = unique("lease");
          return new Attempt(
              () -> assertThat(leases.acquire(name, "owner", HELD)).isPresent(),
              () -> otherLeases.find(name).isPresent(),
              () -> {});
        });
  }

  @Test
  @DisplayName(
      "L22 L23 if the reply to renew is lost, the outcome is unknown, never lost; it can be"
          + " repeated")
  void lostReplyOfRenew() {
    loseReplies(
        () -> {
          Lease lease = acquired();
          Runnable call = () -> assertThat(leases.renew(lease, LONGER)).isPresent();
          return new Attempt(
              call,
              () ->
                  otherLeases
                      .find(lease.name())
                      .orElseThrow()
                      .expiresAt()
                      .isAfter(lease.expiresAt()),
              call);
        });
  }

  @Test
  @DisplayName(
      "L22 L23 if the reply to release is lost, the outcome is unknown; repeating it tells the"
          + " truth")
  void lostReplyOfRelease() {
    loseReplies(
        () -> {
          Lease lease = acquired();
          BooleanSupplier free = () -> otherLeases.find(lease.name()).isEmpty();
          return new Attempt(
              () -> assertThat(leases.release(lease)).isTrue(),
              free,
              () -> {
                boolean released = free.getAsBoolean();
                assertThat(leases.release(lease)).isEqualTo(!released);
                assertThat(free.getAsBoolean()).isTrue();
              });
        });
  }

  final Lease acquired() {
    return otherLeases.acquire(unique("lease"), "owner", HELD).orElseThrow();
  }

  @Test
  @DisplayName(
      "L22 if the reply to a read is lost, the read fails; it never says that there is nothing")
  void lostReplyOfReads() {
    Lease lease = acquired();
    loseRepliesOfRead(() -> assertThat(leases.find(lease.name())).isPresent());
    loseRepliesOfRead(
        () -> assertThat(AllPages.of(leases, "")).extracting(Lease::name).contains(lease.name()));
    JobLease job = held();
    others.checkpoint(job, "step", "value");
    loseRepliesOfRead(() -> assertThat(jobs.find(job.queue(), job.jobId())).isPresent());
    loseRepliesOfRead(
        () -> assertThat(jobs.checkpoints(job).orElseThrow()).containsEntry("step", "value"));
  }
}
