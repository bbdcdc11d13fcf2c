package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobState;
import dev.lease.Settlement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What operators do, while workers work [Q38, Q41, Q42]. The races come last, since they leave
 * thousands of queues behind, and whoever counts looks at all of them.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class AdminRaceContract extends AdminBulkContract {

  private static final int LAST = Integer.MAX_VALUE;

  @Test
  @Order(LAST)
  @Tag(Race.TAG)
  @DisplayName("Q42 at the end of a lease a job is either settled or reset, never both")
  void settleAgainstReset() throws Exception {
    var holds = new Holds(this);
    JobAdmin admin = jobAdmin(bare.two);
    new Race<>(holds::make)
        .run(
            hold -> holds.settle(hold, Ending.DONE),
            hold -> {
              time.meet(hold.end());
              return admin.resetExpired(hold.lease().queue(), 2).count();
            },
            (hold, settled, reset) -> {
              boolean accepted = settled == Settlement.Result.ACCEPTED;
              assertThat(reset).as("jobs reset").isEqualTo(accepted ? 0 : 1);
              assertThat(holds.stored(hold).state())
                  .as("state")
                  .isEqualTo(accepted ? JobState.DONE : JobState.RETRY);
            });
  }

  @Test
  @Order(LAST)
  @Tag(Race.TAG)
  @DisplayName("Q42 an extend that said yes is not followed by a reset that used the old expiry")
  void extendAgainstReset() throws Exception {
    var holds = new Holds(this);
    JobAdmin admin = jobAdmin(bare.two);
    new Race<>(holds::make)
        .run(
            holds::extend,
            hold -> {
              time.meet(hold.end());
              return admin.resetExpired(hold.lease().queue(), 2).count();
            },
            (hold, extended, reset) -> {
              Job job = holds.stored(hold);
              if (extended instanceof Extension.Held) {
                assertThat(reset).as("jobs reset although they were extended").isZero();
              }
              assertThat(job.state())
                  .as("state after %s resets", reset)
                  .isEqualTo(reset == 0 ? JobState.PROCESSING : JobState.RETRY);
              if (reset == 0 && holds.isOver(extended)) {
                assertThat(admin.resetExpired(hold.lease().queue(), 2).count())
                    .as("jobs reset next, where neither had won")
                    .isEqualTo(1);
              }
            });
  }

  @Test
  @Order(LAST)
  @Tag(Race.TAG)
  @DisplayName("Q42 a reset that meets a claim at the end of a lease gives the job to one claim")
  void claimAgainstReset() throws Exception {
    var holds = new Holds(this);
    JobAdmin admin = jobAdmin(bare.one);
    new Race<>(holds::make)
        .run(
            hold -> {
              time.await(hold.end());
              return admin.resetExpired(hold.lease().queue(), 2).count();
            },
            holds::claim,
            (hold, reset, claimed) -> {
              Job job = holds.stored(hold);
              assertThat(reset).as("jobs reset").isBetween(0, 1);
              assertThat(job.attempts()).as("attempts").isEqualTo(1 + claimed.size());
              if (!claimed.isEmpty()) {
                assertThat(job.lease()).as("hold").isEqualTo(claimed.get(0).lease());
              }
            });
  }

  @Test
  @Order(LAST)
  @Tag(Race.TAG)
  @DisplayName("Q38 a cancel that meets a retry ends the job as CANCELLED, whichever was first")
  void cancelAgainstRetry() throws Exception {
    var holds = new Holds(this);
    JobAdmin admin = jobAdmin(bare.two);
    new Race<>(holds::make)
        .run(
            hold -> holds.settle(hold, Ending.RETRY),
            hold -> {
              time.await(hold.end());
              return admin.cancel(hold.lease().queue(), hold.lease().jobId());
            },
            (hold, settled, cancelled) -> {
              assertThat(settled).as("settlement").isEqualTo(Settlement.Result.ACCEPTED);
              assertThat(cancelled)
                  .as("cancel")
                  .isIn(Cancellation.REQUESTED, Cancellation.CANCELLED);
              assertThat(holds.stored(hold).state()).as("state").isEqualTo(JobState.CANCELLED);
            });
  }
}
