package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Reset;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What resetExpired does with expired jobs, and that it leaves all others alone. */
abstract class AdminResetContract extends AdminCancelContract {

  @Test
  @DisplayName("Q20 a reset names the jobs that it finishes, and counts all jobs that it changes")
  void resetNamesWhatItEnds() throws Exception {
    JobLease cancelled = heldAndCancelled(job());
    JobLease another = held();
    List<FinishedJob> finished = new ArrayList<>();
    for (String id : exhaustedMany(250)) {
      finished.add(
          FinishedJob.builder(queue, id, "kit", JobState.FAILED)
              .attempts(1)
              .error(LEASE_EXPIRED)
              .build());
    }
    finished.add(
        FinishedJob.builder(queue, cancelled.jobId(), "kit", JobState.CANCELLED)
            .attempts(1)
            .build());

    Reset reset = admin.resetExpired(queue, 1_000);

    assertThat(reset.count()).as("count").isEqualTo(252);
    assertThat(reset.finished()).as("finished jobs").containsExactlyInAnyOrderElementsOf(finished);
    assertThat(stateOf(another.jobId()))
        .as("state of the job with attempts left")
        .isEqualTo(JobState.RETRY);
  }

  @Test
  @DisplayName(
      "Q40 resetExpired puts an expired job into RETRY, due as before, and claimable at once")
  void resetOfAnExpiredJob() throws Exception {
    JobLease lease = held();
    jobs.checkpoint(lease, "step", "value");
    advanceAlmost(term);
    advanceTheRest();
    Job before = find(lease.jobId());

    assertThat(admin.resetExpired(queue, 10).count()).as("resetExpired").isEqualTo(1);

    Job after = find(lease.jobId());
    assertThat(after.state()).as("state").isEqualTo(JobState.RETRY);
    assertThat(after.lease()).as("lease").isNull();
    assertThat(after)
        .as("the rest of the record")
        .usingRecursiveComparison()
        .ignoringFields("state", "lease", "asOf")
        .isEqualTo(before);
    ClaimedJob next = claimed();
    assertThat(next.attempt()).as("the next attempt").isEqualTo(2);
    assertThat(next.lease().token()).as("the next token").isGreaterThan(lease.token());
    assertThat(jobs.checkpoints(next.lease())).as("checkpoints").contains(Map.of("step", "value"));
  }

