package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StopTest extends WorkerFixture {

  @Test
  @DisplayName("W05 W06 what has not started is handed back at once, while a handler still runs")
  void unstarted() throws Exception {
    CountDownLatch end = latch();
    Worker worker = startFrozen(config().lookAhead(3), (payload, context) -> pass(end));
    enqueue("running", "b", "c", "d");
    eventually(() -> worker.status().waiting() == 3);

    Thread stopping = inBackground(worker::stop);
    for (String id : List.of("b", "c", "d")) {
      assertThat(awaitState(id, JobState.PENDING).attempts()).isZero();
    }
    assertThat(job("running").state()).isEqualTo(JobState.PROCESSING);
    assertThat(worker.status().running()).isFalse();
    end.countDown();
    stopping.join();
    assertThat(job("running").state()).isEqualTo(JobState.DONE);
    assertThat(job("b").state()).as("nothing is claimed any more").isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("W05 leases are kept during the grace, and the job is settled at its end")
  void keptDuringGrace() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    enqueue("a");
    Worker worker =
        start(
            keptLease(),
            (payload, context) -> {
              running.countDown();
              pass(end);
            });
    pass(running);

    Thread stopping = inBackground(worker::stop);
    eventually(() -> !worker.status().running());
    int before = jobs.extended.size();
    eventually(() -> jobs.extended.size() >= before + 4);
    end.countDown();
    stopping.join();
    Job job = job("a");
    assertThat(job.state()).isEqualTo(JobState.DONE);
    assertThat(job.attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W24 a worker that finds no thread for a lane runs nothing, and says so")
  void noThread() {
    Worker worker =
        Parts.worker(jobs)
            .config(config().build())
            .handle(TEXT, (payload, context) -> {})
            .build(
                LocalClock.SYSTEM,
                (task, name) -> {
                  if (name.endsWith("-dispatcher")) {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                  return new Thread(task, name);
                });
    assertThatThrownBy(worker::start).isInstanceOf(OutOfMemoryError.class);
    assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
    eventually(() -> threadsOfWorkers().isEmpty());
    assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @DisplayName("W05 a worker is STOPPING until the stop is over, and that can be awaited")
  void awaited() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch released = latch();
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              running.countDown();
              pass(released);
            });
    pass(running);
    assertThat(worker.awaitStopped(Duration.ZERO)).isFalse();

    var stopping = new Thread(worker::stop, "stopping");
    stopping.start();
    eventually(() -> worker.status().state() == WorkerStatus.State.STOPPING);
    assertThat(worker.health().reasons()).containsExactly("the worker stops");
    assertThat(worker.awaitStopped(Duration.ofMillis(1))).isFalse();
    released.countDown();

    assertThat(worker.awaitStopped(LONG)).isTrue();
    assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
    assertThat(worker.health().reasons()).containsExactly("the worker has stopped");
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.awaitStopped(Duration.ofNanos(-1)))
        .withMessageContaining("timeout must be");
    stopping.join();
  }

  @Test
  @DisplayName("W05 after the grace handlers are interrupted, and what they leave is handed back")
  void interrupted() throws Exception {
    CountDownLatch running = latch();
    var seen = new AtomicReference<JobContext>();
    enqueue("a");
    Worker worker =
        start(
            config().stopGrace(Duration.ZERO),
            (payload, context) -> {
              seen.set(context);
              running.countDown();
              pass(latch());
            });
    pass(running);

    worker.stop();
    assertThat(seen.get().shouldStop()).isTrue();
    Job job = job("a");
    assertThat(job.state()).isEqualTo(JobState.PENDING);
    assertThat(job.attempts()).isZero();
    assertThat(worker.status().failed()).isZero();
  }

  @Test
  @DisplayName("W05 a handler that returns although it was interrupted is done")
  void returnsAfterInterrupt() throws Exception {
    CountDownLatch running = latch();
    enqueue("a");
    Worker worker =
        start(
            config().stopGrace(Duration.ZERO),
            (payload, context) -> {
              running.countDown();
              while (!context.shouldStop()) {
                Thread.onSpinWait();
              }
            });
    pass(running);

    worker.stop();
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("W05 a handler that does not end keeps its lease until that runs out, unsettled")
  void neverEnds() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    enqueue("a");
    Worker worker =
        start(
            config().stopGrace(Duration.ZERO).leaseDuration(Duration.ofSeconds(4)),
            (payload, context) -> {
              running.countDown();
              passStubbornly(end);
            });
    pass(running);

    worker.stop();
    Job left = job("a");
    assertThat(left.state()).isEqualTo(JobState.PROCESSING);
    var other = again().jobQueue();
    eventually(() -> !other.claim(ClaimRequest.of(TEXT.queue(), "other", 1, FAR)).jobs().isEmpty());
    assertThat(job("a").attempts()).isEqualTo(2);
    end.countDown();
    eventually(() -> logs.at(Level.WARN).stream().anyMatch(line -> line.contains("had stopped")));
    assertThat(job("a").token()).isGreaterThan(left.token());
    assertThat(jobs.settled).isEmpty();
  }

  @Test
  @DisplayName("W05 a store that does not answer does not keep the worker from stopping")
  void storeIsDown() throws Exception {
    jobs.onSettle =
        (all, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    enqueue("a");
    Worker worker = start(config(), (payload, context) -> {});
    eventually(() -> !jobs.settled.isEmpty());

    worker.stop();
    eventually(() -> threadsOfWorkers().isEmpty());
    assertThat(job("a").state()).isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("W05 a stop before the start is harmless, and final")
  void stopBeforeStart() {
    Worker worker = Parts.worker(jobs).config(config().build()).handle(TEXT, (p, c) -> {}).build();
    worker.stop();
    worker.stop();
    assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
    eventually(() -> threadsOfWorkers().isEmpty());
  }

  @Test
  @DisplayName("W05 a second stop, also at the same time, returns when the worker has stopped")
  void stopTwice() throws Exception {
    CountDownLatch running = latch();
    CountDownLatch end = latch();
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              running.countDown();
              pass(end);
            });
    pass(running);

    Thread first = inBackground(worker::stop);
    Thread second = inBackground(worker::stop);
    eventually(() -> !worker.status().running());
    end.countDown();
    first.join();
    second.join();
    worker.close();
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("W05 a stop from inside a handler returns, and that job is settled")
  void stopFromHandler() throws Exception {
    var stateAfterStop = new AtomicReference<WorkerStatus.State>();
    var worker = new AtomicReference<Worker>();
    CountDownLatch assigned = latch();
    enqueue("a");
    worker.set(
        start(
            config(),
            (payload, context) -> {
              pass(assigned);
              worker.get().stop();
              worker.get().close();
              eventually(() -> worker.get().status().state() != WorkerStatus.State.RUNNING);
              stateAfterStop.set(worker.get().status().state());
            }));
    assigned.countDown();

    assertThat(worker.get().awaitStopped(LONG)).isTrue();
    assertThat(stateAfterStop.get()).isEqualTo(WorkerStatus.State.STOPPING);

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    eventually(() -> threadsOfWorkers().isEmpty());
  }

  @Test
  @DisplayName(
      "W05 whoever is interrupted while he stops a worker cuts the grace, and keeps the flag")
  void stopperInterrupted() throws Exception {
    CountDownLatch running = latch();
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              running.countDown();
              pass(latch());
            });
    pass(running);

    Thread.currentThread().interrupt();
    worker.stop();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(job("a").state()).isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("W05 a start that is repeated changes nothing")
  void startTwice() {
    Worker worker = start(config(), (payload, context) -> {});
    worker.start();
    assertThat(threadsOfWorkers().stream().filter(name -> name.endsWith("extender"))).hasSize(1);
  }

  @Tag("slow")
  @Test
  @DisplayName("W05 hundreds of starts and stops lose no job and leave no thread")
  void stress() {
    for (int i = 0; i < 300; i++) {
      enqueue("a" + i, "b" + i);
      Worker worker = start(config().concurrency(2).lookAhead(2), (payload, context) -> {});
      if (i % 3 == 0) {
        awaitState("a" + i, JobState.DONE);
      }
      worker.stop();
    }
    eventually(() -> threadsOfWorkers().isEmpty());
    start(config().concurrency(2), (payload, context) -> {});
    for (int i = 0; i < 300; i++) {
      assertThat(awaitState("a" + i, JobState.DONE).attempts()).isEqualTo(1);
      assertThat(awaitState("b" + i, JobState.DONE).attempts()).isEqualTo(1);
    }
  }
}
