package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobState;
import dev.lease.Settlement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Calls of operators that race with workers [Q38, Q41, Q42]. */
abstract class AdminRaceContract extends AdminActionContract {

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q42 when its lease expires a job is either settled or reset, never both")
  void settleAgainstReset() throws Exception {
    var raced = new RacedJobs(this);
    JobAdmin admin = bare.two.jobAdmin();
    new Race<>(raced::make)
        .run(
            it -> raced.settle(it, SettlementKind.DONE),
            it -> {
              time.meet(it.expiry());
              return admin.resetExpired(it.lease().queue(), 2).count();
            },
            (it, settled, reset) -> {
              boolean accepted = settled == Settlement.Result.ACCEPTED;
              assertThat(reset).as("jobs reset").isEqualTo(accepted ? 0 : 1);
              assertThat(raced.stored(it).state())
                  .as("state")
                  .isEqualTo(accepted ? JobState.DONE : JobState.RETRY);
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q42 after an accepted extend no reset goes by the old expiry")
  void extendAgainstReset() throws Exception {
    var raced = new RacedJobs(this);
    JobAdmin admin = bare.two.jobAdmin();
    new Race<>(raced::make)
        .run(
            raced::extend,
            it -> {
              time.meet(it.expiry());
              return admin.resetExpired(it.lease().queue(), 2).count();
            },
            (it, extended, reset) -> {
              Job job = raced.stored(it);
              if (extended instanceof Extension.Held) {
                assertThat(reset)
                    .as("jobs that were reset although their lease was extended")
                    .isZero();
              }
              assertThat(job.state())
                  .as("state after %s resets", reset)
                  .isEqualTo(reset == 0 ? JobState.PROCESSING : JobState.RETRY);
              if (reset == 0 && raced.isOver(extended)) {
                assertThat(admin.resetExpired(it.lease().queue(), 2).count())
                    .as("jobs of the next reset, after neither call got the job")
                    .isEqualTo(1);
              }
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q42 when a reset races with a claim at the expiry, the job goes to one claim")
  void claimAgainstReset() throws Exception {
    var raced = new RacedJobs(this);
    JobAdmin admin = bare.one.jobAdmin();
    new Race<>(raced::make)
        .run(
            it -> {
              time.await(it.expiry());
              return admin.resetExpired(it.lease().queue(), 2).count();
            },
            raced::claim,
            (it, reset, claimed) -> {
              Job job = raced.stored(it);
              assertThat(reset).as("jobs reset").isBetween(0, 1);
              assertThat(job.attempts()).as("attempts").isEqualTo(1 + claimed.size());
              if (!claimed.isEmpty()) {
                assertThat(job.lease()).as("stored lease").isEqualTo(claimed.get(0).lease());
              }
            });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName(
      "Q38 a cancel that races with a retry makes the job CANCELLED, whichever comes first")
  void cancelAgainstRetry() throws Exception {
    var raced = new RacedJobs(this);
    JobAdmin admin = bare.two.jobAdmin();
    new Race<>(raced::make)
        .run(
            it -> raced.settle(it, SettlementKind.RETRY),
            it -> {
              time.await(it.expiry());
              return admin.cancel(it.lease().queue(), it.lease().jobId());
            },
            (it, settled, cancelled) -> {
              assertThat(settled).as("settlement").isEqualTo(Settlement.Result.ACCEPTED);
              assertThat(cancelled)
                  .as("cancel")
                  .isIn(Cancellation.REQUESTED, Cancellation.CANCELLED);
              assertThat(raced.stored(it).state()).as("state").isEqualTo(JobState.CANCELLED);
            });
  }
}
