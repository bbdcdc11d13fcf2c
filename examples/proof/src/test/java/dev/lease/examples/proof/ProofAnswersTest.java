package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobLease;
import dev.lease.examples.proof.ProofAnswers.Answer;
import dev.lease.examples.proof.ProofAnswers.Hold;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProofAnswersTest {

  private final ProofAnswers answers = new ProofAnswers();

  @Test
  void aJobMayBeClaimedAgainOnceItsLeaseHasExpired() {
    hold(lease("one", 1), 0, 10);
    hold(lease("two", 2), 10, 20);
    assertThat(answers.heldTwice()).isZero();
  }

  @Test
  void aJobThatIsClaimedBeforeItsLeaseHasExpiredIsHeldTwice() {
    hold(lease("two", 2), 9, 19);
    hold(lease("one", 1), 0, 10);
    assertThat(answers.heldTwice()).isEqualTo(1);
  }

  @Test
  void anExtensionMakesTheTimeLonger() {
    hold(lease("one", 1), 0, 10);
    hold(lease("one", 1), 10, 15);
    hold(lease("two", 2), 14, 24);
    assertThat(answers.heldTwice()).isEqualTo(1);
  }

  @Test
  void twoWorkersWithOneTokenHoldTheJobTwice() {
    hold(lease("one", 1), 0, 10);
    hold(lease("two", 1), 20, 30);
    assertThat(answers.heldTwice()).isEqualTo(1);
  }

  @Test
  void aJobThatIsClaimedAfterItHasEndedIsHeldTwice() {
    hold(lease("one", 1), 0, 10);
    report(Hold.ended(lease("one", 1)));
    assertThat(answers.heldTwice()).isZero();

    hold(lease("two", 2), 100, 110);
    assertThat(answers.heldTwice()).isEqualTo(1);
  }

  @Test
  void aJobThatWasGivenBackMayBeClaimedAtOnce() {
    hold(lease("one", 1), 0, 10);
    report(Hold.givenBack(lease("one", 1)));
    hold(lease("one", 1), 10, 15);
    hold(lease("two", 2), 1, 11);
    assertThat(answers.heldTwice()).isZero();
  }

  @Test
  void claimsAreCountedForEachWorker() {
    answers.add(new Answer("one", true, List.of()));
    answers.add(new Answer("one", true, List.of()));
    answers.add(new Answer("two", false, List.of()));
    assertThat(answers.claims()).containsOnlyKeys("one").containsEntry("one", 2);
  }

  private void hold(JobLease lease, long from, long until) {
    report(Hold.of(lease, at(from), at(until)));
  }

  private void report(Hold hold) {
    answers.add(new Answer(hold.owner(), false, List.of(hold)));
  }

  private static JobLease lease(String worker, long token) {
    return JobLease.of("q", "job", worker, token, at(10));
  }

  private static Instant at(long second) {
    return Instant.ofEpochSecond(1_000 + second);
  }
}
