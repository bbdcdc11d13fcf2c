package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Settlement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker that hands a job back unstarted has not settled it, and nobody takes it for that. */
@Timeout(120)
class HandBackTest {

  private static final ProofPoint POINT = ProofPoint.BEFORE_SETTLEMENT;
  private static final Duration LEASE = Duration.ofHours(1);

  @TempDir private Path directory;

  private Store store;

  @BeforeEach
  void enqueue() {
    store = Store.open(new StoreName("sqlite:" + directory.resolve("orders.db")));
    Order order = new Order(POINT.name(), "COCOA", 1);
    CreateJobsCommand.enqueue(store.jobQueue(), "orders", 3, List.of(order));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aProofStrikesAtTheSettlementAndNotAtTheHandBackBeforeIt() throws Exception {
    try (ProofWorld world = new ProofWorld(1)) {
      JobQueue jobs =
          ProofWorkerCommand.announcing(store.jobQueue(), new ProofClient(world.url(), "worker"));

      CompletableFuture.runAsync(() -> handBack(jobs)).get();
      assertThat(world.next()).isNull();

      ClaimedJob claimed = claim(jobs);
      CompletableFuture<?> settled = CompletableFuture.runAsync(() -> done(jobs, claimed));
      ProofWorld.Reached reached = awaitReached(world);
      assertThat(reached.point()).isEqualTo(POINT);
      assertThat(reached.token()).isEqualTo(claimed.lease().token());
      assertThat(job().state()).isEqualTo(JobState.PROCESSING);
      world.open(reached);
      settled.get();
    }
    assertThat(job().state()).isEqualTo(JobState.DONE);
  }

  @Test
  void aStoreThatAsksForNoTokenTakesNoHandBackForTheEnd() {
    JobQueue jobs = BrokenBot.broken(store.jobQueue(), BrokenBot.Tokenless.call());
    ClaimedJob stale = handBack(jobs);
    assertThat(job().state()).isEqualTo(JobState.PENDING);

    claim(jobs);
    done(jobs, stale);
    assertThat(job().state()).isEqualTo(JobState.DONE);
  }

  @Test
  void aStoreThatForgetsWhatIsDoneForgetsNoHandBack() {
    JobQueue jobs = BrokenBot.broken(store.jobQueue(), BrokenBot.Forgetful.call());
    handBack(jobs);
    assertThat(job().state()).isEqualTo(JobState.PENDING);

    done(jobs, claim(jobs));
    assertThat(job().state()).isEqualTo(JobState.PROCESSING);
  }

  private static ClaimedJob claim(JobQueue jobs) {
    return jobs.claim("orders", "worker", 1, LEASE).get(0);
  }

  private static ClaimedJob handBack(JobQueue jobs) {
    ClaimedJob claimed = claim(jobs);
    jobs.settle(List.of(new Settlement.Released(claimed.lease(), Duration.ZERO)));
    return claimed;
  }

  private static void done(JobQueue jobs, ClaimedJob claimed) {
    jobs.settle(List.of(new Settlement.Done(claimed.lease(), null)));
  }

  private Job job() {
    return store.jobQueue().find("orders", POINT.name()).orElseThrow();
  }

  /** For as long as the test may last. */
  private static ProofWorld.Reached awaitReached(ProofWorld world) throws InterruptedException {
    ProofWorld.Reached reached = world.next();
    while (reached == null) {
      Thread.sleep(10);
      reached = world.next();
    }
    return reached;
  }
}
