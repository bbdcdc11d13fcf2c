package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RequeueingTest {

  @Test
  @DisplayName("Q91 the place of a job in the span is the CRC-32 of its id")
  void place() {
    // The check value of CRC-32, of the text 123456789, is 0xCBF43926.
    assertThat(Requeueing.spreadOver(Duration.ofSeconds(1)).delay("123456789"))
        .isEqualTo(Micros.duration((1_000_000L * 0xCBF43926L) >>> 32));
    assertThat(Requeueing.now().delay("123456789")).isZero();
  }

  @Test
  @DisplayName("Q91 the longest span does not overflow, and no delay reaches the end of its span")
  void ends() {
    Requeueing longest = Requeueing.spreadOver(Limits.MAX_DELAY);
    for (int i = 0; i < 1_000; i++) {
      assertThat(longest.delay("é" + i)).isGreaterThanOrEqualTo(Duration.ZERO);
      assertThat(longest.delay("é" + i)).isLessThan(Limits.MAX_DELAY);
    }
    assertThat(Requeueing.spreadOver(Duration.ofNanos(1_001)).delay("a")).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Requeueing.spreadOver(Duration.ofSeconds(-1)))
        .withMessageContaining("span must be");
  }

  @Test
  @DisplayName("Q91 jobs with ids in sequence are spread over the whole span")
  void spread() {
    Requeueing hour = Requeueing.spreadOver(Duration.ofHours(1));
    int[] byTenth = new int[10];
    for (int i = 0; i < 1_000; i++) {
      byTenth[(int) (hour.delay("order-" + i).toMillis() / 360_000)]++;
    }
    assertThat(byTenth).as("jobs in each tenth of the span").doesNotContain(0);
    for (int jobs : byTenth) {
      assertThat(jobs).as("jobs in a tenth of the span").isBetween(50, 200);
    }
  }
}
