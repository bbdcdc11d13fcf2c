package dev.lease.worker;

import static dev.lease.interleaved.Schedules.HOUR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.interleaved.Crew;
import dev.lease.interleaved.Schedules;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EngineInterleavedTest {

  /** A stop for which nobody waits in vain. */
  private static final Duration SHORT = Duration.ofMillis(900);

  private static final List<String> IDS = List.of("a", "b", "c");

  /** Payloads as they are. */
  private static final PayloadCodec PLAIN =
      new PayloadCodec() {
        @Override
        public String write(@Nullable Object value, Type type, CodecContext context) {
          return String.valueOf(value);
        }

        @Override
        public Object read(String text, Type type, CodecContext context) {
          return text;
        }
      };

  private final Queue<String> ran = new ConcurrentLinkedQueue<>();
  private final AtomicInteger subscriptions = new AtomicInteger();

  private interface Scenario {
    void run(FaultyQueue jobs) throws Exception;
  }

  private void search(String name, Scenario scenario) {
    Schedules.search(
        name,
        () -> {
          try (var backend = new InMemoryBackend(() -> Instant.EPOCH)) {
            scenario.run(jobs(backend));
          }
        });
  }

  private FaultyQueue jobs(Backend backend) {
    ran.clear();
    subscriptions.set(0);
    var jobs = new FaultyQueue(backend.jobQueue());
    jobs.onSubscribe =
        (queue, call) -> {
          JobQueue.Subscription real = call.get();
          subscriptions.incrementAndGet();
          return () -> {
            real.close();
            subscriptions.decrementAndGet();
          };
        };
    jobs.enqueue(IDS.stream().map(id -> NewJob.builder("texts", id, "text", id).build()).toList());
    return jobs;
  }

  private Worker worker(FaultyQueue jobs, Duration grace, JobHandler<String> handler) {
    return Parts.worker(jobs)
        .config(
            WorkerConfig.builder()
                .name("w")
                .concurrency(2)
                .stopGrace(grace)
                .pollInterval(Duration.ofHours(1))
                .threads(WorkerConfig.Threads.PLATFORM)
                .shutdownHook(false)
                .build())
        .codec(PLAIN)
        .handle(
            WorkerFixture.TEXT,
            (id, context) -> {
              ran.add(id);
              handler.handle(id, context);
            })
        .build();
  }

  private static Duration close(Worker worker) {
    long begun = System.nanoTime();
    worker.close();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static List<String> settled(FaultyQueue jobs) {
    return jobs.settled.stream()
        .flatMap(Collection::stream)
        .map(settlement -> settlement.lease().jobId())
        .toList();
  }

  /** Each job that was claimed is settled once, and none is held. */
  private void assertNothingIsHeld(FaultyQueue jobs, JobState afterItRan) {
    assertThat(subscriptions).hasValue(0);
    assertThat(settled(jobs)).doesNotHaveDuplicates().containsAll(ran);
    for (String id : IDS) {
      Job job = jobs.find("texts", id).orElseThrow();
      assertThat(job.state()).isEqualTo(ran.contains(id) ? afterItRan : JobState.PENDING);
    }
  }

  /** Planted: the dispatcher is woken before it is told to finish. */
  @Test
  void settlesOrReleasesEachJobOnce() {
    search(
        "engine-stop",
        jobs -> {
          var crew = new Crew();
          Worker worker = worker(jobs, Duration.ofNanos(HOUR), (id, context) -> {});
          worker.start();
          for (int i = 0; i < 2; i++) {
            crew.go(() -> assertThat(close(worker)).isLessThan(SHORT));
          }
          crew.join();

          assertNothingIsHeld(jobs, JobState.DONE);
        });
  }

  /** Planted: the slots are closed after the running handlers are told to stop. */
  @Test
  void interruptsEachHandler() {
    search(
        "engine-interrupt",
        jobs -> {
          Worker worker =
              worker(
                  jobs,
                  Duration.ZERO,
                  (id, context) -> new Semaphore(0).tryAcquire(HOUR, TimeUnit.NANOSECONDS));
          worker.start();

          assertThat(close(worker)).isLessThan(SHORT);
          assertNothingIsHeld(jobs, JobState.PENDING);
        });
  }

  /** Planted: a stop waits until all calls have ended. */
  @Test
  void waitsForNoSettlementThatHangs() {
    search(
        "engine-hangs",
        jobs -> {
          var closed = new CountDownLatch(1);
          jobs.onSettle =
              (all, call) -> {
                closed.await();
                return call.get();
              };
          Worker worker = worker(jobs, Duration.ZERO, (id, context) -> {});
          worker.start();

          // Its bound is not asserted: the timed join of a thread reads the true time.
          worker.close();
          closed.countDown();
        });
  }
}
