package dev.lease.testkit;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Queues: a history of concurrent calls with faults keeps every law. All tests look at the same
 * history, which the first of them makes; each test checks one law.
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
      "Q15 Q29 a history with faults: nobody is given a job while its holder may trust its lease")
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
      "Q23 Q28 Q30 a history with faults: no call is accepted after a re-claim, a settlement or"
          + " the expiry")
  void historyHasNoStaleWrite() throws Exception {
    assertKeeps(Law.NO_STALE_WRITE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q22 Q42 a history with faults: a holder that may trust its lease is never told that it is"
          + " lost")
  void historyHearsTheHolder() throws Exception {
    assertKeeps(Law.HOLDER_IS_HEARD);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q27 Q19 a history with faults: a job finishes once, as its holder settled it, and stays"
          + " finished")
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
      "Q49 Q11 Q20 Q35 a history with faults: attempts count all claims but the released ones")
  void historyHasExactAttempts() throws Exception {
    assertKeeps(Law.ATTEMPTS_EXACT);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q02 Q01 Q09 a history with faults: each job is created once and finishes; none is lost")
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
