package dev.lease.testkit;

import dev.lease.testkit.JobStates.State;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each call of an operator on a job in each state, and each call of a worker in the states that
 * operators make, by the rule of {@link JobStateContract}.
 */
@Since(2)
abstract class AdminStateContract extends AdminPairContract {

  private static final List<State> ALL =
      Stream.concat(JobStates.OF_WORKERS.stream(), JobStates.OF_OPERATORS.stream()).toList();

  /** In the same two queues each time: counts walk over all queues that there are. */
  private CallsInStates calls() {
    takeLongLeases();
    return new CallsInStates(
        new JobModel(bare.fixture, List.of(bare.one, bare.two), true, this::storeNow, queue));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q21 pause and resume change no job in any state")
  void pauseInEachState() throws Exception {
    calls().pause(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q38 cancel and delete do what they say to a job in each state")
  void cancelAndDeleteInEachState() throws Exception {
    calls().cancelAndDelete(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q40 reset gives back or finishes expired jobs, and changes none in another state")
  void resetInEachState() throws Exception {
    calls().reset(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q45 requeue gives back FAILED and CANCELLED jobs, and changes none in other states")
  void requeueInEachState() throws Exception {
    calls().requeue(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q46 purge removes finished jobs, and changes none in another state")
  void purgeInEachState() throws Exception {
    calls().purge(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q56 change sets a field of a waiting job, and changes none in another state")
  void changeInEachState() throws Exception {
    calls().change(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q02 of a job in a state that an operator made: an enqueue of its id creates nothing")
  void enqueueOfTheIdInStatesOfOperators() throws Exception {
    calls().enqueueId(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q05 of a job in a state that an operator made: its dedup key is taken, or free")
  void enqueueOfTheKeyInStatesOfOperators() throws Exception {
    calls().enqueueKey(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q11 of a job in a state that an operator made: a claim gives, finishes or leaves it")
  void claimInStatesOfOperators() throws Exception {
    calls().claim(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q22 of a job in a state that an operator made: extend moves its expiry, or is lost")
  void extendInStatesOfOperators() throws Exception {
    calls().extend(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q24 of a job in a state that an operator made: progress changes only its progress, or is lost")
  void progressInStatesOfOperators() throws Exception {
    calls().progress(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q26 of a job in a state that an operator made: a checkpoint changes only its step, or is lost")
  void checkpointInStatesOfOperators() throws Exception {
    calls().checkpoint(JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 of a job in a state that an operator made: done finishes it, or is lost")
  void doneInStatesOfOperators() throws Exception {
    calls().settle(SettlementKind.DONE, JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 of a job in a state that an operator made: failed finishes it, or is lost")
  void failedInStatesOfOperators() throws Exception {
    calls().settle(SettlementKind.FAILED, JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName("Q27 of a job in a state that an operator made: cancelled finishes it, or is lost")
  void cancelledInStatesOfOperators() throws Exception {
    calls().settle(SettlementKind.CANCELLED, JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q32 of a job in a state that an operator made: retry gives it back or finishes it, or is lost")
  void retryInStatesOfOperators() throws Exception {
    calls().settle(SettlementKind.RETRY, JobStates.OF_OPERATORS);
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.STATE)
  @DisplayName(
      "Q35 of a job in a state that an operator made: release gives it back or finishes it, or is lost")
  void releaseInStatesOfOperators() throws Exception {
    calls().settle(SettlementKind.RELEASED, JobStates.OF_OPERATORS);
  }
}
