package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.JobState;
import dev.lease.worker.JobEvent.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** A worker for tests on real stores, whose time only runs. */
@EnumSource(names = "POSTGRESQL")
class TestWorkerOnStoresTest extends WorkerFixture {

  private final List<String> run = new ArrayList<>();

  private TestWorker worker() {
    return TestWorker.of(
        Parts.worker(jobs, admin)
            .config(config().build())
            .handle(
                TEXT,
                (text, context) -> {
                  run.add(context.step("note", String.class, () -> text + context.attempt()));
                  if (text.equals("a")) {
                    client.enqueue(TEXT, "b");
                    throw new IllegalStateException("again");
                  }
                },
                (failure) -> Outcome.retryAfter(failure.attempt() == 1 ? Duration.ZERO : FAR)));
  }

  @Test
  @DisplayName("drain runs what is due, what that enqueues and what is due again, and no more")
  void drain() {
    enqueue("a", "z");

    assertThat(worker().drain())
        .extracting(TestedAttempt::attempt, TestedAttempt::end)
        .containsExactlyInAnyOrder(
            tuple(1, End.RETRIED),
            tuple(2, End.RETRIED),
            tuple(1, End.SUCCEEDED),
            tuple(1, End.SUCCEEDED),
            tuple(1, End.SUCCEEDED));
    assertThat(run).containsExactlyInAnyOrder("a1", "a1", "b1", "b1", "z1");
    assertThat(job("a").state()).isEqualTo(JobState.RETRY);
    assertThat(worker().drain()).isEmpty();
  }

  @Test
  @DisplayName("one job is run in the situation of the test, and those before it are handed back")
  void oneJob() {
    enqueue("z");
    TestWorker worker = worker();

    TestedAttempt later = worker.job(TEXT, "c").attempt(2).keptStep("note", "kept").run();
    TestedAttempt lost = worker.job(TEXT, "d").losesLeaseIn("note").run();
    TestedAttempt cancelled = worker.job(TEXT, "a").cancelled().run();

    assertThat(later.end()).isEqualTo(End.SUCCEEDED);
    assertThat(later.steps()).isEmpty();
    assertThat(lost.end()).isEqualTo(End.LOST);
    assertThat(cancelled.end()).isEqualTo(End.CANCELLED);
    assertThat(job(cancelled.jobId()).state()).isEqualTo(JobState.CANCELLED);
    assertThat(job("z").attempts()).isZero();
    worker.assertEnqueued(TEXT, "z"::equals);
    assertThat(worker.drain())
        .extracting(TestedAttempt::jobId)
        .containsExactlyInAnyOrder("z", lost.jobId());
    assertThat(run).containsExactlyInAnyOrder("kept", "z1", "d1");
  }
}
