package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RatesTest {

  @Test
  @DisplayName("100 jobs in the first second and 1,000 in the next: each tenth has its own rate")
  void tenths() {
    long[] times =
        LongStream.concat(
                LongStream.range(0, 100).map(i -> i * 10_000_000),
                LongStream.rangeClosed(0, 1000).map(i -> 1_000_000_000 + i * 1_000_000))
            .toArray();

    Map<String, Object> rates = Rates.of(times);

    assertThat(rates).containsEntry("seconds", 2.0).containsEntry("rate", 550.0);
    assertThat((Double) rates.get("first")).isBetween(100.0, 112.0);
    assertThat(rates).containsEntry("last", 1000.0);
    assertThat((List<?>) rates.get("over_time")).hasSize(25);
  }
}
