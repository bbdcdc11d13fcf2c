package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Jobs over days, months and years, and times less than a millisecond apart. */
@Since(3)
abstract class JobTimeContract extends JobRefusalContract {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MONTH = Duration.ofDays(31);

  /** How a job comes to wait. */
  @FunctionalInterface
  private interface Wait {
    void begin(Duration delay);
  }

  /** No job is given before a delay is over, and one is then. */
  private void assertWaits(String what, Wait wait, Duration... delays) throws Exception {
    for (Duration delay : delays) {
      freshQueue();
      wait.begin(delay);
      advanceAlmost(delay);
      assertThat(claim(1)).as("claim before the end of a %s of %s", what, delay).isEmpty();
      advanceTheRest();
      assertThat(claim(1)).as("claim at the end of a %s of %s", what, delay).hasSize(1);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q14 a job that is due in a day, a month or years is given then, and not before")
  void dueInLong() throws Exception {
    assertWaits(
        "delay",
        delay -> enqueued(job().due(Due.after(delay))),
        DAY,
        MONTH,
        Duration.ofDays(9 * 365));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q32 a retry in a day or a month comes then, and not before")
  void retriesInLong() throws Exception {
    assertWaits("retry", delay -> settled(Settlement.retry(held(), delay, "once")), DAY, MONTH);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q35 a job that is released for a day or a month is given then, and not before")
  void releasesForLong() throws Exception {
    assertWaits("release", delay -> settled(Settlement.released(held(), delay)), DAY, MONTH);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q35 a job that is released for less than a millisecond is given within one")
  void releasesForNearlyNothing() throws Exception {
    for (Duration delay :
        List.of(Duration.ofNanos(1), Duration.ofNanos(1_000), Duration.ofNanos(999_999))) {
      freshQueue();
      JobLease lease = held();
      Instant before = storeNow();
      settled(Settlement.released(lease, delay));
      assertThat(find(lease.jobId()).dueAt())
          .as("due time after a release for %s", delay)
          .isBetween(before, storeNow().plusMillis(2));
      if (time.isFrozen()) {
        assertThat(claim(1)).as("claim at the time of a release for %s", delay).isEmpty();
      }
      advance(Duration.ofMillis(1));
      assertThat(claim(1)).as("claim a millisecond after a release for %s", delay).hasSize(1);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q17 a job that is held for months is given to nobody else before the end")
  void heldForMonths() throws Exception {
    String id = enqueued(job());
    JobLease lease = claimedFor(Duration.ofDays(300));
    for (Duration step : List.of(DAY, MONTH, Duration.ofDays(260))) {
      advance(step);
      String beside = enqueued(job());
      ClaimedJob other = claimed();
      assertThat(other.lease().jobId()).as("claim after %s more", step).isEqualTo(beside);
      settled(Settlement.done(other.lease(), null));
    }
    assertThat(jobs.extend(List.of(lease), Duration.ofDays(2)).get(0))
        .as("extend")
        .isInstanceOf(Extension.Held.class);
    advance(Duration.ofDays(3));
    ClaimedJob next = claimed();
    assertThat(next.lease().jobId()).as("the job").isEqualTo(id);
    assertThat(next.lease().token()).as("token").isGreaterThan(lease.token());
    assertThat(next.attempt()).as("attempt").isEqualTo(2);
  }

  private JobLease claimedFor(Duration duration) {
    List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, "kit", 1, duration)).jobs();
    assertThat(claimed).as("claim of the only job").hasSize(1);
    return claimed.get(0).lease();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q22 a lease that is extended for longer than a week is kept, with its token")
  void extendedForLong() throws Exception {
    enqueued(job());
    JobLease lease = claimedFor(DAY);
    for (int i = 0; i < 10; i++) {
      advance(Duration.ofHours(23));
      assertThat(claim(1)).as("claim before extension %s", i + 1).isEmpty();
      assertThat((i % 2 == 0 ? jobs : others).extend(List.of(lease), DAY).get(0))
          .as("extension %s", i + 1)
          .isInstanceOf(Extension.Held.class);
    }
    assertThat(find(lease.jobId()).token()).as("token").isEqualTo(lease.token());
    settled(lease, SettlementKind.DONE);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q28 what nobody claimed again is settled after a day, a month and years")
  void settledAfterLong() throws Exception {
    for (Duration step : List.of(DAY, MONTH, LeaseTimeContract.YEARS)) {
      freshQueue();
      JobLease lease = held();
      jobs.progress(lease, Progress.of(50, "half"));
      jobs.checkpoint(lease, "one", "value");
      advance(step);
      assertThat(others.progress(lease, Progress.of(60, "more"))).as("progress").isTrue();
      assertThat(others.checkpoint(lease, "two", "v")).as("checkpoint").contains("v");
      assertThat(others.checkpoints(lease))
          .as("steps after %s", step)
          .contains(Map.of("one", "value", "two", "v"));
      settled(Settlement.done(lease, "result"));
      Job job = find(lease.jobId());
      assertThat(job.state()).as("state after %s", step).isEqualTo(JobState.DONE);
      assertThat(job.result()).as("result after %s", step).isEqualTo("result");
      assertThat(claim(1)).as("claim after %s", step).isEmpty();
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q23 an old token that is alike in its low 32 bits is lost")
  void tokensThatAreAlike() throws Exception {
    advance(DAY);
    JobLease old = held();
    settled(old, SettlementKind.RELEASED);
    advance(LeaseTimeContract.SAME_LOW_BITS);
    assertThat(claimed().lease().token()).as("the new token").isGreaterThan(old.token());

    assertAllLost(old, "with the old token");
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q02 an id whose job is kept for a month is remembered for it")
  void rememberedForLong() throws Exception {
    JobLease lease = held(job("id").keep(MONTH));
    settled(lease, SettlementKind.DONE);
    for (Duration step : List.of(DAY, Duration.ofDays(29))) {
      advance(step);
      assertThat(others.enqueue(List.of(job("id").build())))
          .as("enqueue of the id after %s more", step)
          .containsExactly(Enqueued.of("id", false));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q82 a key that stays taken for a month is free after it, and not before")
  void keyForLong() throws Exception {
    settled(held(job("id").dedupKey("key").dedupFor(MONTH)), SettlementKind.DONE);
    for (Duration step : List.of(DAY, Duration.ofDays(29))) {
      advance(step);
      assertThat(others.enqueue(List.of(job().dedupKey("key").build())))
          .as("enqueue of the key after %s more", step)
          .containsExactly(Enqueued.of("id", false));
    }
    advance(Duration.ofDays(2));
    enqueued(job().dedupKey("key"));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q81 a deadline in a month passes then, and not before")
  void deadlineInLong() throws Exception {
    enqueued(job("first").notAfter(Due.after(MONTH)));
    enqueued(job("second").notAfter(Due.after(MONTH)));
    advance(Duration.ofDays(30));
    assertThat(ids(claim(1))).as("claim before the deadline").containsExactly("first");
    advance(Duration.ofDays(2));
    Claim claim = others.claim(ClaimRequest.of(queue, "worker", 9, term));
    assertThat(claim.finished())
        .as("what a claim finishes after the deadline")
        .extracting(FinishedJob::id)
        .contains("second");
    assertThat(stateOf("second")).as("state").isEqualTo(JobState.CANCELLED);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q13 the order is that of due times which are a unit or a millisecond apart")
  void dueTimesThatAreClose() throws Exception {
    int count = 12;
    Instant last = storeNow().minusSeconds(3_600);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      expected.add(0, enqueued(job().due(Due.at(last.minusMillis(i)))));
    }
    assertThat(ids(claim(count))).as("claim").containsExactlyElementsOf(expected);
    if (!time.isFrozen()) {
      return;
    }
    freshQueue();
    expected.clear();
    Duration unit = bare.fixture.unit();
    for (int i = 0; i < count; i++) {
      // Each is due a unit before the one that was enqueued before it.
      expected.add(0, enqueued(job().due(Due.after(unit.multipliedBy(2L * (count - i))))));
      advance(unit);
    }
    advance(unit.multipliedBy(2L * count));
    assertThat(ids(claim(count))).as("claim").containsExactlyElementsOf(expected);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q20 a job that failed before, and crashes too often, is finished as expired")
  void exhaustedAfterAFailure() throws Exception {
    JobLease lease = held(job().maxCrashes(1).maxFailures(9));
    settled(Settlement.retry(lease, Duration.ZERO, "of the first attempt"));
    claimed();
    expireLeases();
    Claim claim = jobs.claim(ClaimRequest.of(queue, "worker", 1, term));
    assertThat(claim.jobs()).as("claim").isEmpty();
    assertThat(claim.finished())
        .as("what the claim finished")
        .singleElement()
        .satisfies(
            finished -> {
              assertThat(finished.state()).isEqualTo(JobState.FAILED);
              assertThat(finished.error()).isEqualTo(LEASE_EXPIRED);
              assertThat(finished.attempts()).isEqualTo(2);
              assertThat(finished.failures()).isEqualTo(1);
            });
    assertExhausted(List.of(lease.jobId()));
  }
}
