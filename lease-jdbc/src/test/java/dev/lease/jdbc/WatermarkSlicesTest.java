package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Claim;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a full look that takes long becomes a series. A claim may look for half a second. */
class WatermarkSlicesTest {

  private static final long NOW = 1_000_000_000_000L;
  private static final long SECOND = 1_000_000;

  /** The ranges are those of priority 9 first, which has two where there is a slice. */
  private static final int SLICE = 0;

  private long now;
  private final Watermarks marks =
      new Watermarks(Duration.ofSeconds(1), Duration.ofSeconds(10), false, () -> this.now);

  @Test
  @DisplayName("Q11 Q50 after a slow full look the next one begins with the newest second")
  void slices() {
    look(600);
    pass(10_000);

    Watermarks.Levels levels = marks.of("q");
    assertThat(levels.isSliced()).isTrue();
    assertThat(levels.ranges().get(SLICE))
        .as("in one range with what is newer")
        .isEqualTo(ClaimRange.from(9, NOW - 2 * SECOND, Long.MIN_VALUE));

    look(1);
    levels = marks.of("q");
    assertThat(levels.isUnfinished()).isTrue();
    assertThat(levels.ranges().get(SLICE))
        .as("the next one, twice as long")
        .isEqualTo(
            new ClaimRange(9, NOW - 4 * SECOND, Long.MIN_VALUE, NOW - 2 * SECOND, Long.MIN_VALUE));
    assertThat(levels.ranges().get(SLICE + 1))
        .isEqualTo(ClaimRange.from(9, NOW - SECOND, Long.MIN_VALUE));

    look(400);
    assertThat(length(marks.of("q"))).as("after a slow look").isEqualTo(SECOND);
  }

  @Test
  @DisplayName(
      "Q11 a series ends at the start of the queue, and quick looks make it one look again")
  void ends() {
    look(600);
    pass(10_000);
    int looks = 0;
    do {
      look(1);
      looks++;
    } while (marks.of("q").isUnfinished());
    assertThat(looks).isLessThan(50);

    pass(10_000);
    assertThat(marks.of("q").isFull()).isTrue();
    assertThat(marks.of("q").isSliced()).isFalse();
  }

  @Test
  @DisplayName("Q11 a series ends with its hundredth claim, however slow its looks are")
  void bound() {
    look(600);
    pass(10_000);
    int claims = 1;
    for (look(9_000); marks.of("q").isUnfinished(); look(9_000)) {
      claims++;
    }
    assertThat(claims).isEqualTo(Claim.MAX_PARTS);
  }

  @Test
  @DisplayName("Q11 a series whose last look is cut is given up, and tried again much later")
  void givenUp() {
    look(600);
    pass(10_000);
    int claims = 0;
    do {
      Watermarks.Levels from = marks.of("q");
      long began = now;
      pass(9_000);
      marks.cut("q", from, NOW, began, now - began);
      claims++;
    } while (marks.of("q").isUnfinished());

    assertThat(claims).isEqualTo(Claim.MAX_PARTS);
    assertThat(marks.of("q").isFull()).as("right after it").isFalse();
    pass(8 * 900_000);
    assertThat(marks.of("q").isFull()).as("nine times as long as it took").isFalse();
    pass(900_000);
    assertThat(marks.of("q").isFull()).isTrue();
  }

  @Test
  @DisplayName("Q11 Q50 a look that is cut keeps the watermark, and leaves the rest to slices")
  void cut() {
    look(0);
    pass(1_000);
    Watermarks.Levels from = marks.of("q");
    assertThat(from.isFull()).isTrue();

    marks.cut("q", from, NOW, now, 9_000);

    Watermarks.Levels levels = marks.of("q");
    assertThat(levels.isUnfinished()).isTrue();
    assertThat(levels.newer().ranges()).allMatch(range -> range.due() == NOW - SECOND);
  }

