package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import dev.lease.JobState;
import dev.lease.worker.WorkerConfig.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** On what threads handlers run. */
@EnumSource(names = "POSTGRESQL")
class ThreadsTest extends WorkerFixture {

  private final List<String> names = new CopyOnWriteArrayList<>();

  @Test
  @DisplayName("platform threads, if so configured")
  void platform() {
    enqueue("a");
    start(
        config().threads(Threads.PLATFORM),
        (payload, context) -> names.add(Thread.currentThread().toString()));

    awaitState("a", JobState.DONE);
    assertThat(names).singleElement().asString().startsWith("Thread[");
  }

  @Test
  @DisplayName("virtual threads, where the JVM has them, and otherwise a clear refusal")
  void virtual() {
    if (Runtime.version().feature() < 21) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> config().threads(Threads.VIRTUAL).build())
          .withMessageContaining("was VIRTUAL: virtual threads need Java 21");
      return;
    }
    enqueue("a");
    start(
        config().threads(Threads.VIRTUAL),
        (payload, context) -> names.add(Thread.currentThread().toString()));

    awaitState("a", JobState.DONE);
    assertThat(names).singleElement().asString().startsWith("VirtualThread[");
  }

  @Test
  @DisplayName("an executor of the user's runs handlers, and is not shut down")
  void executor() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(2, task -> new Thread(task, "mine"));
    try {
      CountDownLatch running = latch();
      enqueue("a", "stopped");
      Worker worker =
          start(
              Parts.worker(jobs)
                  .config(config().concurrency(2).stopGrace(Duration.ZERO).build())
                  .executor(executor)
                  .handle(
                      TEXT,
                      (payload, context) -> {
                        names.add(Thread.currentThread().getName());
                        if (payload.equals("stopped")) {
                          running.countDown();
                          new CountDownLatch(1).await();
                        }
                      }));
      awaitState("a", JobState.DONE);
      pass(running);
      worker.stop();

      assertThat(job("stopped").state()).isEqualTo(JobState.PENDING);
      assertThat(job("stopped").attempts()).isZero();
      assertThat(names).containsExactly("mine", "mine");
      assertThat(executor.isShutdown()).isFalse();
      assertThat(executor.submit(() -> Thread.currentThread().isInterrupted()).get()).isFalse();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  @DisplayName("an executor that runs handlers on the thread that hands them over is refused")
  void onTheCaller() {
    enqueue("a");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().build())
                .executor(Runnable::run)
                .handle(TEXT, (payload, context) -> names.add(payload)));

    eventually(() -> logs.at(Level.WARN).size() > 2);
    worker.stop();
    assertThat(logs.at(Level.WARN))
        .allMatch(line -> line.contains("cannot start: there is no thread for it"));
    assertThat(job("a").attempts()).isZero();
    assertThat(names).isEmpty();
  }

  @Test
  @DisplayName("jobs that the user's executor drops are taken back, and run when it takes them")
  void dropping() throws Exception {
    CountDownLatch dropped = latch(2);
    ExecutorService executor = Executors.newFixedThreadPool(1, task -> new Thread(task, "mine"));
    try {
      enqueue("a");
      start(
          Parts.worker(jobs)
              .config(shortLease().build())
              .executor(
                  task -> {
                    if (dropped.getCount() > 0) {
                      dropped.countDown();
                    } else {
                      executor.execute(task);
                    }
                  })
              .handle(TEXT, (payload, context) -> {}));

      assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
      assertThat(logs.at(Level.WARN)).anyMatch(line -> line.contains("no thread has begun it"));
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  @DisplayName("jobs that the user's executor refuses are released, and run when it takes them")
  void refusing() throws Exception {
    CountDownLatch refused = latch(3);
    ExecutorService executor = Executors.newFixedThreadPool(1, task -> new Thread(task, "mine"));
    try {
      enqueue("a");
      start(
          Parts.worker(jobs)
              .config(config().build())
              .executor(
                  task -> {
                    if (refused.getCount() > 0) {
                      refused.countDown();
                      throw new RejectedExecutionException("busy");
                    }
                    executor.execute(task);
                  })
              .handle(TEXT, (payload, context) -> {}));

      assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    } finally {
      executor.shutdownNow();
    }
  }
}
