package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each call of a worker on a job in each state, by a rule: the answer and all that the store shows
 * afterwards are those of the reference. So a call changes what it says, and nothing else.
 */
@Since(2)
abstract class JobStateContract extends JobPairContract {

  private CallsInStates calls() {
    takeLongLeases();
    return new CallsInStates(
        new JobModel(bare.fixture, List.of(bare.one, bare.two), false, this::storeNow));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q02 the id of a job in each state: an enqueue creates nothing and changes nothing")
  void enqueueOfTheIdInEachState() throws Exception {
    calls().enqueueId(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q05 the dedup key of a job in each state is taken, or free once it is finished")
  void enqueueOfTheKeyInEachState() throws Exception {
    calls().enqueueKey(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q11 claim gives, finishes or leaves a job in each state, and changes nothing else")
  void claimInEachState() throws Exception {
    calls().claim(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q22 extend moves the expiry of a held job, is lost in each other state")
  void extendInEachState() throws Exception {
    calls().extend(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q24 progress changes only the progress, and is lost where the token is dead")
  void progressInEachState() throws Exception {
    calls().progress(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q26 a checkpoint changes only its step, and is lost where the token is dead")
  void checkpointInEachState() throws Exception {
    calls().checkpoint(JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 done finishes a job that is held, and changes none in another state")
  void doneInEachState() throws Exception {
    calls().settle(SettlementKind.DONE, JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 failed finishes a job that is held, and changes none in another state")
  void failedInEachState() throws Exception {
    calls().settle(SettlementKind.FAILED, JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 cancelled finishes a job that is held, and changes none in another state")
  void cancelledInEachState() throws Exception {
    calls().settle(SettlementKind.CANCELLED, JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q32 retry gives back a job that is held, and changes none in another state")
  void retryInEachState() throws Exception {
    calls().settle(SettlementKind.RETRY, JobStates.OF_WORKERS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q35 release gives back a job that is held, and changes none in another state")
  void releaseInEachState() throws Exception {
    calls().settle(SettlementKind.RELEASED, JobStates.OF_WORKERS);
  }
}
