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
  @DisplayName("Q21 pause and resume change no job in any state")
  void pauseInEachState() throws Exception {
    calls().pause(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q38 cancel and delete do what they say to a job in each state")
  void cancelAndDeleteInEachState() throws Exception {
    calls().cancelAndDelete(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q40 reset gives back or finishes expired jobs, and changes none in another state")
  void resetInEachState() throws Exception {
    calls().reset(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q45 requeue gives back FAILED and CANCELLED jobs, and changes none in other states")
  void requeueInEachState() throws Exception {
    calls().requeue(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 purge removes finished jobs, and changes none in another state")
  void purgeInEachState() throws Exception {
    calls().purge(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q56 change sets a field of a waiting job, and changes none in another state")
  void changeInEachState() throws Exception {
    calls().change(ALL);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q37 workers' calls on a job in a state that an operator made do what they say")
  void workersInStatesOfOperators() throws Exception {
    calls().workersCalls(JobStates.OF_OPERATORS);
  }
}
