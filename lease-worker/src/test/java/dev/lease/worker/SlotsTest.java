package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The slots alone, with a clock that the test moves and handlers that it ends. */
class SlotsTest {

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicLong now = new AtomicLong();
  private final LocalClock clock = new LocalClock(now::get, () -> 0);
  private final HeldJobs held = new HeldJobs(clock, LEASE, WorkerFixture.NO_EVENTS);
  private final BlockingQueue<HeldJob> started = new LinkedBlockingQueue<>();
  private final BlockingQueue<CountDownLatch> ends = new LinkedBlockingQueue<>();
  private final Map<String, Integer> unsettled = new ConcurrentHashMap<>();
  private final Semaphore freed = new Semaphore(0);
  private final List<ExecutorService> executors = new ArrayList<>();
  private final WorkerConfig config = WorkerConfig.builder().build();
  private int ids;

  private Slots slots(int concurrency, int lookAhead) {
    return slots(concurrency, lookAhead, Limits.DEFAULT_CLAIM_BYTES);
  }

  private Slots slots(int concurrency, int lookAhead, int bytes) {
    return slots(
        concurrency, lookAhead, bytes, HandlerThreads.of(false, "test-handler-", concurrency));
  }

  private Slots slots(int concurrency, int lookAhead, int bytes, ExecutorService threads) {
    executors.add(threads);
    return new Slots(
        concurrency,
        new LookAhead(lookAhead, bytes, LookAhead.longestWait(LEASE)),
        threads,
        this::runUntilEnded,
        clock.nanos(),
        freed::release,
        name ->
            name == null
                ? unsettled.values().stream().mapToInt(count -> count).sum()
                : unsettled.getOrDefault(name, 0));
  }

  private void runUntilEnded(HeldJob job) {
    var end = new CountDownLatch(1);
    ends.add(end);
    job.begin(null);
    started.add(job);
    try {
      end.await();
    } catch (InterruptedException e) {
      // Ends.
    }
    job.end(null);
  }

  private PolledQueue queue(String name, int limit) {
    return new PolledQueue(name, limit, 1, config);
  }

  private HeldJob job(PolledQueue queue, int attempt, int priority) {
    return job(queue, attempt, priority, "");
  }

  private HeldJob job(PolledQueue queue, int attempt, int priority, String payload) {
    return job(queue, attempt, 3, priority, payload);
  }

  /** A job that becomes FAILED if this attempt crashes. */
  private HeldJob once(PolledQueue queue) {
    return job(queue, 1, 1, 0, "");
  }

  private HeldJob crashed(PolledQueue queue) {
    return job(queue, 2, 0);
  }

  private HeldJob job(
      PolledQueue queue, int attempt, int maxCrashes, int priority, String payload) {
    String id = "job" + ids++;
    var lease = JobLease.of(queue.name(), id, "w", 1, Instant.EPOCH);
    return held.add(
        ClaimedJob.builder(lease, "t", payload)
            .attempt(attempt)
            .maxCrashes(maxCrashes)
            .priority(priority)
            .dueAt(Instant.EPOCH)
            .claimedAt(Instant.EPOCH)
            .build(),
        held.deadline());
  }

  private HeldJob keyed(PolledQueue queue) {
    String id = "job" + ids++;
    var lease = JobLease.of(queue.name(), id, "w", 1, Instant.EPOCH);
    return held.add(
        ClaimedJob.builder(lease, "t", "")
            .attempt(1)
            .maxCrashes(3)
            .priority(0)
            .dueAt(Instant.EPOCH)
            .claimedAt(Instant.EPOCH)
            .key("key of " + id)
            .build(),
        held.deadline());
  }