  @Test
  @DisplayName("Q11 the first look of all, if it is cut, leaves a watermark")
  void cutFirst() {
    marks.cut("q", marks.of("q"), NOW, now, 9_000);

    assertThat(marks.of("q").newer().ranges()).allMatch(range -> range.due() == NOW - SECOND);
    assertThat(marks.of("q").isUnfinished()).isTrue();
  }

  @Test
  @DisplayName("Q11 an older job that becomes claimable during a series makes another one follow")
  void again() {
    look(600);
    pass(10_000);
    look(1);
    ClaimRange next = marks.of("q").ranges().get(SLICE);
    marks.drop("q");

    assertThat(marks.of("q").ranges().get(SLICE)).as("it goes on").isEqualTo(next);
    while (marks.of("q").isUnfinished()) {
      look(1);
    }
    assertThat(marks.of("q").isFull()).as("another one").isTrue();
  }

  @Test
  @DisplayName("Q11 Q13 a queue that always fills its claims comes to the older jobs too")
  void busy() {
    look(600);
    pass(10_000);
    int looks = 0;
    do {
      Watermarks.Levels from = marks.of("q");
      var met = new QueuePosition(9, NOW, looks);
      marks.seen(
          "q",
          from,
          new ClaimLook(NOW, List.of(new ClaimedRow(met, null, null, null, 0)), false),
          true,
          now,
          1,
          true);
      looks++;
    } while (marks.of("q").isUnfinished());

    assertThat(looks).isLessThan(50);
  }

  @Test
  @DisplayName("Q11 Q50 a priority without jobs is left out for ten times as long as the look took")
  void quiet() {
    var walking =
        new Watermarks(Duration.ofMinutes(1), Duration.ofMinutes(10), true, () -> this.now);
    Watermarks.Levels from = walking.of("q");
    var met = new ClaimedRow(new QueuePosition(5, NOW, 1), null, null, null, 0);
    long began = now;
    pass(100);
    walking.seen(
        "q", from, new ClaimLook(NOW, List.of(met), false), false, began, now - began, true);

    assertThat(walking.of("q").ranges()).extracting(ClaimRange::priority).containsExactly(5);
    walking.hinted("q", 7);
    assertThat(walking.of("q").ranges()).extracting(ClaimRange::priority).containsExactly(7, 5);
    pass(899);
    assertThat(walking.of("q").ranges()).hasSize(2);
    pass(1);
    assertThat(walking.of("q").ranges()).hasSize(10);
  }

  @Test
  @DisplayName("Q11 Q55 a hint makes the next claim ask for all priorities")
  void hinted() {
    var walking =
        new Watermarks(Duration.ofMinutes(1), Duration.ofMinutes(10), true, () -> this.now);
    walking.seen(
        "q", walking.of("q"), new ClaimLook(NOW, List.of(), false), false, now, 9_000, true);
    assertThat(walking.of("q").ranges()).isEmpty();
    pass(1);

    walking.hinted("q");

    assertThat(walking.of("q").ranges()).hasSize(10);
  }

  @Test
  @DisplayName("Q11 Q55 a job that is enqueued during a look is not missed by the next one")
  void hintedMeanwhile() {
    var walking =
        new Watermarks(Duration.ofMinutes(1), Duration.ofMinutes(10), true, () -> this.now);
    Watermarks.Levels from = walking.of("q");
    long began = now;
    pass(100);
    walking.hinted("q", 7);
    walking.seen(
        "q", from, new ClaimLook(NOW, List.of(), false), false, began, Long.MAX_VALUE / 20, true);

    assertThat(walking.of("q").ranges()).extracting(ClaimRange::priority).containsExactly(7);
  }

  private static long length(Watermarks.Levels levels) {
    ClaimRange slice = levels.ranges().get(SLICE);
    return slice.toDue() - slice.due();
  }

  /** A claim with one look, which finds nothing. */
  private void look(long tookMillis) {
    long began = now;
    Watermarks.Levels from = marks.of("q");
    pass(tookMillis);
    marks.seen("q", from, new ClaimLook(NOW, List.of(), false), false, began, now - began, true);
  }

  private void pass(long millis) {
    now += Duration.ofMillis(millis).toNanos();
  }
}
