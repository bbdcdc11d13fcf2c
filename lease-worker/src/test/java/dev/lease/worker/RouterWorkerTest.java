package dev.lease.worker;

import static dev.lease.worker.HangCell.comes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A worker on several stores, one of which is gone. */
@Execution(ExecutionMode.CONCURRENT)
class RouterWorkerTest {

  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final JobType<String> EAST = JobType.of("east", "text", String.class);

  /** More than hang at once in one store, if the worker does not count them apart. */
  private static final List<JobType<String>> WEST =
      IntStream.range(0, 2 * StoreCalls.MOST).mapToObj(i -> EAST.in("west" + i)).toList();

  private static final Set<Hang.Call> ALL = EnumSet.allOf(Hang.Call.class);

  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

  private @Nullable RoutedFiles opened;
  private @Nullable Worker started;

  /**
   * Opens the stores, and begins a job of each.
   *
   * @param longestCall what the stores say of their calls
   */
  private RoutedFiles begin(Duration longestCall) throws Exception {
    var files = new RoutedFiles(longestCall, LEASE);
    opened = files;
    Worker worker = worker(files);
    started = worker;
    enqueue(files, EAST, "long", "long");
    enqueue(files, WEST.get(0), "long", "long");
    worker.start();
    assertThat(comes(() -> runs.size() == 2)).isTrue();
    return files;
  }

  private Worker worker(RoutedFiles files) {
    Worker.Builder builder =
        Worker.builder(files.router)
            .config(
                WorkerConfig.builder()
                    .name("routed")
                    .concurrency(24)
                    .leaseDuration(LEASE)
                    .pollInterval(Duration.ofMillis(50))
                    .maxBackoff(Duration.ofMillis(200))
                    .stopGrace(LEASE)
                    .build());
    builder.handle(EAST, this::handle);
    WEST.forEach(type -> builder.handle(type, this::handle));
    return builder.build();
  }

  /** Returns at once, but for jobs with the payload "long". */
  private void handle(String payload, JobContext context) throws InterruptedException {
    runs.computeIfAbsent(context.queue() + " " + context.jobId(), id -> new AtomicInteger())
        .incrementAndGet();
    if (payload.equals("long")) {
      end.await();
    }
  }

  @AfterEach
  void close() {
    end.countDown();
    if (opened != null) {
      opened.hanging.close();
    }
    if (started != null) {
      started.close();
    }
    if (opened != null) {
      opened.close();
    }
  }

  private static void enqueue(RoutedFiles files, JobType<String> type, String id, String payload) {
    JobClient client = JobClient.of(files.router);
    client.enqueue(client.job(type, id, payload).build());
  }

  private static boolean isDone(RoutedFiles files, JobType<String> type, String id) {
    return files.router.jobQueue().find(type.queue(), id).orElseThrow().state() == JobState.DONE;
  }

  /** Jobs that the west has and does not give. */
  private static void fillWest(RoutedFiles files) {
    for (JobType<String> type : WEST) {
      files
          .west
          .jobQueue()
          .enqueue(List.of(NewJob.builder(type.queue(), "waiting", "text", "\"\"").build()));
    }
  }

  /** The east works as ever, for two leases, and keeps the lease of a job that lasts. */
  private void eastGoesOn(RoutedFiles files, Worker worker) throws Exception {
    Instant after = Instant.now().plus(LEASE.multipliedBy(2));
    for (int i = 0; Instant.now().isBefore(after); i++) {
      String id = "quick" + i;
      enqueue(files, EAST, id, "");
      assertThat(comes(() -> isDone(files, EAST, id))).as(id).isTrue();
    }
    assertThat(runs.get("east long")).hasValue(1);
    assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.RUNNING);
    assertThat(worker.health().isLive()).isTrue();
    end.countDown();
    assertThat(comes(() -> isDone(files, EAST, "long"))).isTrue();
  }

  @Test
  @DisplayName("W23 a store that hangs costs its queues only, however many it has")
  void hanging() throws Exception {
    // No call is given up, but for extensions.
    RoutedFiles files = begin(Duration.ofHours(1));
    Worker worker = Objects.requireNonNull(started);
    files.hanging.begin(ALL, name -> true, Hang.Fault.NEVER);
    fillWest(files);
    assertThat(comes(() -> files.hanging.caught() > StoreCalls.MOST)).isTrue();

    eastGoesOn(files, worker);
    assertThat(comes(() -> worker.health().reasons().toString().contains("west"))).isTrue();
  }

  @Test
  @DisplayName("W11 a store whose calls fail costs its queues only, and goes on when it answers")
  void failing() throws Exception {
    RoutedFiles files = begin(LEASE.dividedBy(6));
    Worker worker = Objects.requireNonNull(started);
    files.hanging.begin(ALL, name -> true, Hang.Fault.FAIL);
    fillWest(files);
    assertThat(comes(() -> files.hanging.caught() > StoreCalls.MOST)).isTrue();

    eastGoesOn(files, worker);
    files.hanging.end();
    assertThat(comes(() -> isDone(files, WEST.get(0), "long"))).isTrue();
    for (JobType<String> type : WEST) {
      assertThat(comes(() -> isDone(files, type, "waiting"))).as(type.queue()).isTrue();
    }
  }

  @Test
  @DisplayName("W11 a store that somebody has closed costs its queues only; the worker goes on")
  void closed() throws Exception {
    RoutedFiles files = begin(LEASE);
    files.west.close();
    eastGoesOn(files, Objects.requireNonNull(started));
  }

  @Test
  @DisplayName("W11 if somebody has closed the store of the named leases, jobs go on")
  void leasesClosed() throws Exception {
    RoutedFiles files = begin(LEASE);
    files.north.close();
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> files.router.leaseStore().find("name"))
        .withMessageContaining("north");
    eastGoesOn(files, Objects.requireNonNull(started));
  }
}
