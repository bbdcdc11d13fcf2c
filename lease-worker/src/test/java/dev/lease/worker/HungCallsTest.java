package dev.lease.worker;

import static dev.lease.worker.HangCell.A;
import static dev.lease.worker.HangCell.B;
import static dev.lease.worker.HangCell.comes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobState;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Single calls that do not return, and stores that are dead, beside {@link HangMatrixTest}. */
@Execution(ExecutionMode.CONCURRENT)
class HungCallsTest {

  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration LONGEST_CALL = LEASE.dividedBy(6);
  private static final int MOST = 20;

  private final InMemoryBackend real = new InMemoryBackend(InstantSource.system());
  private final JobClient client = JobClient.of(real);
  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private HangingCalls calls = new HangingCalls(real, LONGEST_CALL, LEASE);

  @AfterEach
  void close() throws Exception {
    end.countDown();
    calls.close();
    for (AutoCloseable resource : open) {
      resource.close();
    }
    real.close();
  }

  private static WorkerConfig.Builder config(String name) {
    return WorkerConfig.builder()
        .name(name)
        .concurrency(12)
        .leaseDuration(LEASE)
        .pollInterval(Duration.ofMillis(50))
        .maxBackoff(Duration.ofMillis(200))
        .stopGrace(LEASE);
  }

  /** Returns at once, but for jobs with the payload "long". */
  private void handle(String payload, JobContext context) throws InterruptedException {
    runs.computeIfAbsent(context.queue() + " " + context.jobId(), id -> new AtomicInteger())
        .incrementAndGet();
    if (payload.equals("long")) {
      end.await();
    }
  }

  private Worker start(WorkerConfig.Builder config, List<JobType<String>> types) {
    Worker.Builder builder = HangCell.builder(calls).config(config.build());
    types.forEach(type -> builder.handle(type, this::handle));
    Worker worker = builder.build();
    open.add(worker);
    worker.start();
    return worker;
  }

  private void enqueue(JobType<String> type, String payload, int from, int to) {
    client.enqueue(
        IntStream.range(from, to)
            .mapToObj(i -> client.job(type, payload + i, payload).build())
            .toList());
  }

  private long done(JobType<String> type) {
    return real.jobAdmin().counts().queues().stream()
        .filter(counts -> counts.queue().equals(type.queue()))
        .mapToLong(counts -> counts.count(JobState.DONE))
        .sum();
  }

  private void pass(int leases) throws Exception {
    Instant after = Instant.now().plus(LEASE.multipliedBy(leases));
    assertThat(comes(() -> Instant.now().isAfter(after))).isTrue();
  }

  private void assertEachRanOnce() {
    assertThat(runs.values()).allSatisfy(times -> assertThat(times).hasValue(1));
  }

  @Test
  @DisplayName("W24 an extension that never returns costs none of its jobs the lease")
  void extension() throws Exception {
    jobsOutlive("extension", Fault.NEVER);
  }

  /** One extension hangs, and jobs that run for two leases are none the worse for it. */
  private void jobsOutlive(String worker, Fault fault) throws Exception {
    enqueue(A, "long", 0, 4);
    calls.begin(Call.EXTEND, A.queue(), fault);
    start(config(worker), List.of(A, B));
    assertThat(comes(() -> calls.caught() > 0)).isTrue();
    calls.end();

    pass(2);
    end.countDown();
    assertThat(comes(() -> done(A) == 4)).isTrue();
    assertEachRanOnce();
  }

  @Tag("slow")
  @Test
  @DisplayName(
      "W24 W29 no job begins while extensions wait, since some of its queue never returned")
  void extensionsThatWait() throws Exception {
    enqueue(A, "long", 0, 1);
    calls.begin(Call.EXTEND, A.queue(), Fault.NEVER);
    start(config("extensions-that-wait"), List.of(A, B));
    pass(9);
    assertThat(calls.caught()).isPositive();
    int attempts = real.jobQueue().find(A.queue(), "long0").orElseThrow().attempts();
    assertThat(attempts)
        .as("attempts, each with an extension that was made")
        .isLessThanOrEqualTo(calls.caught() + 1);
    enqueue(B, "quick", 0, 1);
    assertThat(comes(() -> done(B) == 1)).isTrue();
  }

