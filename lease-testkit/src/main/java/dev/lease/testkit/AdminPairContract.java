package dev.lease.testkit;

import dev.lease.testkit.PairedJobs.PairedJob;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Races, by a rule: each call of an operator with each call on the same job. */
@Since(2)
abstract class AdminPairContract extends AdminRaceContract {

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a waiting job comes before or after")
  void operatorsOnAWaitingJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::waiting);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a held job comes before or after")
  void operatorsOnAHeldJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::held);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName(
      "Q59 an operator's call at once with another on an expired job comes before or after")
  void operatorsOnAnExpiredJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, PairOfCalls.inAdvance(paired::expired));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 an operator's call at once with another on a failed job comes before or after")
  void operatorsOnAFailedJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    race(paired, paired::failed);
  }

  private static void race(PairedJobs paired, Race.Start<PairedJob> start) throws Exception {
    var pairs = new PairOfCalls<>(start, paired::left);
    pairs.race(paired.operatorsCalls());
    pairs.race(paired.operatorsCalls(), paired.calls());
  }
}
