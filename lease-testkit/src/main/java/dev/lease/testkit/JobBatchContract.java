package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Settlement;
import java.util.ArrayList;
import java.util.List;
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
      }
    }
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
      assertThat(jobs.enqueue(List.of())).as("enqueue of nothing").isEmpty();
      return List.of();
    }
    enqueuedMany(size);
    List<JobLease> leases = claim(size).stream().map(job -> job.lease()).toList();
    assertThat(leases).as("a claim of %s", size).hasSize(size);
    return leases;
  }

  private static List<JobLease> everyThird(List<JobLease> leases) {
    List<JobLease> some = new ArrayList<>();
    for (int i = 1; i < leases.size(); i += 3) {
      some.add(leases.get(i));
    }
    return some;
  }
}
