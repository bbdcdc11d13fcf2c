package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.examples.shared.StoreName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class BrokenBotTest {

  private static final Duration LEASE = Duration.ofHours(1);

  @TempDir private Path directory;

  static Stream<Function<JobLease, Settlement>> goingBack() {
    return Stream.of(
        lease -> Settlement.released(lease, Duration.ZERO),
        lease -> Settlement.retry(lease, Duration.ZERO, "its lease was lost"));
  }

  @ParameterizedTest
  @MethodSource("goingBack")
  void aStoreThatForgetsWhatIsDoneForgetsNothingElse(Function<JobLease, Settlement> goingBack) {
    try (Store store = Store.open(new StoreName("sqlite:" + directory.resolve("orders.db")))) {
      JobQueue jobs = BrokenBot.broken(store.jobQueue(), BrokenBot.Forgetful.call());
      CreateJobsCommand.enqueue(store.backend(), "orders", 3, List.of(new Order("a", "COCOA", 1)));

      jobs.settle(List.of(goingBack.apply(claim(jobs))));
      assertThat(state(jobs)).isIn(JobState.PENDING, JobState.RETRY);

      jobs.settle(List.of(Settlement.done(claim(jobs))));
      assertThat(state(jobs)).isEqualTo(JobState.PROCESSING);
    }
  }

  private static JobLease claim(JobQueue jobs) {
    return jobs.claim(ClaimRequest.of("orders", "worker", 1, LEASE)).jobs().get(0).lease();
  }

  private static JobState state(JobQueue jobs) {
    return jobs.find("orders", "a").orElseThrow().state();
  }
}
