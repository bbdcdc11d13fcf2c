package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Races, by a rule: each pair of calls on one job, while it waits, is held or has expired, answers
 * and ends as if one call had come after the other [Q59].
 */
@Since(2)
abstract class JobPairContract extends JobRaceContract {

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 two calls at once on a waiting job end as if one came after the other")
  void pairsOnAWaitingJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    new PairOfCalls<>(paired::waiting, paired::left).race(paired.workersCalls());
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 two calls at once on a held job end as if one came after the other")
  void pairsOnAHeldJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    new PairOfCalls<>(paired::held, paired::left).race(paired.workersCalls());
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q59 two calls at once on an expired job end as if one came after the other")
  void pairsOnAnExpiredJob() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    new PairOfCalls<>(PairOfCalls.inAdvance(paired::expired), paired::left)
        .race(paired.workersCalls());
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @Since(3)
  @DisplayName("Q03 one dedup key on jobs of two types, enqueued at once, makes one job")
  void keyOnTwoTypesAtOnce() throws Exception {
    takeLongLeases();
    var paired = new PairedJobs(this);
    new PairOfCalls<>(paired::failed, paired::leftOfBoth)
        .race(List.of(paired.enqueueOfTheKeyWithAnotherType()));
  }
}
