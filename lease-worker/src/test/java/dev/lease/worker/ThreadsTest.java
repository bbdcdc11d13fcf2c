package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.JobState;
import dev.lease.worker.WorkerConfig.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
  @DisplayName("a factory of the user's makes the threads of handlers, which end with the worker")
  void factory() throws Exception {
    List<Thread> made = new CopyOnWriteArrayList<>();
    CountDownLatch running = latch();
    enqueue("a", "stopped");
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(config().concurrency(2).stopGrace(Duration.ZERO).build())
                .threads(
                    task -> {
                      var thread = new Thread(task, "mine");
                      made.add(thread);
                      return thread;
                    })
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
    assertThat(made).hasSize(2);
    for (Thread thread : made) {
      thread.join();
    }
  }

  @Test
  @DisplayName("W24 a worker whose factory makes no thread does not start")
  void noThread() {
    Worker worker =
        Parts.worker(jobs)
            .config(config().build())
            .threads(task -> null)
            .handle(TEXT, (payload, context) -> {})
            .build();

    assertThatThrownBy(worker::start)
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the ThreadFactory for handlers has made no thread");
    assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
  }
}
