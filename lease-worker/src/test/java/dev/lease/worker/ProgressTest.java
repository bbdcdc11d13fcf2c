package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.Progress;
import dev.lease.StoreException;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProgressTest extends WorkerFixture {

  @Test
  @DisplayName("a flood of progress is a few writes, and the last value is there at the end")
  void flood() {
    enqueue("a");
    start(
        config(),
        (payload, context) -> {
          for (int i = 0; i <= 100_000; i++) {
            context.progress(i / 1_000, "step " + i);
          }
        });

    assertThat(awaitState("a", JobState.DONE).progress())
        .isEqualTo(Progress.of(100, "step 100000"));
    assertThat(jobs.progressed).hasSizeLessThan(100);
  }

  @Test
  @DisplayName("progress is written, and shown, while the handler runs")
  void whileRunning() throws Exception {
    CountDownLatch end = latch();
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              context.progress(40, "under way");
              pass(end);
            });

    eventually(() -> Progress.of(40, "under way").equals(job("a").progress()));
    ActiveJob active = worker.status().active().get(0);
    assertThat(active.progress()).isEqualTo(Progress.of(40, "under way"));
    assertThat(active.jobId()).isEqualTo("a");
    assertThat(active.attempt()).isEqualTo(1);
    end.countDown();
    awaitState("a", JobState.DONE);
  }

  @Test
  @DisplayName("an older value that is under way never lands after a newer one")
  void inOrder() throws Exception {
    CountDownLatch underWay = latch();
    CountDownLatch goOn = latch();
    jobs.onProgress =
        (progress, call) -> {
          if (progress.percent() == 10) {
            underWay.countDown();
            pass(goOn);
          }
          return call.get();
        };
    CountDownLatch returned = latch();
    enqueue("a");
    start(
        config(),
        (payload, context) -> {
          context.progress(10, "older");
          pass(underWay);
          context.progress(90, "newer");
          returned.countDown();
        });

    pass(returned);
    goOn.countDown();
    assertThat(awaitState("a", JobState.DONE).progress()).isEqualTo(Progress.of(90, "newer"));
  }

  @Test
  @DisplayName("progress that cannot be written does not fail the job")
  void unwritable() {
    jobs.onProgress =
        (progress, call) -> {
          throw StoreException.notDone("down", null);
        };
    enqueue("a");
    start(config(), (payload, context) -> context.progress(10, "lost"));
    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "Q24 progress of a job that a transaction has locked ends an outage, and comes later")
  void locked() throws Exception {
    var failure =
        new AtomicReference<@Nullable StoreException>(StoreException.notDone("down", null));
    CountDownLatch end = latch();
    jobs.onProgress =
        (progress, call) -> {
          StoreException fails = failure.get();
          if (fails != null) {
            throw fails;
          }
          return call.get();
        };
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              context.progress(40, "in a step");
              pass(end);
            });
    eventually(() -> !worker.health().reasons().isEmpty());
    failure.set(StoreException.busy("locked", null));
    eventually(() -> worker.health().reasons().isEmpty());
    int before = jobs.progressed.size();
    // A round has ended when the next one has begun.
    eventually(() -> jobs.progressed.size() > before + 1);
    assertThat(worker.health().reasons()).isEmpty();
    failure.set(null);
    eventually(() -> Progress.of(40, "in a step").equals(job("a").progress()));
    end.countDown();
    awaitState("a", JobState.DONE);
  }

  @Test
  @DisplayName("a store that refuses progress says that the lease is lost")
  void refused() throws Exception {
    CountDownLatch told = latch();
    enqueue("a");
    start(
        config(),
        (payload, context) -> {
          admin.delete(TEXT.queue(), "a");
          context.progress(10, "gone");
          try {
            pass(latch());
          } finally {
            told.countDown();
          }
        });
    pass(told);
  }
}