  @Test
  @DisplayName("W24 an extension that lasts as long as the store allows, but longer than a lease")
  void longExtension() throws Exception {
    calls = new HangingCalls(real, LEASE.multipliedBy(3), LEASE);
    jobsOutlive("long-extension", Fault.FAIL);
  }

  @Test
  @DisplayName("W23 a settlement that never returns stops nothing, and is made again")
  void settlement() throws Exception {
    start(config("settlement"), List.of(A, B));
    calls.begin(EnumSet.of(Call.SETTLE, Call.SETTLE_AND_CLAIM), A.queue()::equals, Fault.NEVER);
    enqueue(A, "quick", 0, 1);
    assertThat(comes(() -> calls.caught() > 0)).isTrue();
    calls.end();

    enqueue(A, "quick", 1, 50);
    enqueue(B, "quick", 0, 50);
    assertThat(comes(() -> done(A) == 50 && done(B) == 50)).isTrue();
    assertEachRanOnce();
  }

  @Test
  @DisplayName("W23 a claim that never returns costs the other queue nothing, and its own little")
  void claim() throws Exception {
    calls.begin(Call.CLAIM, A.queue(), Fault.NEVER);
    start(config("claim"), List.of(A, B));
    assertThat(comes(() -> calls.caught() > 0)).isTrue();
    calls.end();

    enqueue(A, "quick", 0, 50);
    enqueue(B, "quick", 0, 50);
    assertThat(comes(() -> done(A) == 50 && done(B) == 50)).isTrue();
    assertEachRanOnce();
  }

  @Test
  @DisplayName(
      "W23 a queue that does not answer costs neither a slow queue nor a well one anything")
  void twoBadQueues() throws Exception {
    JobType<String> slow = A.in("slow");
    calls.begin(EnumSet.of(Call.CLAIM, Call.SETTLE_AND_CLAIM), A.queue()::equals, Fault.NEVER);
    var tenth = new HangingCalls(calls, LONGEST_CALL, LEASE);
    open.add(tenth);
    tenth.begin(EnumSet.of(Call.CLAIM, Call.SETTLE_AND_CLAIM), slow.queue()::equals, Fault.TENTH);
    Worker worker =
        HangCell.builder(tenth)
            .config(config("two-bad").build())
            .handle(A, this::handle)
            .handle(slow, this::handle)
            .handle(B, this::handle)
            .build();
    open.add(worker);
    worker.start();
    assertThat(comes(() -> calls.caught() > 0 && tenth.caught() > 0)).isTrue();

    enqueue(slow, "quick", 0, 200);
    enqueue(B, "quick", 0, 200);
    assertThat(comes(() -> done(slow) == 200 && done(B) == 200)).isTrue();
    assertEachRanOnce();
  }

  @Test
  @DisplayName("W23 W24 a queue whose calls never return takes no room from another, however many")
  void manyCalls() throws Exception {
    calls = new HangingCalls(real, LEASE.dividedBy(30), LEASE);
    enqueue(A, "long", 0, 1);
    enqueue(B, "long", 0, 1);
    Worker worker = start(config("many"), List.of(A, B));
    assertThat(comes(() -> runs.size() == 2)).isTrue();
    calls.begin(
        EnumSet.of(Call.CLAIM, Call.SETTLE, Call.SETTLE_AND_CLAIM, Call.EXTEND, Call.PROGRESS),
        A.queue()::equals,
        Fault.NEVER);
    enqueue(A, "quick", 0, 20);

    pass(2);
    enqueue(B, "quick", 0, 50);
    assertThat(comes(() -> done(B) == 50)).isTrue();
    assertThat(worker.health().isLive()).isTrue();
    calls.end();
    end.countDown();
    assertThat(comes(() -> done(A) == 21 && done(B) == 51)).isTrue();
    assertThat(runs.get(B.queue() + " long0")).hasValue(1);
  }

