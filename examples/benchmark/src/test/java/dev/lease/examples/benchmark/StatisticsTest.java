package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StatisticsTest {

  @Test
  @DisplayName("the median is the value in the middle, or between the two in the middle")
  void median() {
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(3.0);
  }

  @Test
  @DisplayName("a percentage of all values does not exceed its percentile")
  void percentile() {
    long[] sorted = LongStream.rangeClosed(1, 200).toArray();

    assertThat(Statistics.percentile(sorted, 50)).isEqualTo(100);
    assertThat(Statistics.percentile(sorted, 99)).isEqualTo(198);
    assertThat(Statistics.percentile(sorted, 100)).isEqualTo(200);
    assertThat(Statistics.percentile(new long[] {7}, 1)).isEqualTo(7);
  }

  @Test
  @DisplayName("figures have five digits")
  void rounded() {
    assertThat(Statistics.rounded(1234567.8)).isEqualTo(1234600);
    assertThat(Statistics.rounded(0.0012345678)).isEqualTo(0.0012346);
  }
}
