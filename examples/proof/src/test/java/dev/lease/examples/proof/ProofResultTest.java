package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProofResultTest {

  private static final ProofPoint POINT = ProofPoint.afterEffect("charge");

  private final ProofEffects effects = new ProofEffects();
  private boolean disturbed;
  private boolean taken = true;

  private void make(String step, long... tokens) {
    for (long token : tokens) {
      effects.add(POINT.name(), step, token);
    }
  }

  private void makeAllOnceBut(String step) {
    ProofWay.STEPS_OF_A_JOB.stream()
        .filter(other -> !other.equals(step))
        .forEach(other -> make(other, 7));
  }

  private List<String> failures(ProofWay way, ProofPoint point, ProofStrike strike) {
    String job = point.name();
    ProofResult.Point result =
        new ProofResult.Point(
            point,
            taken,
            2,
            disturbed,
            effects.missing(job),
            effects.doubled(job),
            effects.stale(job));
    return new ProofResult(way, strike, List.of(result), Duration.ZERO).failures();
  }

  private List<String> failures(ProofWay way) {
    return failures(way, POINT, ProofStrike.KILL);
  }

  @Test
  void eachEffectOnceIsGood() {
    makeAllOnceBut("charge");
    make("charge", 6);

    assertThat(failures(ProofWay.KEYS)).isEmpty();
    assertThat(failures(ProofWay.TRANSACTION)).isEmpty();
    assertThat(failures(ProofWay.FENCE)).isEmpty();
  }

  @Test
  void anEffectThatIsMissingFailsEachWay() {
    makeAllOnceBut("place");

    for (ProofWay way : ProofWay.values()) {
      assertThat(failures(way)).singleElement().asString().contains("1 effects missing");
    }
  }

  @Test
  void anEffectMadeAgainByALaterAttemptFailsAllButAFence() {
    makeAllOnceBut("charge");
    make("charge", 6, 7);

    assertThat(failures(ProofWay.KEYS)).singleElement().asString().contains("1 doubled");
    assertThat(failures(ProofWay.TRANSACTION)).hasSize(1);
    assertThat(failures(ProofWay.FENCE)).isEmpty();
  }

  @Test
  void twoEffectsMadeAgainInTwoAttemptsMeanThatStepsWereNotKept() {
    makeAllOnceBut("charge");
    make("charge", 6, 7);
    make("reserve", 8);

    assertThat(failures(ProofWay.FENCE)).singleElement().asString().contains("2 doubled");
    assertThat(failures(ProofWay.STEPS)).singleElement().asString().contains("2 doubled");
  }

  @Test
  void anAttemptThatWasLostForAnotherReasonMayMakeAnEffectAgainAndNoMore() {
    ProofPoint settled = ProofPoint.AFTER_SETTLEMENT;
    ProofWay.STEPS_OF_A_JOB.forEach(step -> effects.add(settled.name(), step, 7));
    effects.add(settled.name(), "charge", 8);

    assertThat(failures(ProofWay.STEPS, settled, ProofStrike.STOP)).hasSize(1);
    // Then the strike cost no attempt: no other worker went on with the job.
    taken = false;
    assertThat(failures(ProofWay.STEPS, settled, ProofStrike.STOP)).isEmpty();
    effects.add(settled.name(), "reserve", 8);
    assertThat(failures(ProofWay.STEPS, settled, ProofStrike.STOP)).hasSize(1);
  }

  @Test
  void stepsAloneDoubleWhereAStepWasStruckAfterItsEffectAndNowhereElse() {
    makeAllOnceBut("charge");
    make("charge", 6);
    assertThat(failures(ProofWay.STEPS)).singleElement().asString().contains("proves nothing");
    make("charge", 7);
    assertThat(failures(ProofWay.STEPS)).isEmpty();

    ProofPoint before = ProofPoint.beforeEffect("charge");
    ProofWay.STEPS_OF_A_JOB.forEach(step -> effects.add(before.name(), step, 7));
    assertThat(failures(ProofWay.STEPS, before, ProofStrike.KILL)).isEmpty();
    effects.add(before.name(), "charge", 8);
    assertThat(failures(ProofWay.STEPS, before, ProofStrike.KILL)).hasSize(1);
  }

  @Test
  void aFenceLetsWhoWasStoppedBeforeItsCommitWriteAndThenTheNextAndNoneWhoWasKilledThere() {
    ProofPoint point = ProofPoint.beforeCommit("charge");
    ProofWay.STEPS_OF_A_JOB.forEach(step -> effects.add(point.name(), step, 7));
    effects.add(point.name(), "charge", 8);

    assertThat(failures(ProofWay.FENCE, point, ProofStrike.STOP)).isEmpty();
    assertThat(failures(ProofWay.FENCE, point, ProofStrike.KILL)).hasSize(1);
  }

  @Test
  void aJobThatIsDisturbedFailsThoughItsEffectsAreRight() {
    makeAllOnceBut("charge");
    make("charge", 7);
    disturbed = true;

    assertThat(failures(ProofWay.KEYS)).singleElement().asString().contains("disturbed");
  }

  @Test
  void anEffectMadeAgainByWhoHadLostTheJobFailsAFence() {
    makeAllOnceBut("charge");
    make("charge", 7, 6);

    assertThat(failures(ProofWay.FENCE)).singleElement().asString().contains("1 stale");
  }

  @Test
  void whereNothingProtectsEachPointHasToDoubleAnEffect() {
    makeAllOnceBut("charge");
    make("charge", 7);

    assertThat(failures(ProofWay.NOTHING)).singleElement().asString().contains("proves nothing");
    make("charge", 8);
    assertThat(failures(ProofWay.NOTHING)).isEmpty();
  }

  @Test
  void whereNothingHadHappenedNothingNeedsToDouble() {
    ProofPoint first = ProofPoint.beforeEffect("charge");
    ProofWay.STEPS_OF_A_JOB.forEach(step -> effects.add(first.name(), step, 7));

    assertThat(failures(ProofWay.NOTHING, first, ProofStrike.KILL)).isEmpty();
    assertThat(failures(ProofWay.NOTHING, first, ProofStrike.STOP)).hasSize(1);
  }
}
