package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lease.JobQueue;
import dev.lease.JobState;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueuesTest extends WorkerFixture {

  private static final JobType<Integer> OTHER = JobType.of("numbers", "number", Integer.class);

  @Test
  void aHintWakesTheWorkerLongBeforeThePoll() {
    start(config().pollInterval(FAR).maxBackoff(FAR), (payload, context) -> {});
    eventually(() -> !jobs.claims.isEmpty());
    enqueue("a");
    awaitState("a", JobState.DONE);
  }

  @Test
  void aSlotThatBecomesFreeIsFilledLongBeforeThePoll() {
    String[] ids = IntStream.range(0, 500).mapToObj(i -> "text" + i).toArray(String[]::new);
    enqueue(ids);
    Worker worker = start(config().pollInterval(FAR).maxBackoff(FAR), (payload, context) -> {});
    eventually(() -> worker.status().settled() == ids.length);
  }

  @Test
  void aSlotWhoseJobWasLostIsFilledLongBeforeThePoll() throws Exception {
    CountDownLatch deleted = latch();
    enqueue("lost", "next");
    start(
        shortLease().pollInterval(FAR).maxBackoff(FAR),
        (payload, context) -> {
          if (payload.equals("lost")) {
            pass(deleted);
            eventually(context::shouldStop);
            throw new CancellationException("lost");
          }
        });
    awaitState("lost", JobState.PROCESSING);
    admin.delete(TEXT.queue(), "lost");
    deleted.countDown();
    awaitState("next", JobState.DONE);
  }

  @Test
  void withoutHintsThePollFindsTheWork() {
    start(Parts.worker(mute()).config(config().build()).handle(TEXT, (p, c) -> {}));
    eventually(() -> jobs.claims.size() >= 1);
    enqueue("a");
    awaitState("a", JobState.DONE);
  }

  @Test
  void withoutHintsTheNextJobIsFoundLongBeforeThePoll() {
    enqueue("a");
    WorkerConfig config = config().pollInterval(FAR).maxBackoff(FAR).build();
    start(Parts.worker(mute()).config(config).handle(TEXT, (p, c) -> {}));
    awaitState("a", JobState.DONE);
    for (String next : List.of("b", "c", "d")) {
      enqueue(next);
      awaitState(next, JobState.DONE);
    }
  }

  /** The store, as producers in other processes have it where it knows no hints. */
  private JobQueue mute() {
    return (JobQueue)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {JobQueue.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("onWork")) {
                throw new NoClassDefFoundError("no hints here");
              }
              return method.invoke(jobs, arguments);
            });
  }

  @Test
  void aFullQueueDoesNotStarveTheOther() {
    Set<String> done = ConcurrentHashMap.newKeySet();
    CountDownLatch other = latch();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ids.add("text" + i);
    }
    enqueue(ids.toArray(String[]::new));
    client.enqueue(OTHER, 7);
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  if (other.getCount() > 0) {
                    done.add(payload);
                  }
                })
            .handle(OTHER, (payload, context) -> other.countDown()));

    eventually(() -> other.getCount() == 0);
    assertThat(done.size()).isLessThan(10);
  }

  @Test
  void statusTellsWhatTheWorkerDoes() throws Exception {
    CountDownLatch end = latch();
    Worker worker = startFrozen(config().lookAhead(1), (payload, context) -> pass(end));
    enqueue("a", "b");
    eventually(() -> worker.status().waiting() == 1 && worker.status().active().size() == 1);

    WorkerStatus status = worker.status();
    assertThat(status.worker()).isEqualTo("test");
    assertThat(status.running()).isTrue();
    assertThat(status.state()).isEqualTo(WorkerStatus.State.RUNNING);
    assertThat(status.lanes()).containsKeys("dispatcher", "extender", "repair", "watchdog");
    assertThat(status.unsettled()).isZero();
    assertThat(status.types("texts")).containsExactlyInAnyOrder("text", "lease-schedule");
    assertThat(status.types("none of its queues")).isEmpty();
    assertThat(status.concurrency()).isEqualTo(1);
    assertThat(status.leaseDuration()).isEqualTo(LONG.multipliedBy(2));
    assertThat(status.active())
        .singleElement()
        .satisfies(
            active -> {
              assertThat(active.queue()).isEqualTo("texts");
              assertThat(active.type()).isEqualTo("text");
              assertThat(active.progress()).isNull();
            });
    end.countDown();
    eventually(() -> worker.status().settled() == 3);
    worker.stop();
    assertThat(worker.status().running()).isFalse();
    assertThat(worker.status().active()).isEmpty();
  }

  @Test
  void theConfigurationIsLoggedOnceAtTheStart() {
    Worker worker = start(config(), (payload, context) -> {});
    worker.start();
    assertThat(logs.at(ch.qos.logback.classic.Level.INFO))
        .filteredOn(line -> line.contains("WorkerConfig[name=test, concurrency=1"))
        .hasSize(1);
  }

  @Test
  void aTypeHasOneHandlerAndAWorkerAtLeastOne() {
    Worker.Builder builder = Parts.worker(jobs).handle(TEXT, (p, c) -> {});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.handle(TEXT.withMaxCrashes(9), (p, c) -> {}))
        .withMessageContaining("texts");
    assertThatIllegalStateException()
        .isThrownBy(Parts.worker(jobs)::build)
        .withMessageContaining("at least one handler: add one");
  }

  @Test
  void aQueueWithAShareHasAHandler() {
    Worker.Builder builder =
        Parts.worker(jobs)
            .config(config().queue("other", QueueShare.DEFAULT).build())
            .handle(TEXT, (p, c) -> {});
    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessageContaining("queue other has a share, but no handler: add a handler");
  }
}