  private List<HeldJob> fresh(PolledQueue queue, int count) {
    List<HeldJob> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      jobs.add(job(queue, 1, 0));
    }
    return jobs;
  }

  /** Runs a job in each slot for that long, so that it is known how long those of the queue run. */
  private void runSome(Slots slots, PolledQueue queue, int count, long nanos) throws Exception {
    for (int i = 0; i < count; i++) {
      freed.drainPermits();
      assertThat(slots.accept(queue, fresh(queue, 1))).isEmpty();
      started.take();
      now.addAndGet(nanos);
      ends.take().countDown();
      freed.acquire();
    }
  }

  @AfterEach
  void end() throws Exception {
    for (ExecutorService threads : executors) {
      threads.shutdownNow();
      while (!threads.awaitTermination(10, TimeUnit.MILLISECONDS)) {
        ends.forEach(CountDownLatch::countDown);
      }
    }
  }

  @Test
  @DisplayName("W06 nothing is claimed ahead while it is unknown how long the jobs of a queue run")
  void unknown() {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    assertThat(slots.room(queue)).isEqualTo(4);
    slots.accept(queue, fresh(queue, 4));
    assertThat(slots.room(queue)).isZero();
  }

  @Test
  @DisplayName(
      "W06 what is claimed ahead of short jobs is what two trips take, at most the setting")
  void followsTripAndRunTime() throws Exception {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    slots.tripTook(20 * MILLI);
    runSome(slots, queue, 5, 2 * MILLI);
    assertThat(slots.room(queue)).as("4 slots x (2 x 20 + 2) ms / 2 ms").isEqualTo(84);

    Slots few = slots(4, 10);
    few.tripTook(20 * MILLI);
    assertThat(few.room(queue)).as("what runs and what waits").isEqualTo(14);
    assertThat(slots(4, 0).room(queue)).isEqualTo(4);
  }

  @Test
  @DisplayName("W06 a slot that ends during a trip has its next job, where jobs outlast trips too")
  void jobsThatOutlastTrips() throws Exception {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    slots.tripTook(5 * MILLI);
    runSome(slots, queue, 5, 20 * MILLI);
    slots.accept(queue, fresh(queue, 4));
    assertThat(slots.room(queue)).as("4 slots x 2 x 5 ms / 20 ms").isEqualTo(2);
    now.addAndGet(30 * MILLI);
    assertThat(slots.room(queue)).as("they run on").isZero();
  }

  @Test
  @DisplayName(
      "W06 nothing is claimed ahead of jobs of more than 100 ms, also where trips are slow")
  void longJobs() throws Exception {
    Slots slots = slots(2, 1_000);
    PolledQueue queue = queue("q", 2);
    slots.tripTook(900 * MILLI);
    runSome(slots, queue, 5, 101 * MILLI);
    assertThat(slots.room(queue)).isEqualTo(2);
    slots.accept(queue, fresh(queue, 2));
    assertThat(slots.room(queue)).isZero();
  }

  @Test
  @DisplayName(
      "W06 a handler that runs on takes its slot, whatever its like do: nothing is claimed")
  void hungHandler() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    slots.tripTook(10 * MILLI);
    runSome(slots, queue, 5, MILLI);
    assertThat(slots.room(queue)).isEqualTo(21);
    slots.accept(queue, fresh(queue, 3));
    now.addAndGet(20 * MILLI);
    assertThat(slots.room(queue)).isZero();
  }

  @Test
  @DisplayName(
      "W06 W30 while a slow claim is under way, no more is claimed of jobs that take no time")
  void slowClaim() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    slots.tripTook(250 * MILLI);
    runSome(slots, queue, 5, 0);
    assertThat(slots.room(queue)).isEqualTo(1_000);
    for (int asked = 1; asked <= 20; asked++) {
      queue.asked(1);
      assertThat(slots.room(queue)).as("%s asked for", asked).isZero();
    }
  }

  @Test
  @DisplayName("W06 what has waited for a second, or a sixth of the lease, goes back")
  void stranded() {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    List<HeldJob> jobs = fresh(queue, 3);
    slots.accept(queue, jobs);
    assertThat(slots.waiting()).isEqualTo(2);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
    assertThat(slots.stranded()).isEmpty();
    now.addAndGet(1);
    assertThat(slots.stranded()).containsExactlyInAnyOrder(jobs.get(1), jobs.get(2));
    assertThat(slots.waiting()).isZero();
    assertThat(LookAhead.longestWait(Duration.ofMillis(600))).hasMillis(100);
  }

  @Test
  @DisplayName("W36 what has a key goes back when it has waited for longer than two claims take")
  void strandedWithKey() {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    assertThat(slots.nanosToStrand()).isEqualTo(Long.MAX_VALUE);
    HeldJob keyed = keyed(queue);
    HeldJob other = job(queue, 1, 0);
    slots.accept(queue, fresh(queue, 1));
    slots.accept(queue, List.of(keyed, other));
    assertThat(slots.nanosToStrand())
        .as("a pause of the machine does no harm")
        .isEqualTo(100 * MILLI);
    slots.tripTook(200 * MILLI);
    now.addAndGet(400 * MILLI - 1);
    assertThat(slots.stranded()).isEmpty();
    assertThat(slots.nanosToStrand()).isEqualTo(1);
    now.addAndGet(1);
    assertThat(slots.nanosToStrand()).isZero();
    assertThat(slots.stranded()).containsExactly(keyed);
    assertThat(slots.nanosToStrand()).isEqualTo(Long.MAX_VALUE);
    assertThat(slots.waiting()).as("the other one may wait for longer").isEqualTo(1);
  }

  @Test
  @DisplayName("W36 of the same priority, what has a key starts first, also if it comes later")
  void keyedFirst() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    HeldJob first = job(queue, 1, 0);
    HeldJob urgent = job(queue, 1, 9);
    HeldJob other = job(queue, 1, 0);
    HeldJob keyed = keyed(queue);
    slots.accept(queue, List.of(first));
    slots.accept(queue, List.of(other, urgent));
    slots.accept(queue, List.of(keyed));
    for (HeldJob expected : List.of(first, urgent, keyed, other)) {
      assertThat(started.take()).isSameAs(expected);
      ends.take().countDown();
    }
  }

  @Test
  @DisplayName("W36 a claim brings no more jobs with keys than the slots start before the next one")
  void claimsWithKeys() throws Exception {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    slots.tripTook(20 * MILLI);
    runSome(slots, queue, 5, 2 * MILLI);
    assertThat(slots.room(queue)).as("without keys: for two calls").isEqualTo(84);
    runOne(slots, queue, keyed(queue));
    assertThat(slots.room(queue)).as("4 slots x (1 + 20 ms / 2 ms)").isEqualTo(44);
    List<HeldJob> all = Stream.generate(() -> keyed(queue)).limit(44).toList();
    assertThat(slots.accept(queue, all)).isEmpty();
    assertThat(slots.room(queue)).as("what is in hand lasts for one call").isEqualTo(40);
  }

  @Test
  @DisplayName("W36 where jobs outlast calls, a job with a key is claimed when a slot is soon free")
  void claimsWithKeysForSlotsThatAreSoonFree() throws Exception {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    slots.tripTook(5 * MILLI);
    runSome(slots, queue, 5, 20 * MILLI);
    slots.accept(queue, Stream.generate(() -> keyed(queue)).limit(4).toList());
    assertThat(slots.room(queue)).as("each slot is busy for 20 ms").isZero();
    now.addAndGet(9 * MILLI);
    assertThat(slots.room(queue)).isZero();
    now.addAndGet(MILLI);
    assertThat(slots.room(queue)).as("and now for 10 ms: for two calls").isPositive();
  }

  @Test
  @DisplayName("W13 W06 when the last slot is stuck, what waits goes back, as does what comes")
  void allStuck() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    slots.accept(queue, fresh(queue, 2));
    assertThat(started.take().giveUp()).isPresent();
    assertThat(slots.stranded()).hasSize(1);
    assertThat(slots.room(queue)).isZero();
    assertThat(slots.accept(queue, fresh(queue, 1))).hasSize(1);
  }

  @Test
  @DisplayName("W06 what waits is taken by priority, and in the order of its claims")
  void priority() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    HeldJob first = job(queue, 1, 0);
    HeldJob low = job(queue, 1, 0);
    HeldJob later = job(queue, 1, 5);
    HeldJob laterStill = job(queue, 1, 5);
    HeldJob high = job(queue, 1, 9);
    slots.accept(queue, List.of(first));
    slots.accept(queue, List.of(low, later, laterStill, high));
    for (HeldJob expected : List.of(first, high, later, laterStill, low)) {
      assertThat(started.take()).isSameAs(expected);
      ends.take().countDown();
    }
  }

  @Test
  @DisplayName(
      "W06 within a claim the higher priority starts first, also before a job that crashed")
  void priorityWithinClaim() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    HeldJob crashed = job(queue, 2, 0);
    HeldJob urgent = job(queue, 1, 9);
    assertThat(slots.accept(queue, List.of(crashed, urgent))).containsExactly(crashed);
    assertThat(started.take()).isSameAs(urgent);
  }

  @Test
  @DisplayName("W06 of the same priority, what may not wait starts first")
  void crashedFirst() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    HeldJob fresh = job(queue, 1, 5);
    HeldJob crashed = job(queue, 2, 5);
    assertThat(slots.accept(queue, List.of(fresh, crashed))).isEmpty();
    assertThat(started.take()).isSameAs(crashed);
  }

  @Test
  @DisplayName("W06 of fragile jobs half as many wait as the worker has run; others go back")
  void waitsOnTrust() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    runSome(slots, queue, 5, MILLI);
    List<HeldJob> jobs = List.of(once(queue), once(queue), once(queue), once(queue));
    assertThat(slots.accept(queue, jobs)).as("one runs, two wait").containsExactly(jobs.get(3));
    assertThat(slots.accept(queue, fresh(queue, 50))).as("any number of others waits").isEmpty();
    HeldJob another = once(queue);
    assertThat(slots.accept(queue, List.of(another))).containsExactly(another);
  }

  @Test
  @DisplayName(
      "W06 as many jobs are claimed as may wait, if as many are fragile as in the last claim")
  void claimsOnTrust() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    slots.tripTook(20 * MILLI);
    runSome(slots, queue, 10, MILLI);
    assertThat(slots.accept(queue, List.of(once(queue)))).as("it runs").isEmpty();
    assertThat(slots.room(queue)).as("five may wait").isEqualTo(5);
    List<HeldJob> oneInFour = new ArrayList<>(fresh(queue, 3));
    oneInFour.add(once(queue));
    assertThat(slots.accept(queue, oneInFour)).isEmpty();
    assertThat(slots.room(queue)).as("four more may wait, of 16").isEqualTo(16);
    assertThat(slots.accept(queue, fresh(queue, 1))).isEmpty();
    assertThat(slots.room(queue)).as("what two trips take").isEqualTo(41 - 6);
  }

  @Test
  @DisplayName("W06 a job that has crashed takes the trust away: what waits on it goes back")
  void crashTakesTrust() throws Exception {
    Slots slots = slots(2, 1_000);
    PolledQueue queue = queue("q", 1);
    PolledQueue other = queue("other", 2);
    runSome(slots, queue, 400, MILLI);
    HeldJob first = once(queue);
    HeldJob fresh = job(queue, 1, 5);
    HeldJob crashed = crashed(queue);
    assertThat(slots.accept(queue, List.of(first))).as("it has a slot").isEmpty();
    assertThat(started.take()).isSameAs(first);
    CountDownLatch endOfFirst = ends.take();
    assertThat(slots.accept(queue, List.of(once(queue), fresh, crashed)))
        .as("a crash: no fragile job waits beside the first")
        .hasSize(2)
        .contains(crashed);
    runSome(slots, other, 2, MILLI);
    HeldJob waits = once(queue);
    assertThat(slots.accept(queue, List.of(waits))).as("one waits, since two have run").isEmpty();

    now.addAndGet(LookAhead.longestWait(LEASE).toNanos());
    HeldJob poison = crashed(other);
    assertThat(slots.accept(other, List.of(poison))).as("another crash").containsExactly(waits);
    assertThat(started.take()).isSameAs(poison);
    endOfFirst.countDown();
    assertThat(started.take()).as("what is not fragile has waited").isSameAs(fresh);
  }

  @Test
  @DisplayName(
      "W06 after any number of jobs, no more fragile ones wait than are ever claimed ahead")
  void mostTrust() {
    var trust = new Trust(1);
    HeldJob job = once(queue("q", 2));
    for (int i = 0; i < 10 * Limits.MAX_BATCH; i++) {
      trust.ran(job);
    }
    assertThat(trust.most()).isEqualTo(Limits.MAX_BATCH);
  }

  @Test
  @DisplayName("W06 beside a job that crashed before, only such jobs earn trust")
  void besideSuspect() throws Exception {
    Slots slots = slots(2, 1_000);
    PolledQueue queue = queue("q", 2);
    assertThat(slots.accept(queue, List.of(crashed(queue)))).isEmpty();
    CountDownLatch suspect = ends.take();
    started.take();
    runSome(slots, queue, 400, MILLI);
    assertThat(slots.accept(queue, List.of(once(queue)))).as("it has a slot").isEmpty();
    HeldJob next = once(queue);
    assertThat(slots.accept(queue, List.of(next))).containsExactly(next);
    freed.drainPermits();
    suspect.countDown();
    freed.acquire();
    assertThat(slots.accept(queue, List.of(next))).as("it takes the slot").isEmpty();
    HeldJob last = once(queue);
    assertThat(slots.accept(queue, List.of(last))).as("one has run").containsExactly(last);
  }

  @Test
  @DisplayName("W06 the jobs of one crash take the trust away once; those of another do it again")
  void oneCrash() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    for (int i = 0; i < 4; i++) {
      runOne(slots, queue, crashed(queue));
    }
    runOne(slots, queue, once(queue));
    assertThat(slots.accept(queue, List.of(once(queue), once(queue), once(queue))))
        .as("two wait, since five have run")
        .isEmpty();
    for (int i = 0; i < 3; i++) {
      started.take();
      ends.take().countDown();
    }
    WorkerFixture.eventually(() -> slots.running().isEmpty());
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    List<HeldJob> later = List.of(crashed(queue), crashed(queue));
    assertThat(slots.accept(queue, later)).containsExactly(later.get(1));
  }

  @Test
  @DisplayName("W06 jobs that a claim has finished, since they crashed, take the trust away too")
  void finishedByClaim() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    runSome(slots, queue, 8, MILLI);
    slots.sawCrash();
    List<HeldJob> jobs = List.of(once(queue), once(queue));
    assertThat(slots.accept(queue, jobs)).containsExactly(jobs.get(1));
  }

  private void runOne(Slots slots, PolledQueue queue, HeldJob job) throws Exception {
    freed.drainPermits();
    assertThat(slots.accept(queue, List.of(job))).isEmpty();
    started.take();
    ends.take().countDown();
    freed.acquire();
  }

  @ParameterizedTest(name = "{0} of 100, which are {1}")
  @CsvSource({
    "1, CRASHED",
    "5, CRASHED",
    "20, CRASHED",
    "100, CRASHED",
    "1, LAST",
    "100, LAST",
    "1, KEYED",
    "50, KEYED",
    "100, KEYED"
  })
  @DisplayName(
      "W06 W36 where none crashes, fragile and keyed jobs run at 80 % of the rate of others")
  void rate(int percent, Kind kind) throws Exception {
    int millis = millisFor(percent, kind);
    int others = millisFor(0, kind);
    assertThat(others).as("80 %%").isGreaterThanOrEqualTo(millis * 4 / 5);
    if (percent == 1) {
      assertThat(millis).as("one in a hundred costs less than a call").isLessThan(others + 5);
    }
  }

  /** What some jobs are that others are not. */
  private enum Kind {
    CRASHED,
    LAST,
    KEYED
  }

  private HeldJob job(PolledQueue queue, Kind kind) {
    return switch (kind) {
      case CRASHED -> crashed(queue);
      case LAST -> once(queue);
      case KEYED -> keyed(queue);
    };
  }

  /** How long 8 slots take for jobs of 1 ms if a claim takes 5 ms, by the clock of the test. */
  private int millisFor(int percent, Kind kind) throws Exception {
    Slots slots = slots(8, 1_000);
    slots.tripTook(5 * MILLI);
    PolledQueue queue = queue("q", 8);
    List<HeldJob> jobs = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      boolean isOne = i * percent / 100 < (i + 1) * percent / 100;
      jobs.addAll(isOne ? List.of(job(queue, kind)) : fresh(queue, 1));
    }
    var places = new IdentityHashMap<HeldJob, Integer>();
    jobs.forEach(job -> places.put(job, places.size()));
    var claimable = new PriorityQueue<HeldJob>(Comparator.comparing(places::get));
    claimable.addAll(jobs);
    int millis = 0;
    int asked = 0;
    int answerAt = 0;
    while (!claimable.isEmpty() || !slots.running().isEmpty()) {
      if (asked == 0 && slots.room(queue) > 0) {
        asked = slots.room(queue);
        queue.asked(asked);
        answerAt = millis + 5;
      }
      millis++;
      now.addAndGet(MILLI);
      endAll(slots);
      if (asked > 0 && millis == answerAt) {
        queue.returned(asked);
        List<HeldJob> claim =
            Stream.generate(claimable::poll).limit(Math.min(asked, claimable.size())).toList();
        asked = 0;
        claimable.addAll(slots.accept(queue, claim));
      }
    }
    return millis;
  }

  private void endAll(Slots slots) throws Exception {
    int running = slots.running().size();
    freed.drainPermits();
    for (int i = 0; i < running; i++) {
      started.take();
      ends.take().countDown();
    }
    // Thousands of times: a thread that polls costs more than the test.
    freed.acquire(running);
    assertThat(freed.availablePermits()).isZero();
  }

  @Test
  @DisplayName("W23 jobs that cannot be settled take slots of their queue, and of no other")
  void unsettled() throws Exception {
    Slots slots = slots(4, 1_000);
    PolledQueue queue = queue("q", 4);
    PolledQueue limited = queue("limited", 2);
    PolledQueue other = queue("other", 4);
    unsettled.put("q", 3);
    unsettled.put("limited", 1);
    assertThat(slots.room(queue)).isEqualTo(1);
    assertThat(slots.room(limited)).isEqualTo(1);
    assertThat(slots.room(other)).isEqualTo(4);
    unsettled.put("q", 9);
    assertThat(slots.room(queue)).isZero();
    assertThat(slots.room(other)).isEqualTo(4);

    slots.tripTook(20 * MILLI);
    runSome(slots, other, 5, 2 * MILLI);
    runSome(slots, queue, 5, 2 * MILLI);
    assertThat(slots.room(other)).as("4 slots x (2 x 20 + 2) ms / 2 ms").isEqualTo(84);
    assertThat(slots.room(queue)).isZero();
  }

  @Test
  @DisplayName("W23 the turn waits for a queue only while that would get the next free slot")
  void waitsForFreeSlot() throws Exception {
    Slots slots = slots(2, 0);
    PolledQueue limited = queue("limited", 1);
    PolledQueue other = queue("other", 2);
    var rotation = new QueueRotation(List.of(limited, other), Duration.ofHours(1));
    unsettled.put("limited", 1);
    QueueRotation.Turn turn =
        Objects.requireNonNull(rotation.next(slots, name -> true, null, null));
    assertThat(turn.queue()).isSameAs(other);

    slots.accept(other, fresh(other, 2));
    assertThat(slots.waitsForFreeSlot(limited)).as("its slot is taken for longer").isFalse();
    unsettled.clear();
    assertThat(slots.waitsForFreeSlot(limited)).isTrue();
    assertThat(slots.waitsForFreeSlot(other)).as("it has its slots").isFalse();
    started.take();
    ends.take().countDown();
    freed.acquire();
    assertThat(slots.waitsForFreeSlot(limited)).as("there is one").isFalse();
  }

  @Test
  @DisplayName("a job that leaves its slot to one that waits tells of the room that it leaves")
  void tellsOfRoom() throws Exception {
    Slots slots = slots(1, 1_000);
    PolledQueue queue = queue("q", 1);
    assertThat(slots.accept(queue, fresh(queue, 2))).isEmpty();
    freed.drainPermits();
    started.take();
    ends.take().countDown();
    started.take();

    freed.acquire();
  }

  @Test
  @DisplayName("W23 a hint for one queue takes no slot from another that waits for one")
  void waitsThoughOtherIsHinted() throws Exception {
    Slots slots = slots(2, 1_000);
    PolledQueue waiting = queue("waiting", 2);
    PolledQueue other = queue("other", 2);
    var rotation = new QueueRotation(List.of(waiting, other), Duration.ofHours(1));
    slots.tripTook(20 * MILLI);
    runSome(slots, other, 5, 2 * MILLI);
    for (PolledQueue queue : List.of(waiting, other)) {
      QueueRotation.Turn turn =
          Objects.requireNonNull(rotation.next(slots, name -> true, null, null));
      assertThat(turn.queue()).isSameAs(queue);
    }

    slots.accept(other, fresh(other, 2));
    other.hinted();
    assertThat(slots.room(other)).as("ahead").isPositive();
    assertThat(slots.waitsForFreeSlot(waiting)).isTrue();
    assertThat(rotation.next(slots, name -> true, null, null)).isNull();
    assertThat(rotation.next(slots, name -> true, null, null)).isNull();
  }

  @Test
  @DisplayName("Q11 W06 nothing more is claimed ahead when the payloads that wait are large enough")
  void bytes() throws Exception {
    Slots slots = slots(1, 1_000, 10);
    PolledQueue queue = queue("q", 1);
    slots.tripTook(20 * MILLI);
    runSome(slots, queue, 5, MILLI);
    assertThat(slots.bytesToClaim()).isEqualTo(10);
    assertThat(slots.room(queue)).isEqualTo(41);
    slots.accept(queue, List.of(job(queue, 1, 0, "runs"), job(queue, 1, 0, "123456")));
    assertThat(slots.bytesToClaim()).isEqualTo(4);
    assertThat(slots.room(queue)).isEqualTo(39);
    slots.accept(queue, List.of(job(queue, 1, 0, "1234")));
    assertThat(slots.bytesToClaim()).isEqualTo(1);
    assertThat(slots.room(queue)).isLessThanOrEqualTo(0);
  }

  @Test
  @DisplayName("W24 without a thread for a handler its job waits, or goes back, and is not lost")
  void noThread() {
    ExecutorService threads =
        new ThreadPoolExecutor(
            0,
            2,
            1,
            TimeUnit.MINUTES,
            new SynchronousQueue<>(),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    Slots slots = slots(2, 1_000, Limits.DEFAULT_CLAIM_BYTES, threads);
    PolledQueue queue = queue("q", 2);
    HeldJob patient = job(queue, 1, 0);
    HeldJob again = job(queue, 2, 0);
    assertThat(slots.accept(queue, List.of(patient, again))).containsExactly(again);
    assertThat(slots.running()).isEmpty();
    assertThat(slots.room(queue)).as("or the job would be claimed again at once").isZero();
    now.addAndGet(100 * MILLI);
    assertThat(slots.room(queue)).as("one slot, beside the job that waits").isEqualTo(1);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(slots.stranded()).containsExactly(patient);
  }

  @Test
  @DisplayName("W23 a queue with a limit takes no more slots than that, and leaves the others")
  void limit() throws Exception {
    Slots slots = slots(4, 0);
    PolledQueue limited = queue("limited", 2);
    PolledQueue other = queue("other", 4);
    assertThat(slots.room(limited)).isEqualTo(2);
    slots.accept(limited, fresh(limited, 3));
    started.take();
    started.take();
    assertThat(slots.running()).hasSize(2);
    assertThat(slots.waiting()).as("one was more than there was room for").isEqualTo(1);
    assertThat(slots.room(limited)).isZero();
    assertThat(slots.room(other)).isEqualTo(1);
    slots.accept(other, fresh(other, 2));
    started.take();
    started.take();
    assertThat(slots.running()).hasSize(4);
    ends.take().countDown();
    assertThat(started.take().lease().queue()).isEqualTo("limited");
  }

  @Test
  @DisplayName(
      "W06 the short jobs of another queue do not keep a queue of long ones from its slots")
  void longBesideShort() throws Exception {
    Slots slots = slots(2, 1_000);
    PolledQueue quick = queue("quick", 2);
    PolledQueue slow = queue("slow", 2);
    slots.tripTook(10 * MILLI);
    runSome(slots, quick, 5, MILLI);
    runSome(slots, slow, 5, 3_000 * MILLI);
    slots.accept(quick, fresh(quick, slots.room(quick)));
    assertThat(slots.room(quick)).isZero();
    assertThat(slots.room(slow)).isEqualTo(2);
  }
}
