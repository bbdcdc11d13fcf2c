package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Operator;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Loses each reply of each call for operators in turn. */
abstract class LostAdminReplyContract extends LostReplyContract {

  private static final int MOST_REPEATS = 10_000;

  /** Skips the test if the store comes without a JobAdmin. */
  private void needsAdmin() {
    if (lacks(Capability.ADMIN)) {
      assertLacks(Capability.ADMIN, backend::jobAdmin);
    }
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to cancel is lost, the outcome is unknown; repeating it tells the"
          + " truth")
  void lostReplyOfCancel() {
    needsAdmin();
    loseReplies(
        () -> {
          String name = enqueued();
          BooleanSupplier done = () -> stateOf(name) == JobState.CANCELLED;
          return new Attempt(
              () -> assertThat(admin().cancel(name, name)).isEqualTo(Cancellation.CANCELLED),
              done,
              () -> {
                Cancellation again =
                    done.getAsBoolean() ? Cancellation.FINISHED : Cancellation.CANCELLED;
                assertThat(admin().cancel(name, name)).isEqualTo(again);
                assertThat(done.getAsBoolean()).isTrue();
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to requeue is lost, the outcome is unknown; repeating it tells the"
          + " truth")
  void lostReplyOfRequeue() {
    needsAdmin();
    loseReplies(
        () -> {
          String name = ended(JobState.FAILED);
          BooleanSupplier done = () -> stateOf(name) == JobState.PENDING;
          return new Attempt(
              () -> assertThat(admin().requeue(name, name)).isEqualTo(Requeue.REQUEUED),
              done,
              () -> {
                Requeue again = done.getAsBoolean() ? Requeue.NOT_FAILED : Requeue.REQUEUED;
                assertThat(admin().requeue(name, name)).isEqualTo(again);
                assertThat(done.getAsBoolean()).isTrue();
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to delete is lost, the outcome is unknown; repeating it tells the"
          + " truth")
  void lostReplyOfDelete() {
    needsAdmin();
    loseReplies(
        () -> {
          String name = enqueued();
          BooleanSupplier gone = () -> others.find(name, name).isEmpty();
          return new Attempt(
              () -> assertThat(admin().delete(name, name)).isTrue(),
              gone,
              () -> {
                boolean deleted = gone.getAsBoolean();
                assertThat(admin().delete(name, name)).isEqualTo(!deleted);
                assertThat(gone.getAsBoolean()).isTrue();
              });
        });
  }

  @Test
  @Since(2)
  @DisplayName("Q89 if the reply to a recorded act is lost, repeating it leaves one record in all")
  void lostReplyOfARecordedAct() {
    needsAdmin();
    if (lacks(Capability.AUDIT)) {
      reportAsLacking(Capability.AUDIT);
    }
    Operator anna = Operator.of("anna", "");
    loseReplies(
        () -> {
          String name = enqueued();
          BooleanSupplier gone = () -> others.find(name, name).isEmpty();
          return new Attempt(
              () -> assertThat(admin().by(anna).delete(name, name)).isTrue(),
              gone,
              () -> {
                assertThat(AllPages.of(otherAdmin(), ActionQuery.inQueue(name)))
                    .as("the records before the call is repeated")
                    .hasSize(gone.getAsBoolean() ? 1 : 0);
                admin().by(anna).delete(name, name);
                assertThat(AllPages.of(otherAdmin(), ActionQuery.inQueue(name)))
                    .as("the records")
                    .hasSize(1);
              });
        });
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to pause or resume is lost, the outcome is unknown; it can be repeated")
  void lostReplyOfPause() {
    needsAdmin();
    loseReplies(
        () -> {
          String queue = enqueued();
          Runnable call = () -> admin().pause(queue);
          return new Attempt(call, () -> isPaused(queue), call);
        });
    loseReplies(
        () -> {
          String queue = enqueued();
          otherAdmin().pause(queue);
          Runnable call = () -> admin().resume(queue);
          return new Attempt(call, () -> !isPaused(queue), call);
        });
  }

  private boolean isPaused(String queue) {
    return countsOf(otherAdmin(), queue).paused();
  }

  private static QueueCounts countsOf(JobAdmin admin, String queue) {
    return admin.counts().queues().stream()
        .filter(counts -> counts.queue().equals(queue))
        .findAny()
        .orElseThrow();
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to resetExpired is lost, the outcome is unknown; a job is reset once")
  void lostReplyOfReset() {
    needsAdmin();
    // The answers of repeated calls that found their job.
    List<Integer> told = new ArrayList<>();
    loseReplies(
        () -> {
          String name = enqueued();
          Duration brief = Duration.ofMillis(1);
          assertThat(others.claim(ClaimRequest.of(name, "worker", 1, brief)).jobs()).hasSize(1);
          moveTime(brief);
          BooleanSupplier done = () -> stateOf(name) == JobState.RETRY;
          return new Attempt(
              () -> assertThat(admin().resetExpired(name, 10).count()).isEqualTo(1),
              done,
              () -> {
                boolean wasReset = done.getAsBoolean();
                int reset = admin().resetExpired(name, 10).count();
                // The server may commit the first call a moment later.
                for (int i = 0; i < MOST_REPEATS && !done.getAsBoolean(); i++) {
                  reset += admin().resetExpired(name, 10).count();
                }
                assertThat(done.getAsBoolean()).isTrue();
                assertThat(reset).isLessThanOrEqualTo(wasReset ? 0 : 1);
                assertThat(find(name).attempts()).isEqualTo(1);
                if (!wasReset) {
                  told.add(reset);
                }
              });
        });
    if (!told.isEmpty()) {
      assertThat(told).as("jobs that repeated calls reset").contains(1);
    }
  }

  private void moveTime(Duration by) {
    try {
      advance(by.plus(bare.fixture.unit()));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName(
      "L22 Q49 if the reply to purge is lost, the outcome is unknown; repeating it tells the truth")
  void lostReplyOfPurge() {
    needsAdmin();
    // The answers of repeated calls that found their job.
    List<Integer> told = new ArrayList<>();
    loseReplies(
        () -> {
          String name = ended(JobState.DONE);
          moveTime(Duration.ofMillis(1));
          BooleanSupplier gone = () -> others.find(name, name).isEmpty();
          return new Attempt(
              () -> assertThat(admin().purge(name, Duration.ZERO, 10)).isEqualTo(1),
              gone,
              () -> {
                boolean wasGone = gone.getAsBoolean();
                int purged = admin().purge(name, Duration.ZERO, 10);
                // The server may commit the first call a moment later.
                for (int i = 0; i < MOST_REPEATS && !gone.getAsBoolean(); i++) {
                  purged += admin().purge(name, Duration.ZERO, 10);
                }
                assertThat(gone.getAsBoolean()).isTrue();
                assertThat(purged).isLessThanOrEqualTo(wasGone ? 0 : 1);
                if (!wasGone) {
                  told.add(purged);
                }
              });
        });
    if (!told.isEmpty()) {
      assertThat(told).as("jobs that repeated calls purged").contains(1);
    }
  }

  /** Makes a job, alone in its queue, that finished in that state. */
  private String ended(JobState state) {
    JobLease lease = held();
    others.settle(
        List.of(
            state == JobState.DONE ? Settlement.done(lease) : Settlement.failed(lease, "error")));
    return lease.queue();
  }

  @Test
  @DisplayName("L22 if the reply to list or counts is lost, it fails; it never leaves out jobs")
  void lostReplyOfLists() {
    needsAdmin();
    String name = enqueued();
    JobFilter all = JobFilter.all().inQueue(name);
    loseRepliesOfRead(
        () ->
            assertThat(AllPages.of(admin(), JobQuery.of(all).limit(10)))
                .extracting(Job::id)
                .contains(name));
    loseRepliesOfRead(
        () -> assertThat(countsOf(admin(), name).count(JobState.PENDING)).isEqualTo(1));
  }
}
