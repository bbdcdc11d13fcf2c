package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.testkit.server.RedisCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Tag("slow")
@Timeout(600)
class RedisMoveTest {

  private static final Logger log = LoggerFactory.getLogger(RedisMoveTest.class);
  private static final long JOBS = 1_024;
  private static final int AT_ONCE = 4;

  @Test
  @DisplayName("a queue with 1 GiB in it moves to another node of a cluster, with all its jobs")
  void large() {
    // A server refuses what comes in one command with more than 1 GiB (client-query-buffer-limit).
    try (var cluster = RedisCluster.start("--rdbcompression", "no");
        var backend = RedisBackend.open(RedisConfig.of(cluster.uri()))) {
      String payload = "x".repeat(Limits.MAX_TEXT_BYTES);
      for (int from = 0; from < JOBS; from += AT_ONCE) {
        backend
            .jobQueue()
            .enqueue(
                IntStream.range(from, from + AT_ONCE)
                    .mapToObj(i -> NewJob.builder("q", "j" + i, "t", payload).build())
                    .toList());
      }
      RedisCluster.Place place = cluster.placeOf("*{q}*");
      int there = (place.node() + 1) % cluster.nodes().size();

      long start = System.nanoTime();
      cluster.moveSlot(place.slot(), place.node(), there);
      log.info("1 GiB moved in {}", Duration.ofNanos(System.nanoTime() - start));

      assertThat(cluster.placeOf("*{q}*").node()).isEqualTo(there);
      assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
          .isEqualTo(Map.of(JobState.PENDING, JOBS));
      List<ClaimedJob> claimed =
          backend
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", AT_ONCE, Duration.ofMinutes(10)))
              .jobs();
      assertThat(claimed).hasSize(AT_ONCE).allMatch(job -> job.payload().equals(payload));
      assertThat(backend.jobQueue().find("q", "j" + (JOBS - 1)).orElseThrow().payload())
          .isEqualTo(payload);
    }
  }
}
