package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RatesTest {

  private final AtomicLong minute = new AtomicLong(1_000);
  private final Rates rates = new Rates(() -> Duration.ofMinutes(minute.get()).toMillis());

  @BeforeEach
  void count() {
    rates.count(List.of("q"));
  }

  private List<List<Long>> minutes() {
    return rates.minutes("q", minute.get());
  }

  @Test
  @DisplayName("what happened is counted in its minute, and the newest comes first")
  void counts() {
    rates.ended("q", JobState.DONE);
    rates.ended("q", JobState.DONE);
    rates.ended("q", JobState.CANCELLED);
    minute.addAndGet(2);
    rates.ended("q", JobState.FAILED);
    rates.ended("q", JobState.RETRY);
    for (int millis : new int[] {7, 900, 8}) {
      rates.claimed("q", Duration.ofMillis(millis));
    }
    rates.ended("another", JobState.DONE);

    assertThat(minutes())
        .containsExactly(List.of(0L, 1L, 1L, 0L, 8L), List.of(), List.of(2L, 0L, 0L, 1L));
    assertThat(rates.minutes("another", minute.get())).isEmpty();
  }

  @Test
  @DisplayName("after an hour a minute is forgotten, and so are all after a longer time")
  void forgets() {
    rates.ended("q", JobState.DONE);
    minute.addAndGet(59);
    assertThat(minutes()).hasSize(60).endsWith(List.of(1L, 0L, 0L, 0L));
    minute.addAndGet(1);
    assertThat(minutes()).isEmpty();
    rates.ended("q", JobState.DONE);
    minute.addAndGet(100_000);
    assertThat(minutes()).isEmpty();
  }

  @Test
  @DisplayName("where the clock is set back, the newest minute goes on")
  void clockSetBack() {
    rates.ended("q", JobState.DONE);
    minute.addAndGet(-30);
    rates.ended("q", JobState.DONE);
    minute.addAndGet(30);
    assertThat(minutes()).containsExactly(List.of(2L, 0L, 0L, 0L));
  }

  @Test
  @DisplayName("a queue that is not counted any more is forgotten, and others go on")
  void forgetsQueues() {
    rates.ended("q", JobState.DONE);
    rates.count(List.of("q", "r"));
    rates.ended("r", JobState.DONE);
    assertThat(minutes()).containsExactly(List.of(1L, 0L, 0L, 0L));

    rates.count(List.of("r"));
    rates.ended("q", JobState.DONE);
    assertThat(minutes()).isEmpty();
    assertThat(rates.minutes("r", minute.get())).containsExactly(List.of(1L, 0L, 0L, 0L));
  }
}
