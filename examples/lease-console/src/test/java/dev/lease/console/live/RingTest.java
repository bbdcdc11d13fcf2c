package dev.lease.console.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RingTest {

  private static final Duration PACE = Duration.ofSeconds(2);

  private final Ring ring = new Ring();

  private void add(long second, long pending, long running) {
    Instant at = Instant.ofEpochSecond(second);
    QueueCounts counts =
        QueueCounts.builder("q", at)
            .jobs(Map.of(JobState.PENDING, pending, JobState.PROCESSING, running))
            .build();
    Failures none = new Failures(List.of(), 0, 0, false);
    ring.add(new Figures(StoreCounts.of(List.of(counts)), none, null, at), PACE);
  }

  @Test
  @DisplayName("a time in which nobody looked is a gap, and no line is drawn over it")
  void gap() {
    assertThat(ring.json()).isEqualTo("[[],[],[],[]]");
    add(100, 5, 1);
    add(102, 6, 2);
    add(102, 9, 9);
    add(108, 7, 3);
    add(115, 8, 4);
    assertThat(ring.json())
        .isEqualTo("[[100,102,108,114,115],[5,6,7,null,8],[1,2,3,null,4],[0,0,0,null,0]]");
  }

  @Test
  @DisplayName("it keeps the last 300")
  void bounded() {
    for (int i = 0; i < 1_000; i++) {
      add(i, i, 0);
    }
    assertThat(ring.json()).startsWith("[[700,701,").contains("998,999]");
  }
}
