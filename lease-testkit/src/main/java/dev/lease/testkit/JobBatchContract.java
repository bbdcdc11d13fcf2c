package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Batches, by a rule: each call that takes many answers for each of them, in their order, however
 * many they are. Drivers and scripts have limits for what one statement takes.
 */
@Since(2)
abstract class JobBatchContract extends JobNumberContract {

  private static final List<Integer> SIZES = List.of(0, 1, 2, 501, Limits.MAX_BATCH);

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q22 extend answers for each lease of a batch of up to 1,000, in their order")
  void extendBatches() {
    takeLongLeases();
    for (int size : SIZES) {
      List<JobLease> leases = heldMany(size);
      jobs.settle(everyThird(leases).stream().map(SettlementKind.DONE::of).toList());
      List<Extension> answers = jobs.extend(leases, term.multipliedBy(2));
      assertThat(answers).as("the answers for %s leases", size).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(answers.get(i))
            .as("the answer for lease %s of %s", i, size)
            .isInstanceOf(i % 3 == 1 ? Extension.Lost.class : Extension.Held.class);
        if (answers.get(i) instanceof Extension.Held held && i > size - 12) {
          assertThat(Objects.requireNonNull(find(leases.get(i).jobId()).lease()).expiresAt())
              .as("the stored expiry of lease %s of %s", i, size)
              .isEqualTo(held.expiresAt());
        }
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q04 enqueue answers for each job of a batch of up to 1,000, in their order")
  void enqueueBatches() {
    for (int size : SIZES) {
      freshQueue();
      List<NewJob> batch = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        batch.add(job("job-" + i).build());
      }
      jobs.enqueue(everyThird(batch));
      List<Enqueued> answers = jobs.enqueue(batch);
      assertThat(answers).as("the answers for %s jobs", size).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(answers.get(i))
            .as("the answer for job %s of %s", i, size)
            .isEqualTo(Enqueued.of("job-" + i, i % 3 != 1));
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q05 the dedup keys of a batch are taken, whichever of its jobs have one")
  void keysOfSomeJobs() {
    List<NewJob> batch = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      NewJob.Builder job = job("job-" + i).priority(i % 10);
      batch.add((i % 3 == 1 ? job.dedupKey("key-" + i) : job).build());
    }
    jobs.enqueue(batch);
    for (NewJob there : everyThird(batch)) {
      String key = Objects.requireNonNull(there.dedupKey());
      assertThat(others.enqueue(List.of(job().dedupKey(key).build())))
          .as("enqueue with the dedup key of a job of the batch")
          .containsExactly(Enqueued.of(there.id(), false));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q39 settleAndClaim answers for each settlement of up to 1,000, and claims")
  void settleAndClaimBatches() {
    takeLongLeases();
    for (int size : SIZES) {
      List<JobLease> leases = heldMany(size);
      String next = enqueued(job());
      SettledAndClaimed answer =
          jobs.settleAndClaim(
              leases.stream().map(SettlementKind.DONE::of).toList(),
              ClaimRequest.of(queue, "worker", 2, term));
      assertThat(answer.settled())
          .as("the answers for %s settlements", size)
          .hasSize(size)
          .allMatch(result -> result == Settlement.Result.ACCEPTED);
      assertThat(ids(answer.claim().jobs())).as("the claim").containsExactly(next);
      for (JobLease lease : leases.subList(Math.max(0, size - 15), size)) {
        assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.DONE);
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q26 a thousand steps of a job are kept, and read back in their order")
  void manySteps() {
    takeLongLeases();
    JobLease lease = held();
    Map<String, String> kept = new LinkedHashMap<>();
    for (int i = 0; i < 1_000; i++) {
      String step = "step-" + (i * 7919) % 1_000;
      assertThat(jobs.checkpoint(lease, step, "v" + i)).as("checkpoint %s", i).contains("v" + i);
      kept.put(step, "v" + i);
    }
    Map<String, String> read = jobs.checkpoints(lease).orElseThrow();
    assertThat(read).as("the steps").isEqualTo(kept);
    assertThat(List.copyOf(read.keySet()))
        .as("the order of the steps")
        .isEqualTo(List.copyOf(kept.keySet()));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q39 settle answers for each settlement of a batch of up to 1,000, in their order")
  void settleBatches() {
    takeLongLeases();
    for (int size : SIZES) {
      List<JobLease> leases = heldMany(size);
      jobs.settle(everyThird(leases).stream().map(SettlementKind.DONE::of).toList());
      List<Settlement> batch = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        batch.add(kind(i).different(leases.get(i)));
      }
      List<Settlement.Result> answers = jobs.settle(batch);
      assertThat(answers).as("the answers for %s settlements", size).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(answers.get(i))
            .as("the answer for settlement %s of %s", i, size)
            .isEqualTo(i % 3 == 1 ? Settlement.Result.LOST : Settlement.Result.ACCEPTED);
      }
      for (int i = Math.max(0, size - 12); i < size; i++) {
        assertThat(stateOf(leases.get(i).jobId()))
            .as("state of job %s of %s", i, size)
            .isEqualTo(i % 3 == 1 ? JobState.DONE : kind(i).state());
      }
    }
  }

  private static SettlementKind kind(int i) {
    List<SettlementKind> kinds = List.of(SettlementKind.values());
    return kinds.get(i % kinds.size());
  }

  /** As many held jobs, in a queue where no others can be claimed. */
  private List<JobLease> heldMany(int size) {
    queue = Names.unique("queue");
    if (size == 0) {
      return List.of();
    }
    enqueuedMany(size);
    List<JobLease> leases = claim(size).stream().map(job -> job.lease()).toList();
    assertThat(leases).as("a claim of %s", size).hasSize(size);
    return leases;
  }

  private static <T> List<T> everyThird(List<T> all) {
    List<T> some = new ArrayList<>();
    for (int i = 1; i < all.size(); i += 3) {
      some.add(all.get(i));
    }
    return some;
  }
}
