package dev.lease.worker;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a worker reports of itself, and what it costs if that does not work. */
class WorkerReportTest extends WorkerFixture {

  private final AtomicLong skipped = new AtomicLong();
  private final LocalClock clock =
      new LocalClock(() -> System.nanoTime() + skipped.get(), System::currentTimeMillis);

  /** The errands lane looks at the clock every 100 ms. */
  private Worker start(Backend backend, WorkerConfig.Builder config, JobHandler<String> handler) {
    return started(
        Worker.builder(backend)
            .config(config.purgeInterval(Duration.ofMillis(100)).build())
            .handle(TEXT, handler, patient())
            .build(clock, Thread::new));
  }

  private List<WorkerReport> reports() {
    return WorkerReports.read(backend).reports();
  }

  private WorkerReport awaitReport(Predicate<WorkerReport> as) {
    return await()
        .atMost(LONG)
        .until(() -> reports().stream().filter(as).findFirst(), found -> found.isPresent())
        .orElseThrow();
  }

  /** The store, with other leases and without some of what it can do. */
  private Backend with(LeaseStore leases, Capability... lacking) {
    Backend real = backend;
    Set<Capability> capabilities = EnumSet.copyOf(real.capabilities());
    capabilities.removeAll(List.of(lacking));
    return new Backend() {
      @Override
      public Set<Capability> capabilities() {
        return capabilities;
      }

      @Override
      public LeaseStore leaseStore() {
        return leases;
      }

      @Override
      public JobQueue jobQueue() {
        return real.jobQueue();
      }

      @Override
      public JobAdmin jobAdmin() {
        return real.jobAdmin();
      }

      @Override
      public Admission admission() {
        return real.admission();
      }

      @Override
      public JobGraphs jobGraphs() {
        return real.jobGraphs();
      }

      @Override
      public Duration longestCall() {
        return real.longestCall();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  @DisplayName("W33 a worker reports who it is, what it does and what became of its jobs")
  void report() {
    CountDownLatch end = latch();
    Worker worker =
        start(
            backend,
            config().concurrency(3).queue(TEXT.queue(), QueueShare.DEFAULT.withSlots(2)),
            (payload, context) -> {
              if (payload.equals("fails")) {
                throw new IllegalStateException("as the test wants");
              }
              if (payload.equals("runs")) {
                pass(end);
              }
            });
    WorkerReport first = awaitReport(report -> true);
    assertThat(first.worker()).isEqualTo("test");
    assertThat(first.host()).isEqualTo(WorkerConfig.host().orElse(null));
    assertThat(first.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(first.startedAt()).isNotNull();
    assertThat(first.slots()).isEqualTo(3);
    assertThat(first.age()).isGreaterThanOrEqualTo(Duration.ZERO);

    enqueue("done", "fails", "runs");
    eventually(
        () ->
            worker.status().settled() == 1
                && job("fails").state() == JobState.RETRY
                && worker.status().active().size() == 1);
    skipped.addAndGet(Duration.ofSeconds(10).toNanos());

    // On a busy machine another report may have been made before all of them had ended.
    WorkerReport second =
        awaitReport(
            report ->
                report.queues().get(0).active() == 1
                    && report.queues().get(0).minutes().stream()
                            .mapToLong(minute -> minute.done() + minute.retried())
                            .sum()
                        == 2);
    assertThat(second.status()).isEqualTo(WorkerHealth.Status.UP);
    assertThat(second.reasons()).isEmpty();
    WorkerReport.Queue queue = second.queues().get(0);
    assertThat(queue.name()).isEqualTo(TEXT.queue());
    assertThat(queue.slots()).isEqualTo(2);
    assertThat(queue.waiting() + queue.stuck()).isZero();
    assertThat(queue.sinceLastClaim()).isNotNull();
    assertThat(queue.minutes().stream().mapToLong(WorkerReport.Minute::done).sum()).isEqualTo(1);
    assertThat(queue.minutes().stream().mapToLong(WorkerReport.Minute::retried).sum()).isEqualTo(1);
    assertThat(queue.minutes()).anyMatch(minute -> minute.medianWait() != null);
    end.countDown();
  }

  @Test
  @DisplayName("W33 W13 a worker reports which of its jobs are stuck, and where")
  void stuck() {
    CountDownLatch end = latch();
    Worker worker =
        started(
            Worker.builder(backend)
                .config(config().purgeInterval(Duration.ofMillis(100)).build())
                .handle(
                    TEXT,
                    (payload, context) -> passStubbornly(end),
                    HandlerOptions.builder()
                        .retry(patient())
                        .maxRunTime(Duration.ofMillis(100))
                        .build())
                .build(clock, Thread::new));
    enqueue("hangs");
    eventually(
        () -> {
          skipped.addAndGet(Duration.ofSeconds(10).toNanos());
          return worker.status().stuck() == 1;
        });
    skipped.addAndGet(Duration.ofSeconds(10).toNanos());

    WorkerReport report = awaitReport(found -> found.stuck() == 1);
    assertThat(report.stuckJobs())
        .singleElement()
        .satisfies(
            job -> {
              assertThat(job.queue()).isEqualTo(TEXT.queue());
              assertThat(job.jobId()).isEqualTo("hangs");
              assertThat(job.type()).isEqualTo(TEXT.name());
              assertThat(job.since()).isNotNull();
              assertThat(job.place())
                  .startsWith("thread ")
                  .contains("\n\tat ")
                  .hasSizeLessThan(601);
            });
    end.countDown();
  }

  @Test
  @DisplayName("W33 of a worker with many queues some are reported, and all are added up")
  void totals() {
    CountDownLatch end = latch();
    Worker worker = start(backend, config(), (payload, context) -> pass(end));
    for (int i = 0; i < 30; i++) {
      worker.addQueue("tenant-" + i);
    }
    client.enqueue(client.job(TEXT.in("tenant-29"), "runs", "runs").build());
    eventually(() -> worker.status().active().size() == 1);
    skipped.addAndGet(Duration.ofSeconds(10).toNanos());

    WorkerReport report = awaitReport(found -> found.active() == 1);
    assertThat(report.queues()).hasSize(20).extracting(WorkerReport.Queue::active).containsOnly(0);
    assertThat(report.allQueues()).isEqualTo(31);
    assertThat(report.waiting() + report.stuck()).isZero();
    end.countDown();
  }

  @Test
  @DisplayName("W33 a worker that has stopped is gone, and two of one name are two")
  void stop() {
    Worker one = start(backend, config(), (payload, context) -> {});
    Worker two = start(again(), config(), (payload, context) -> {});
    eventually(() -> reports().size() == 2);
    assertThat(reports()).extracting(WorkerReport::worker).containsExactly("test", "test");

    one.stop();
    assertThat(reports()).hasSize(1);
    two.stop();
    assertThat(reports()).isEmpty();
  }

  @Test
  @DisplayName("W33 a report that hangs costs nothing else, and one that fails is logged once")
  void faults() throws Exception {
    var leases = new FaultyLeases(backend.leaseStore());
    CountDownLatch end = latch();
    CountDownLatch hangs = latch();
    leases.onAcquire =
        (name, call) -> {
          hangs.countDown();
          passStubbornly(end);
          throw StoreException.notDone("no leases today", null);
        };
    Worker worker = start(with(leases), config(), (payload, context) -> {});
    pass(hangs);
    skipped.addAndGet(Duration.ofHours(1).toNanos());
    enqueue("works");
    awaitState("works", JobState.DONE);
    assertThat(worker.health().reasons()).isEmpty();

    var failures = new AtomicInteger();
    leases.onAcquire =
        (name, call) -> {
          failures.incrementAndGet();
          throw StoreException.notDone("no leases today", null);
        };
    end.countDown();
    eventually(
        () -> {
          skipped.addAndGet(Duration.ofSeconds(10).toNanos());
          return failures.get() > 2;
        });
    enqueue("still works");
    awaitState("still works", JobState.DONE);
    assertThat(worker.health().status()).isEqualTo(WorkerHealth.Status.UP);
    assertThat(Stream.of(Level.WARN, Level.ERROR).flatMap(level -> logs.at(level).stream()))
        .isEmpty();
    assertThat(logs.at(Level.INFO).stream().filter(line -> line.contains("could not report")))
        .hasSize(1);

    leases.onAcquire = (name, call) -> call.get();
    eventually(
        () -> {
          skipped.addAndGet(Duration.ofSeconds(10).toNanos());
          return reports().size() == 1;
        });
  }

  @Test
  @DisplayName("W33 a worker reports nothing if that is off, or if the store keeps no notes")
  void off() {
    var leases = new FaultyLeases(backend.leaseStore());
    var calls = new AtomicInteger();
    leases.onAcquire =
        (name, call) -> {
          calls.incrementAndGet();
          return call.get();
        };
    List<Worker> silent =
        List.of(
            start(with(leases), config().report(false), (payload, context) -> {}),
            start(with(leases, Capability.NOTES), config(), (payload, context) -> {}));
    start(with(leases), config().name("not silent"), (payload, context) -> {});
    eventually(() -> reports().size() == 1);
    eventually(() -> silent.stream().allMatch(worker -> worker.health().sinceLastClaim() != null));
    silent.forEach(Worker::stop);

    assertThat(calls).hasValue(1);
    assertThat(reports()).extracting(WorkerReport::worker).containsExactly("not silent");
  }

  @Test
  @DisplayName("W33 a report costs one call every 10 seconds, and is made anew if it was lost")
  void cost() {
    var leases = new FaultyLeases(backend.leaseStore());
    var renewals = new AtomicInteger();
    var acquisitions = new AtomicInteger();
    leases.onRenew =
        (name, call) -> {
          renewals.incrementAndGet();
          return call.get();
        };
    leases.onAcquire =
        (name, call) -> {
          acquisitions.incrementAndGet();
          return call.get();
        };
    var now = new AtomicLong();
    ReportNote note =
        new ReportNote("host", 1L, null, 0L, "UP", null, 1, 0, 0, 0, 0, 0L, null, null);
    var reporter =
        new Reporter(leases, DIRECT, Runnable::run, "é".repeat(100), () -> note, now::get);
    for (int second = 0; second < 60; second++) {
      now.set(Duration.ofSeconds(second).toNanos());
      reporter.round();
    }
    assertThat(acquisitions).hasValue(1);
    assertThat(renewals).hasValue(5);
    assertThat(reports()).extracting(WorkerReport::worker).containsExactly("é".repeat(100));

    backend
        .leaseStore()
        .release(backend.leaseStore().list("lease.worker/", null, 1).leases().get(0));
    now.set(Duration.ofMinutes(1).toNanos());
    reporter.round();
    assertThat(reports()).hasSize(1);
    reporter.stop();
    assertThat(reports()).isEmpty();
  }

  @Test
  @DisplayName("W33 a report that is under way when its worker stops leaves nothing behind")
  void lateReport() throws Exception {
    var leases = new FaultyLeases(backend.leaseStore());
    CountDownLatch asked = latch(2);
    CountDownLatch answers = latch();
    CountDownLatch over = latch(2);
    FaultyLeases.Fault<Optional<Lease>> late =
        (name, call) -> {
          asked.countDown();
          passStubbornly(answers);
          try {
            return call.get();
          } finally {
            over.countDown();
          }
        };
    leases.onAcquire = late;
    Worker acquires = start(with(leases), config().name("acquires"), (payload, context) -> {});
    eventually(() -> asked.getCount() == 1);
    leases.onAcquire = (name, call) -> call.get();
    leases.onRenew = late;
    Worker renews = start(with(leases), config().name("renews"), (payload, context) -> {});
    eventually(() -> reports().size() == 1);
    skipped.addAndGet(Duration.ofSeconds(10).toNanos());
    pass(asked);

    acquires.stop();
    renews.stop();
    answers.countDown();
    pass(over);
    eventually(() -> threadsOfWorkers().isEmpty());
    assertThat(reports()).isEmpty();
  }

  @Test
  @DisplayName("W33 reports of other versions, and what is no report, do not stop the reader")
  void others() {
    List<String> notes =
        List.of(
            "{\"host\":\"h\",\"new\":[1],\"status\":\"BETTER\",\"queues\":[{\"name\":\"q\",\"x\":1}]}",
            "{\"queues\":[null,{\"minutes\":[[],[1],[1,2,3,4,5],null]}],\"reasons\":[null,\"r\"],"
                + "\"stuckJobs\":[null,{\"id\":\"i\",\"x\":1}]}",
            "{\"pid\":\"no number\"}",
            "null",
            "[]",
            "",
            "no JSON");
    for (int i = 0; i < notes.size(); i++) {
      backend.leaseStore().acquire("lease.worker/" + i, "w" + i, FAR, notes.get(i));
    }
    backend.leaseStore().acquire("lease.worker/x", "none", FAR);
    backend.leaseStore().acquire("lease.workers", "other", FAR);

    List<WorkerReport> reports = reports();
    assertThat(reports.stream().map(WorkerReport::worker).collect(joining(" ")))
        .isEqualTo("w0 w1 w2 w3 w4 w5 w6 none");
    assertThat(reports).allSatisfy(report -> assertThat(report.queues()).isNotNull());
    assertThat(reports.get(0).host()).isEqualTo("h");
    assertThat(reports.get(0).status()).isNull();
    assertThat(reports.get(0).queues().get(0).name()).isEqualTo("q");
    assertThat(reports.get(1).reasons()).containsExactly("r");
    assertThat(reports.get(1).stuckJobs())
        .extracting(WorkerReport.StuckJob::jobId, WorkerReport.StuckJob::place)
        .containsExactly(tuple("i", ""));
    assertThat(reports.get(1).queues().get(0).minutes())
        .extracting(WorkerReport.Minute::done)
        .containsExactly(0L, 1L, 1L);
    assertThat(reports.subList(2, 8)).extracting(WorkerReport::host).containsOnlyNulls();
  }
}
