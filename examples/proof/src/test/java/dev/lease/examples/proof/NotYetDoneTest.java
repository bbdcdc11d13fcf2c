package dev.lease.examples.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.examples.orderbot.Store;
import dev.lease.examples.shared.StoreName;
import dev.lease.worker.JobClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A job that is released or retried is not done, and nothing in the proof takes it as done. */
@Timeout(120)
class NotYetDoneTest {

  private static final ProofPoint POINT = ProofPoint.BEFORE_SETTLEMENT;
  private static final Duration LEASE = Duration.ofHours(1);

  @TempDir private Path directory;

  private Store store;

  @BeforeEach
  void enqueue() {
    store = Store.open(new StoreName("sqlite:" + directory.resolve("jobs.db")));
    JobClient client = JobClient.of(store.backend());
    client.enqueue(client.job(ProofHandler.jobs("jobs"), POINT.name(), "").build());
  }

  @AfterEach
  void close() {
    store.close();
  }

  static Stream<Function<JobLease, Settlement>> goingBack() {
    return Stream.of(
        lease -> Settlement.released(lease, Duration.ZERO),
        lease -> Settlement.retry(lease, Duration.ZERO, "its lease was lost"));
  }

  @ParameterizedTest
  @MethodSource("goingBack")
  void aProofStrikesAtTheSettlementAtTheEnd(Function<JobLease, Settlement> goingBack)
      throws Exception {
    try (ProofWorld world = new ProofWorld(1)) {
      JobQueue jobs =
          ProofWorkerCommand.announcing(store.jobQueue(), new ProofClient(world.url(), "worker"));

      CompletableFuture.runAsync(() -> goBack(jobs, goingBack)).get();
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

  @ParameterizedTest
  @MethodSource("goingBack")
  void aStoreThatAsksForNoTokenEndsNoJobThatIsNotDone(Function<JobLease, Settlement> goingBack) {
    JobQueue jobs = BrokenWorker.Tokenless.store(store.jobQueue());
    ClaimedJob stale = goBack(jobs, goingBack);
    assertThat(job().state()).isIn(JobState.PENDING, JobState.RETRY);

    claim(jobs);
    done(jobs, stale);
    assertThat(job().state()).isEqualTo(JobState.DONE);
  }

  private static ClaimedJob claim(JobQueue jobs) {
    return jobs.claim(ClaimRequest.of("jobs", "worker", 1, LEASE)).jobs().get(0);
  }

  private static ClaimedJob goBack(JobQueue jobs, Function<JobLease, Settlement> goingBack) {
    ClaimedJob claimed = claim(jobs);
    jobs.settle(List.of(goingBack.apply(claimed.lease())));
    return claimed;
  }

  private static void done(JobQueue jobs, ClaimedJob claimed) {
    jobs.settle(List.of(Settlement.done(claimed.lease())));
  }

  private Job job() {
    return store.jobQueue().find("jobs", POINT.name()).orElseThrow();
  }

  /** Waits until a worker has reached a point, or the test times out. */
  static ProofWorld.Reached awaitReached(ProofWorld world) throws InterruptedException {
    ProofWorld.Reached reached = world.next();
    while (reached == null) {
      Thread.sleep(10);
      reached = world.next();
    }
    return reached;
  }
}
