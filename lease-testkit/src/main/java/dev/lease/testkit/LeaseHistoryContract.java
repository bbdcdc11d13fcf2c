package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Named leases: a history of concurrent calls with faults keeps every law. All tests look at the
 * same history, which the first of them makes; each test checks one law.
 */
abstract class LeaseHistoryContract extends LeaseModelContract {

  private StoreUnderTest underTest;

  @BeforeEach
  void takeStoreOfHistory(StoreUnderTest store) {
    underTest = store;
  }

  private void assertKeeps(Law law) throws Exception {
    underTest
        .history(
            () ->
                HistoryRun.ofLeases(underTest.fixture, List.of(one, two), unique("history"), term))
        .assertKeeps(law);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "L02 L27 a history with faults: nobody is granted a name while its holder may trust its"
          + " lease")
  void historyHasOneHolder() throws Exception {
    assertKeeps(Law.ONE_HOLDER);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("L05 L06 a history with faults: a later grant of a name has a larger token")
  void historyHasGrowingTokens() throws Exception {
    assertKeeps(Law.TOKENS_GROW);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "L10 L11 L14 L15 a history with faults: no call is accepted after a later grant, a release"
          + " or the expiry")
  void historyHasNoStaleWrite() throws Exception {
    assertKeeps(Law.NO_STALE_WRITE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "L08 L13 a history with faults: a holder that may trust its lease is never told that it is"
          + " lost")
  void historyHearsTheHolder() throws Exception {
    assertKeeps(Law.HOLDER_IS_HEARD);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("L14 L23 a history with faults: no grant is released twice")
  void historyReleasesOnce() throws Exception {
    assertKeeps(Law.SETTLED_ONCE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "L13 L07 L28 a history with faults: an acquire of a name that nobody can hold succeeds")
  void historyGrantsWhatIsFree() throws Exception {
    assertKeeps(Law.FREE_IS_GRANTED);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "L21 a history with faults: find shows the holder of a name, and nobody if it is free")
  void historyReadsTheTruth() throws Exception {
    assertKeeps(Law.READS_ARE_TRUE);
  }
}
