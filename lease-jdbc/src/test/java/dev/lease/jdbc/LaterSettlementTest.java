package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobState;
import dev.lease.LaterSettlement;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LaterSettlementTest {

  @Test
  @DisplayName(
      "a settlement of a kind that the store does not know is refused, and changes nothing")
  void refused() {
    try (var backend = JdbcBackend.open(JdbcConfig.of(TestDatabase.SQLITE.newUrl()))) {
      var jobs = backend.jobQueue();
      jobs.enqueue(
          List.of(
              NewJob.builder("q", "a", "type", "").build(),
              NewJob.builder("q", "b", "type", "").build()));
      var claim = ClaimRequest.of("q", "owner", 10, Duration.ofMinutes(1));
      List<ClaimedJob> held = jobs.claim(claim).jobs();
      List<Settlement> settlements =
          List.of(Settlement.done(held.get(0).lease()), new LaterSettlement(held.get(1).lease()));

      assertThatThrownBy(() -> jobs.settle(settlements))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("this store knows no settlement LaterSettlement");
      assertThatThrownBy(() -> jobs.settleAndClaim(settlements, claim))
          .isInstanceOf(UnsupportedOperationException.class);
      for (ClaimedJob job : held) {
        assertThat(jobs.find("q", job.lease().jobId()).orElseThrow().state())
            .isEqualTo(JobState.PROCESSING);
      }
    }
  }
}