  @Test
  @DisplayName("Q40 before its expiry a job is not reset and does not change")
  void resetOfALiveJob() throws Exception {
    JobLease lease = held();
    enqueued(job());
    advanceAlmost(term);
    Optional<Job> before = record(lease.jobId());

    assertThat(admin.resetExpired(queue, 10).count()).as("resetExpired").isZero();

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q40 resetExpired makes a job FAILED that has crashed too often")
  void resetOfAnExhaustedJob() throws Exception {
    JobLease lease = held(job().maxCrashes(1).dedupKey("key"));
    expireLeases();

    assertThat(admin.resetExpired(queue, 10).count()).as("resetExpired").isEqualTo(1);

    Job job = find(lease.jobId());
    assertThat(job.state()).as("state").isEqualTo(JobState.FAILED);
    assertThat(job.error()).as("error").isEqualTo(LEASE_EXPIRED);
    assertThat(job.finishedAt()).as("finishedAt").isNotNull();
    assertThat(claim(1)).as("claim").isEmpty();
    assertKeyIsFree("that has crashed too often");
  }

  @Test
  @DisplayName("Q38 resetExpired makes a job CANCELLED if its cancellation was requested")
  void resetOfACancelledJob() throws Exception {
    JobLease lease = heldAndCancelled(job());
    expireLeases();

    assertThat(admin.resetExpired(queue, 10).count()).as("resetExpired").isEqualTo(1);

    assertCancelled(lease.jobId());
  }

  @Test
  @DisplayName("Q40 a reset counts exactly the jobs that it changed, in its own queue only")
  void resetCounts() throws Exception {
    JobLease elsewhere = held();
    String otherQueue = queue;
    freshQueue();
    enqueuedMany(8);
    // Live ones that were claimed before the expired ones, and others that were claimed after them.
    jobs.claim(ClaimRequest.of(queue, "worker", 1, term.multipliedBy(9)));
    advance(Duration.ofMillis(5));
    claim(5);
    expireLeases();
    claim(2);

    assertThat(admin.resetExpired(queue, 1).count()).as("the first reset, of 1").isEqualTo(1);
    assertThat(admin.resetExpired(queue, 1_000).count()).as("the second reset").isEqualTo(2);
    assertThat(admin.resetExpired(queue, 1_000).count()).as("the third reset").isZero();
    assertThat(find(otherQueue, elsewhere.jobId()).state())
        .as("state of an expired job of another queue")
        .isEqualTo(JobState.PROCESSING);
    assertThat(admin.resetExpired(unique("queue"), 1).count())
        .as("reset of an unknown queue")
        .isZero();
  }

  @Test
  @DisplayName("Q40 the counts of resets of thousands of jobs add up")
  void resetOfThousands() throws Exception {
    List<String> exhausted = exhaustedMany(2_500);

    List<Reset> resets =
        Stream.of(admin, otherAdmin, admin, otherAdmin)
            .map(each -> each.resetExpired(queue, Limits.MAX_BATCH))
            .toList();

    assertThat(resets)
        .as("the counts")
        .extracting(Reset::count)
        .containsExactly(1_000, 1_000, 500, 0);
    assertThat(resets)
        .as("the numbers of the jobs that are named")
        .extracting(reset -> Set.copyOf(reset.finished()).size())
        .containsExactly(1_000, 1_000, 500, 0);
    assertExhausted(exhausted);
    for (int i = 0; i < 3; i++) {
      // Otherwise every later list of all jobs walks over them.
      admin.purge(queue, Duration.ZERO, Limits.MAX_BATCH);
    }
  }

  @Test
  @DisplayName("Q23 after a reset every call of the holder is lost")
  void lostAfterReset() throws Exception {
    JobLease lease = held();
    expireLeases();
    otherAdmin.resetExpired(queue, 1);

    assertAllLost(lease, "after a reset");
  }

  @Test
  @DisplayName("Q28 after a reset every settlement is lost")
  void settledAfterReset() throws Exception {
    Map<SettlementKind, JobLease> leases = heldForEachKind();
    expireLeases();
    admin.resetExpired(queue, leases.size());

    leases.forEach(
        (kind, lease) -> {
          assertThat(jobs.settle(List.of(kind.of(lease))))
              .as("settlement as %s after a reset", kind)
              .containsExactly(Settlement.Result.LOST);
          assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.RETRY);
        });
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q41 N concurrent resets change each job once, and their counts add up")
  void concurrentResets() throws Exception {
    enqueuedMany(200);
    claim(200);
    expireLeases();

    List<Integer> counts =
        new ArrayList<>(
            Together.run(
                8,
                i -> {
                  JobAdmin mine = i % 2 == 0 ? admin : otherAdmin;
                  return IntStream.range(0, 30)
                      .map(round -> mine.resetExpired(queue, 7).count())
                      .sum();
                }));
    // A reset may have skipped jobs that another had locked.
    counts.add(admin.resetExpired(queue, 1_000).count());

    assertThat(counts.stream().mapToInt(Integer::intValue).sum())
        .as("the sum of the counts %s", counts)
        .isEqualTo(200);
    assertThat(claim(1_000)).as("the claimable jobs").hasSize(200);
  }

  @Test
  @DisplayName("Q43 a reset takes no attempt, and works in bounded batches")
  void resetInBatches() throws Exception {
    Set<String> expected = new HashSet<>(enqueuedMany(25));
    claim(25);
    expireLeases();
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      counts.add(admin.resetExpired(queue, 10).count());
    }

    assertThat(counts).as("the counts").containsExactly(10, 10, 5, 0);
    for (String id : expected) {
      assertThat(find(id).attempts()).as("attempts").isEqualTo(1);
      assertThat(find(id).state()).as("state").isEqualTo(JobState.RETRY);
    }
    for (int limit : new int[] {0, -1, 1_001}) {
      assertRefused("reset with limit " + limit, () -> admin.resetExpired(queue, limit));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(2)
  @DisplayName(
      "Q43 a reset keeps its limit, whether or not a claim has met the expired jobs before")
  void resetOfWhatAClaimHasMet() throws Exception {
    enqueuedMany(6);
    claim(6);
    expireLeases();
    assertThat(claim(1)).as("a claim that leaves five expired jobs").hasSize(1);
    enqueuedMany(5);
    assertThat(claim(20)).as("claim of all that is left").hasSize(10);
    expireLeases();
    assertThat(claim(2)).as("a claim that leaves nine expired jobs").hasSize(2);

    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      counts.add(otherAdmin.resetExpired(queue, 4).count());
    }

    assertThat(counts).as("the counts").containsExactly(4, 4, 1, 0);
  }

  @Test
  @DisplayName("Q43 a payload that nobody can read does not stop a reset")
  void resetOfPoison() throws Exception {
    List<NewJob> batch = new ArrayList<>();
    for (String poison : List.of("[".repeat(100_000), "{\"a\":1e400", "\uFFFF", "")) {
      batch.add(NewJob.builder(queue, unique("poison"), "kit", poison).build());
    }
    jobs.enqueue(batch);
    enqueuedMany(10);
    claim(14);
    expireLeases();

    assertThat(admin.resetExpired(queue, 1_000).count()).as("resetExpired").isEqualTo(14);
  }
}