  @Test
  @DisplayName(
      "W23 jobs that an operator deletes cost others no lease, however slowly they are read")
  void deletedJobs() throws Exception {
    JobType<String> deleted = A.withMaxCrashes(1);
    enqueue(deleted, "long", 0, 900);
    enqueue(deleted, "long", 900, 1_300);
    start(config("deleted").concurrency(1_300), List.of(deleted));
    assertThat(comes(() -> runs.size() == 1_300)).isTrue();

    calls.begin(Call.FIND, A.queue(), Fault.TENTH);
    IntStream.range(0, 900).forEach(i -> real.jobAdmin().delete(A.queue(), "long" + i));
    pass(2);
    end.countDown();
    assertThat(comes(() -> done(A) == 400)).isTrue();
    assertEachRanOnce();
  }

  @Test
  @DisplayName("nobody who asks for health or status waits for a store that does not answer")
  void healthDuringStart() throws Exception {
    calls.begin(Call.ON_WORK, A.queue(), Fault.NEVER);
    Worker worker =
        HangCell.builder(calls).config(config("start").build()).handle(A, this::handle).build();
    open.add(worker);
    var starter = new Thread(worker::start, "test-background");
    starter.start();
    assertThat(comes(() -> calls.caught() > 0)).isTrue();

    var health = new AtomicReference<WorkerHealth>();
    var probe =
        new Thread(
            () -> {
              WorkerStatus unused = worker.status();
              health.set(worker.health());
            },
            "test-background");
    probe.start();
    assertThat(comes(() -> health.get() != null)).isTrue();
    assertThat(health.get().isLive()).isTrue();
    calls.close();
    starter.join();
  }

  @Test
  @DisplayName("W23 a dead store with 1,000 queues has few calls and threads of a worker")
  void deadStore() throws Exception {
    List<JobType<String>> types =
        IntStream.range(0, 1_000).mapToObj(i -> A.in("queue" + i)).toList();
    types.subList(0, 50).forEach(type -> enqueue(type, "long", 0, 1));
    Worker worker = start(config("dead").concurrency(50), types);
    assertThat(comes(() -> runs.size() == 50)).isTrue();

    List<List<String>> threads = new ArrayList<>();
    calls.begin(EnumSet.allOf(Call.class), queue -> true, Fault.FAIL);
    end.countDown();
    assertThat(
            comes(
                () -> {
                  threads.add(threadsOfCalls("dead"));
                  return calls.caught() > 5 * MOST;
                }))
        .isTrue();
    assertThat(threads).as("threads").allSatisfy(own -> assertThat(own).hasSizeLessThan(MOST));
    assertThat(calls.mostUnderWay()).as("calls at once").isLessThan(MOST);
    assertThat(worker.health().isLive()).isTrue();

    calls.end();
    assertThat(comes(() -> types.subList(0, 50).stream().allMatch(type -> done(type) == 1)))
        .isTrue();
  }

  /** The threads of a worker for calls to the store. */
  private static List<String> threadsOfCalls(String worker) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("lease-worker-" + worker + "-call-"))
        .toList();
  }

  @Test
  @DisplayName("a lease that was granted too late is given back")
  void lateGrant() throws Exception {
    Leases leases =
        HangLeaseCell.builder(calls).owner("one").leaseDuration(Duration.ofHours(1)).build();
    open.add(leases);
    calls.begin(Call.ACQUIRE, A.queue(), Fault.LATE);
    var asker =
        new Thread(
            () -> {
              try {
                leases.tryAcquire(A.queue()).ifPresent(HeldLease::close);
              } catch (StoreException e) {
                // It was given up.
              }
            },
            "test-background");
    asker.start();
    assertThat(comes(() -> real.leaseStore().find(A.queue()).isPresent())).isTrue();

    pass(1);
    calls.othersAreThrough();
    assertThat(comes(() -> real.leaseStore().find(A.queue()).isEmpty())).isTrue();
    asker.join();
  }
}
