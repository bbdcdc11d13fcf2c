package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** How a test moves the time of a store. */
class TestTimeTest {

  private static final Duration TTL = Duration.ofMinutes(1);

  @Test
  void aFrozenClockIsMovedToTheVeryInstant() throws Exception {
    var fixture = new InMemoryFixture();
    var store = StoreContract.offered("LeaseStore", fixture.open().leaseStore());
    var time = new TestTime(fixture, new Calls());
    store.acquire("name", "owner", TTL);

    time.advanceAlmost(TTL);
    assertThat(store.find("name").orElseThrow().remaining()).isEqualTo(fixture.unit());
    time.advanceTheRest();
    assertThat(store.find("name")).isEmpty();
    assertThat(time.isLate()).isFalse();
  }

  @Test
  void whatCannotBeWaitedForIsSkipped() {
    var time = new TestTime(new RealTimeFixture(), new Calls());

    assertThat(time.lease()).isLessThan(TestTime.LONG_LEASE);
    assertThatThrownBy(() -> time.advance(Duration.ofHours(1)))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("PT1H");
  }

  @Test
  void aTestThatRealTimeHasOvertakenIsLate() throws Exception {
    var time = new TestTime(new RealTimeFixture(), new Calls());

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
}
