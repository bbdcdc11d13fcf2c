package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.worker.Schedule.Missed;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of firings that nobody was there for. */
class DueFiringsTest {

  private static final Timing NIGHTLY = Timing.cron("0 2 * * *", ZoneId.of("UTC"));
  private static final Instant FIRST = night(1);
  private static final Instant LATE = night(3).plus(DueFirings.GRACE).plusMillis(1);

  private static Instant night(int day) {
    return Instant.parse("2026-11-0" + day + "T02:00:00Z");
  }

  private static DueFirings due(Missed missed, Instant now) {
    return DueFirings.of(NIGHTLY, missed, FIRST, now, 1_000);
  }

  @Test
  void eachPolicyFiresWhatIsOnTime() {
    for (Missed missed : Missed.values()) {
      assertThat(due(missed, FIRST)).isEqualTo(new DueFirings(List.of(FIRST), FIRST));
      assertThat(due(missed, FIRST.plus(DueFirings.GRACE)).firings()).containsExactly(FIRST);
    }
  }

  @Test
  void skipLeavesOutWhatIsLate() {
    assertThat(due(Missed.SKIP, LATE)).isEqualTo(new DueFirings(List.of(), night(3)));
    assertThat(due(Missed.SKIP, night(3)).firings()).containsExactly(night(3));
  }

  @Test
  void oneFiresTheLast() {
    assertThat(due(Missed.ONE, LATE)).isEqualTo(new DueFirings(List.of(night(3)), night(3)));
  }

  @Test
  void allFiresEachInPieces() {
    assertThat(due(Missed.ALL, LATE).firings()).containsExactly(night(1), night(2), night(3));
    assertThat(DueFirings.of(NIGHTLY, Missed.ALL, FIRST, LATE, 2))
        .isEqualTo(new DueFirings(List.of(night(1), night(2)), night(2)));
  }

  @Test
  void afterADelayThereIsOneFiring() {
    Timing after = Timing.afterDelay(Duration.ofMillis(1));
    for (Missed missed : Missed.values()) {
      assertThat(DueFirings.of(after, missed, FIRST, LATE, 1_000).firings()).containsExactly(FIRST);
    }
  }
}
