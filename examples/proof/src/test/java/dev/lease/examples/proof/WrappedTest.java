package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.InMemoryBackend;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WrappedTest {

  private static final ClaimRequest CLAIM = ClaimRequest.of("q", "w", 2, Duration.ofHours(1));

  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());
  private final List<String> done = new ArrayList<>();
  private final JobQueue jobs =
      Wrapped.afterDone(
          store.jobQueue(), leases -> leases.forEach(lease -> done.add(lease.jobId())));

  @BeforeEach
  void enqueue() {
    jobs.enqueue(
        List.of(
            NewJob.builder("q", "a", "t", "").build(), NewJob.builder("q", "b", "t", "").build()));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aJobWhoseSettlementIsRefusedIsNotDone() {
    jobs.settle(settlements());

    assertThat(done).containsExactly("b");
  }

  @Test
  void theSameHoldsIfTheCallClaimsAsWell() {
    jobs.settleAndClaim(settlements(), CLAIM);

    assertThat(done).containsExactly("b");
  }

  /** The one of "a" is refused. */
  private List<Settlement> settlements() {
    return jobs.claim(CLAIM).jobs().stream()
        .map(ClaimedJob::lease)
        .map(lease -> lease.jobId().equals("a") ? withOtherToken(lease) : lease)
        .<Settlement>map(Settlement::done)
        .toList();
  }

  private static JobLease withOtherToken(JobLease lease) {
    return JobLease.of(
        lease.queue(), lease.jobId(), lease.owner(), lease.token() + 1, lease.expiresAt());
  }
}
