package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** How a test moves the time of a store. */
class TestTimeTest {

  private static final Duration DURATION = Duration.ofMinutes(1);

  @Test
  void aFrozenClockIsMovedToTheVeryInstant() throws Exception {
    var fixture = new InMemoryFixture();
    var store = fixture.open().leaseStore();
    var time = new TestTime(fixture, new CallLog());
    store.acquire("name", "owner", DURATION);

    time.advanceAlmost(DURATION);
    assertThat(store.find("name").orElseThrow().remaining()).isEqualTo(fixture.unit());
    time.advanceTheRest();
    assertThat(store.find("name")).isEmpty();
    assertThat(time.isLate()).isFalse();
  }

  @Test
  void whatCannotBeWaitedForIsSkipped() {
    var time = new TestTime(new RealTimeFixture(), new CallLog());

    assertThat(time.lease()).isLessThan(TestTime.LONG_LEASE);
    assertThatThrownBy(() -> time.advance(Duration.ofHours(1)))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("PT1H");
  }

  @Test
  void aTestThatRealTimeHasOvertakenIsLate() throws Exception {
    var time = new TestTime(new RealTimeFixture(), new CallLog());

    time.advanceAlmost(Duration.ofMillis(1));

    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          while (!time.isLate()) {
            Thread.onSpinWait();
          }
        });
    time.advance(Duration.ofMillis(1));
    assertThat(time.isLate()).as("still").isTrue();
  }

  @Test
  void leasesOfARaceOutlastTheirPreparationHoweverSlowTheStore() throws Exception {
    var time = new TestTime(new RealTimeFixture(), new CallLog());
    var lasts = new ArrayList<Duration>();
    Race.Start<Duration> slow =
        count -> {
          Duration first = time.upToRound(0);
          lasts.add(first);
          Thread.sleep(100); // the time that the store takes to prepare all rounds
          return Collections.nCopies(count, first);
        };

    time.aboutToEnd(5, slow);

    assertThat(lasts).as("a trial, and the rounds").hasSize(2);
    assertThat(lasts.get(1)).isGreaterThan(Duration.ofMillis(100));
    assertThat(time.upToRound(1).minus(time.upToRound(0)))
        .as("from one round to the next")
        .isGreaterThan(Duration.ofMillis(20));
  }

  @Test
  void aRaceWhoseCallsMissTheEndIsReported() {
    var time = new TestTime(new RealTimeFixture(), new CallLog());
    long now = System.nanoTime();
    var longAgo = new TestTime.Expiry(now - 2, now - 1);
    var soon = new TestTime.Expiry(now + 2, Long.MAX_VALUE);

    time.await(soon);
    for (int i = 0; i < 19; i++) {
      time.await(longAgo);
    }
    time.reportIfTheEndWasMissed();
    time.await(longAgo);

    assertThatThrownBy(time::reportIfTheEndWasMissed)
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("1 of 21");
  }

  @Test
  void whereTheClockIsFrozenTheEndIsMetByAMove() throws Exception {
    var time = new TestTime(new InMemoryFixture(), new CallLog());
    long now = System.nanoTime();

    time.meet(new TestTime.Expiry(now - 2, now - 1));

    time.reportIfTheEndWasMissed();
  }
}
