package dev.lease.worker;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.lease.Backend;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.StoreException;
import dev.lease.worker.Hang.Call;
import dev.lease.worker.Hang.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * One cell of the matrix of hangs: a worker of two queues, on a store whose calls of one kind hang
 * for queue A. Twice: once until A goes on after the fault, and once with a stop in the middle.
 */
final class HangCell {

  /** How long a cell waits for what has to come; it only ends one that is broken. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Opens one whose calls hang for shares of a lease. */
  interface NewGround {
    Ground open(Duration lease) throws Exception;
  }

  /** A store with a way to make it hang. */
  interface Ground extends AutoCloseable {
    /** What the worker has. */
    Backend backend();

    /** What the test has, whose calls do not hang. */
    Backend plain();

    Hang hang();

    @Override
    void close();
  }

  // On a cluster, these two are on different nodes.
  static final JobType<String> A = JobType.of("apple", "text", String.class).withMaxCrashes(1_000);
  static final JobType<String> B = JobType.of("beta", "text", String.class).withMaxCrashes(1_000);

  /** Of B during the fault. */
  private static final int CHAIN = 100;

  private static final int SLOTS = 6;
  private static final RetryPolicy SOON =
      RetryPolicy.exponential(Duration.ofMillis(10), Duration.ofMillis(100));

  private final NewGround newGround;
  private final Duration lease;
  private final HangResult result;

  HangCell(NewGround newGround, Duration lease, HangResult result) {
    this.newGround = newGround;
    this.lease = lease;
    this.result = result;
  }

  /** Until A goes on after the fault. */
  void goesOn() throws Exception {
    try (Ground ground = newGround.open(lease)) {
      new Run(ground, "goes-on").untilAGoesOn();
    }
  }

  /** A stop during the fault. */
  void stops() throws Exception {
    try (Ground ground = newGround.open(lease)) {
      new Run(ground, "stop").withStop();
    }
  }

  /** A fault of all queues, which go on by themselves. */
  void goOn() throws Exception {
    try (Ground ground = newGround.open(lease)) {
      new Run(ground, "whole").whole();
    }
  }

  /** The seam to the worker. */
  static Worker.Builder builder(Backend backend) {
    return Worker.builder(backend);
  }

