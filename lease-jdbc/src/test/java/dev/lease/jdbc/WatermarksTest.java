package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a claim looks from the start again, with a slack of a second. */
class WatermarksTest {

  private final Watermarks marks =
      new Watermarks(Duration.ofSeconds(1), Duration.ofMinutes(10), false, () -> this.now);
  private long now = Long.MAX_VALUE - 1_000;

  @ParameterizedTest(name = "of {0} ms each: {1} ms after the last began")
  @CsvSource({"0, 1000", "100, 1000", "300, 3000", "5000, 10000"})
  @DisplayName("Q11 Q50 after looks from the start")
  void afterLooks(long tookMillis, long nextMillis) {
    look(tookMillis);
    pass(10_000);
    look(tookMillis);

    pass(nextMillis - tookMillis);
    now--;
    assertThat(beginsAtStart()).isFalse();
    now++;
    assertThat(beginsAtStart()).isTrue();
  }

  @Test
  @DisplayName("Q11 one slow look alone puts nothing off")
  void oneSlowLook() {
    look(0);
    pass(1_000);
    look(900);
    pass(100);
    assertThat(beginsAtStart()).isTrue();

    look(0);
    pass(1_000);
    assertThat(beginsAtStart()).isTrue();
  }

  @Test
  @DisplayName("Q11 looks behind one from the start do not put the next one off")
  void busy() {
    look(0);
    pass(600);
    look(0);
    pass(400);
    assertThat(beginsAtStart()).isTrue();
  }

  @Test
  @DisplayName("Q50 the jobs that are held may be met by a look behind that from the start")
  void laterLook() {
    for (int i = 0; i < 2; i++) {
      pass(10_000);
      look(0);
      look(300);
    }
    pass(2_699);
    assertThat(beginsAtStart()).isFalse();
    pass(1);
    assertThat(beginsAtStart()).isTrue();
  }

  @Test
  @DisplayName(
      "Q11 an older job that becomes claimable ends the pause, and the next pause is as long")
  void dropped() {
    look(300);
    pass(10_000);
    look(300);
    marks.drop("q");
    assertThat(beginsAtStart()).isTrue();

    look(300);
    pass(2_699);
    assertThat(beginsAtStart()).isFalse();
    marks.dropAll();
    assertThat(beginsAtStart()).isTrue();

    look(300);
    pass(2_699);
    assertThat(beginsAtStart()).isFalse();
  }

  /** One that finds nothing. */
  private void look(long tookMillis) {
    long began = now;
    Watermarks.Levels from = marks.of("q");
    pass(tookMillis);
    marks.seen(
        "q",
        from,
        new ClaimLook(1_000_000_000_000L, List.of(), false),
        false,
        began,
        now - began,
        true);
  }

  private void pass(long millis) {
    now += Duration.ofMillis(millis).toNanos();
  }

  private boolean beginsAtStart() {
    return marks.of("q").ranges().get(4).due() == Long.MIN_VALUE;
  }
}
