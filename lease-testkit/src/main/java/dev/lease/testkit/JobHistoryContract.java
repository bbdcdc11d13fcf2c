package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Queues: the laws hold over a history of concurrent calls with faults. The tests look at one
 * history, which the first of them makes, and each at one law.
 */
abstract class JobHistoryContract extends JobModelContract {

  private StoreUnderTest underTest;

  @BeforeEach
  void takeStoreOfHistory(StoreUnderTest store) {
    underTest = store;
  }

  private void assertKeeps(Law law) throws Exception {
    underTest
        .history(() -> HistoryRun.ofJobs(underTest.fixture, List.of(one, two), queue, term))
        .assertKeeps(law);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q15 Q29 a history with faults: nobody else is given a job that its holder may trust")
  void historyHasOneHolder() throws Exception {
    assertKeeps(Law.ONE_HOLDER);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q17 Q36 a history with faults: a later claim of a job has a larger token")
  void historyHasGrowingTokens() throws Exception {
    assertKeeps(Law.TOKENS_GROW);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q23 Q28 Q30 a history with faults: no call is accepted after a re-claim, its end or expiry")
  void historyHasNoStaleWrite() throws Exception {
    assertKeeps(Law.NO_STALE_WRITE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q22 Q42 a history with faults: who may trust its lease is never told it is lost")
  void historyHearsTheHolder() throws Exception {
    assertKeeps(Law.HOLDER_IS_HEARD);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q27 Q19 a history with faults: a job ends once, as it was told to, and stays so")
  void historyEndsEachJobOnce() throws Exception {
    assertKeeps(Law.SETTLED_ONCE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q14 Q32 Q34 a history with faults: no job is given before its delay is over")
  void historyGivesNoJobBeforeItIsDue() throws Exception {
    assertKeeps(Law.NOT_BEFORE_DUE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q49 Q11 Q20 Q35 a history with faults: attempts are the claims without the released")
  void historyHasExactAttempts() throws Exception {
    assertKeeps(Law.ATTEMPTS_EXACT);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q02 Q01 Q09 a history with faults: each job is made once, and ends; none is lost")
  void historyLosesNothing() throws Exception {
    assertKeeps(Law.NOTHING_LOST);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q26 Q25 a history with faults: the first checkpoint of a step stays")
  void historyKeepsTheFirstCheckpoint() throws Exception {
    assertKeeps(Law.FIRST_CHECKPOINT);
  }
}