  static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }

  /** Whether it comes true in time. */
  static boolean comes(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      NANOSECONDS.sleep(10_000_000);
    }
    return true;
  }

  /** One life of a worker. */
  private final class Run {
    private final Backend plain;
    private final Hang hang;
    private final JobClient client;
    private final JobClient hinting;
    private final JobClient producer;
    private final Worker worker;
    private final String name;

    private final CountDownLatch endOfLong = new CountDownLatch(1);
    private final CountDownLatch endOfLater = new CountDownLatch(1);
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Map<String, List<Integer>> attempts = new ConcurrentHashMap<>();
    private final AtomicInteger lostByB = new AtomicInteger();
    private final AtomicInteger ticks = new AtomicInteger();
    private final List<String> ofA = new CopyOnWriteArrayList<>();
    private final List<String> ofB = new ArrayList<>();

    Run(Ground ground, String name) {
      this.plain = ground.plain();
      this.hang = ground.hang();
      this.name = (result + " " + name).replaceAll("[ ,]+", "-");
      client = JobClient.of(plain);
      hinting = JobClient.builder(plain).finishHints().build();
      producer = JobClient.of(ground.backend());
      Worker.Builder builder =
          builder(ground.backend())
              .config(config())
              .handle(A, this::handle, SOON)
              .handle(B, this::handle, SOON)
              .listen(
                  new WorkerListener() {
                    @Override
                    public void attemptEnded(JobEvent job) {
                      if (job.end() == JobEvent.End.LOST && job.queue().equals(B.queue())) {
                        lostByB.incrementAndGet();
                      }
                    }
                  });
      if (result.call == Call.ENQUEUE) {
        builder.schedule(Schedule.every("tick", A, "tick", lease.dividedBy(20)));
      }
      worker = builder.build();
    }

    private WorkerConfig config() {
      WorkerConfig.Builder config =
          WorkerConfig.builder()
              .name(name)
              .concurrency(2 * SLOTS)
              .queue(A.queue(), QueueShare.DEFAULT.withSlots(SLOTS))
              .queue(B.queue(), QueueShare.DEFAULT.withSlots(SLOTS))
              .leaseDuration(lease)
              .pollInterval(Duration.ofMillis(100))
              .maxBackoff(Duration.ofMillis(200))
              .stopGrace(lease);
      return (result.call == Call.COUNTS ? config.maxDueTime(Duration.ofHours(1)) : config).build();
    }

    private void handle(String payload, JobContext context) throws Exception {
      attempts
          .computeIfAbsent(
              context.queue() + " " + context.jobId(), id -> new CopyOnWriteArrayList<>())
          .add(context.attempt());
      switch (payload) {
        case "long" -> {
          running.add(context.jobId());
          endOfLong.await();
        }
        case "step" -> context.step("step", String.class, () -> "kept");
        case "progress" -> context.progress(50, "half");
        case "chain" -> {
          int next = Integer.parseInt(context.jobId()) + 1;
          if (next % (CHAIN / 2) != 0) {
            producer.enqueue(producer.job(B, Integer.toString(next), "chain").build());
          }
        }
        case "later" -> endOfLater.await();
        case "tick" -> ticks.incrementAndGet();
        default -> {}
      }
    }

    /** As soon as the store takes them: where a server hangs, the test's own calls may fail. */
    private void enqueue(JobType<String> type, String payload, int count, String prefix)
        throws Exception {
      boolean enqueued =
          comes(
              () -> {
                try {
                  enqueueNow(type, payload, count, prefix);
                  return true;
                } catch (StoreException e) {
                  return false;
                }
              });
      result.check(enqueued, prefix + " could not be enqueued");
    }

    private void enqueueNow(JobType<String> type, String payload, int count, String prefix) {
      List<String> ids = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
      JobClient through = result.call == Call.HINT && type == A ? hinting : client;
      through.enqueue(ids.stream().map(id -> through.job(type, id, payload).build()).toList());
      (type == A ? ofA : ofB).addAll(ids);
    }

    /** What makes the worker call what hangs. */
    private String workOfA() {
      return switch (result.call) {
        case PROGRESS -> "progress";
        case CHECKPOINT, CHECKPOINTS -> "step";
        default -> "quick";
      };
    }

    private void begin(int longOfB) throws Exception {
      start(longOfB);
      hang.begin(result.call, A.queue(), result.fault);
      inBackground(() -> enqueueNow(A, workOfA(), 2 * SLOTS, "during"));
      if (result.call != Call.FIND) {
        ofA.add("deleted");
      } else {
        plain.jobAdmin().delete(A.queue(), "deleted");
      }
      if (result.call == Call.ENQUEUE) {
        inBackground(() -> producer.enqueue(producer.job(A, "produced", "quick").build()));
      }
    }

    private void start(int longOfB) throws Exception {
      worker.start();
      enqueue(A, "long", 2, "long-a");
      enqueue(B, "long", longOfB, "long-b");
      enqueue(A, workOfA(), 2, "before");
      // The job that the operator deletes, for a worker that wants to know what became of it.
      client.enqueue(client.job(A, "deleted", "long").build());
      result.check(
          comes(() -> running.size() == 3 + longOfB && done(A, List.of("before0", "before1"))),
          "the worker did not begin");
    }

    private void inBackground(Runnable task) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  task.run();
                } catch (RuntimeException e) {
                  // The calls hang, perhaps until the test is over.
                }
              },
              "test-background");
      thread.setDaemon(true);
      thread.start();
    }

    void untilAGoesOn() throws Exception {
      try {
        begin(1);
        var signs = new Signs();
        Instant began = awaitCaught();
        long fault = System.nanoTime();
        int atFirst = chain(0, signs);
        result.rate = atFirst / seconds(fault);
        hang.othersAreThrough();

        // Longer than a lease, so that B's long job is kept by extensions.
        Instant end = began.plus(lease.multipliedBy(3).dividedBy(2));
        comes(() -> signs.look() && jobOf(B, "long-b0").asOf().isAfter(end));
        result.done = atFirst + chain(CHAIN / 2, signs);
        result.jobs = CHAIN;
        result.check(result.done == CHAIN, "B settled " + result.done + " of " + CHAIN);
        if (isNamed()) {
          result.check(
              hang.caught() == 0
                  || comes(() -> signs.look() && (signs.named || settlesOtherwise())),
              "health does not name A: " + worker.health());
        }
        result.check(signs.live, "not live");
        result.health = signs.first;
        result.hung = hang.caught();

        hang.end();
        long ended = System.nanoTime();
        endOfLong.countDown();
        enqueue(A, workOfA(), SLOTS, "after");
        boolean goesOn = comes(() -> notDone(A, ofA).size() <= lostHandlers());
        result.goesOnAfter = goesOn ? seconds(ended) : Double.NaN;
        result.check(goesOn, "A does not go on: not done " + notDone(A, ofA));
        if (result.call == Call.EXTEND) {
          keepsALater();
        } else if (result.call == Call.ENQUEUE && hang.lost() == 0) {
          int now = ticks.get();
          result.check(comes(() -> ticks.get() > now + 2), "the schedule of A does not go on");
        }
        result.check(comes(() -> done(B, ofB)), "lost of B: " + notDone(B, ofB));

        result.lost = lostByB.get();
        result.check(result.lost == 0, "B lost " + result.lost);
        checkAttempts();
        attempts.forEach(
            (job, begun) ->
                result.check(
                    !job.startsWith(B.queue()) || begun.size() == 1, job + " ran as " + begun));
      } finally {
        close();
      }
    }

    /** A lease of A is kept again, once extensions no longer wait because some hung [W29]. */
    private void keepsALater() throws Exception {
      enqueue(A, "later", 1, "later");
      result.check(comes(this::isLaterKept), "leases of A are lost after the fault");
      endOfLater.countDown();
      result.check(comes(() -> done(A, List.of("later0"))), "lost of A: later0");
      // One that began before the last extension was given up may be lost, and no other.
      result.check(jobOf(A, "later0").attempts() <= 2, "leases of A are lost again and again");
    }

    private boolean isLaterKept() throws Exception {
      Job begun = jobOf(A, "later0");
      Instant end = begun.asOf().plus(lease.multipliedBy(3).dividedBy(2));
      return begun.state() == JobState.PROCESSING
          && comes(() -> jobOf(A, "later0").asOf().isAfter(end))
          && jobOf(A, "later0").token() == begun.token();
    }

    /** Waits for a call that hangs, if there is one; the time when it began to. */
    private Instant awaitCaught() throws Exception {
      Instant began = jobOf(B, "long-b0").asOf();
      Instant end = began.plus(lease.dividedBy(2));
      comes(() -> hang.caught() > 0 || jobOf(B, "long-b0").asOf().isAfter(end));
      return began;
    }

    /** Jobs of B, one after the other; how many were settled. */
    private int chain(int first, Signs signs) throws Exception {
      List<String> ids =
          IntStream.range(first, first + CHAIN / 2).mapToObj(Integer::toString).toList();
      client.enqueue(client.job(B, ids.get(0), "chain").build());
      ofB.addAll(ids);
      comes(() -> signs.look() && done(B, ids));
      return ids.size() - notDone(B, ids).size();
    }

    /** All queues hang, and go on by themselves. */
    void whole() throws Exception {
      try {
        start(1);
        ofA.add("deleted");
        var signs = new Signs();
        client.enqueue(client.job(B, "0", "chain").build());
        IntStream.range(0, CHAIN / 2).mapToObj(Integer::toString).forEach(ofB::add);
        hang.begin(result.call, A.queue(), result.fault);
        long fault = System.nanoTime();
        result.check(comes(() -> signs.look() && !signs.first.isEmpty()), "health does not tell");
        comes(() -> signs.look() && System.nanoTime() - fault > lease.toNanos() * 3 / 2);
        result.health = signs.first;
        result.hung = 1;
        hang.end();
        long ended = System.nanoTime();
        endOfLong.countDown();
        boolean goesOn = comes(() -> done(A, ofA) && done(B, ofB));
        result.goesOnAfter = goesOn ? seconds(ended) : Double.NaN;
        result.check(goesOn, "lost: " + notDone(A, ofA) + notDone(B, ofB));
        result.check(signs.live, "not live");
        result.lost = lostByB.get();
        checkAttempts();
      } finally {
        close();
      }
    }

    private void checkAttempts() {
      attempts.forEach(
          (job, begun) ->
              result.check(
                  begun.stream().distinct().count() == begun.size(),
                  job + " ran twice in an attempt: " + begun));
    }

    void withStop() throws Exception {
      try {
        begin(SLOTS);
        awaitCaught();
        endOfLong.countDown();
        long began = System.nanoTime();
        worker.stop();
        result.stop = seconds(began);
        result.left = notDone(B, ofB).size();
        result.check(result.left == 0, "a stop left unsettled " + notDone(B, ofB));
      } finally {
        close();
      }
    }

    /** Whether health has to name the queue: the worker itself makes the call, and it has one. */
    private boolean isNamed() {
      return (result.fault == Fault.NEVER
              || result.fault == Fault.LONG
              || result.fault == Fault.LATE
              || result.fault == Fault.FAIL)
          && result.call != Call.ENQUEUE
          && !result.call.isOfNoQueue();
    }

    /** How many handlers of A are in a step that never returns. */
    private int lostHandlers() {
      return result.call == Call.CHECKPOINT || result.call == Call.CHECKPOINTS ? hang.lost() : 0;
    }

    /** Whether the worker has found another call that does the same, so that nothing is wrong. */
    private boolean settlesOtherwise() {
      return result.call == Call.SETTLE_AND_CLAIM
          && ofA.contains("during0")
          && notDone(A, ofA).stream().noneMatch(id -> id.startsWith("during"));
    }

    private Job jobOf(JobType<String> type, String id) {
      return plain.jobQueue().find(type.queue(), id).orElseThrow();
    }

    private boolean done(JobType<String> type, List<String> ids) {
      return notDone(type, ids).isEmpty();
    }

    private List<String> notDone(JobType<String> type, List<String> ids) {
      return ids.stream()
          .filter(
              id ->
                  plain
                      .jobQueue()
                      .find(type.queue(), id)
                      .filter(job -> job.state() == JobState.DONE)
                      .isEmpty())
          .toList();
    }

    private void close() throws Exception {
      endOfLong.countDown();
      endOfLater.countDown();
      hang.end();
      hang.close();
      worker.close();
      String prefix = "lease-worker-" + name + "-";
      result.check(
          comes(
              () ->
                  Thread.getAllStackTraces().keySet().stream()
                      .noneMatch(thread -> thread.getName().startsWith(prefix))),
          "threads are left");
    }

    /** What health says during the fault. */
    private final class Signs {
      private final long since = System.nanoTime();
      String first = "";
      boolean named;
      boolean live = true;

      boolean look() {
        WorkerHealth health = worker.health();
        live &= health.isLive();
        named |= health.reasons().stream().anyMatch(reason -> reason.contains(A.queue()));
        if (first.isEmpty() && health.status() != WorkerHealth.Status.UP) {
          first = "%s at %.1f s".formatted(health.status(), seconds(since));
        }
        return true;
      }
    }
  }
}
